import Foundation
import OCI
import PlainHTTP

/// What a registry says when it is asked for everything that a data directory holds or has held: a value, so that what two
/// registries say of the same directory can be compared.
struct RegistryAnswers: Equatable {
    enum Answer: Equatable {
        /// - Parameter bytes: of the body; nil for HEAD.
        case content(type: String, digest: String, length: Int, bytes: [UInt8]?)
        /// A list, whatever its order; distribution 2.8 gives that of the directory, and null for an empty one.
        case names(Set<String>)
        /// - Parameter code: nil for HEAD.
        case refused(status: Int, code: String?)
    }

    /// By method and path.
    private(set) var answers: [String: Answer] = [:]

    private static let catalog = "GET /v2/_catalog?n=1000"

    var count: Int { answers.count }

    /// Says where two registries differ, a few of all places; nil when they say the same.
    func difference(from other: RegistryAnswers) -> String? {
        let places = Set(answers.keys).union(other.answers.keys).filter { answers[$0] != other.answers[$0] }.sorted()
        guard !places.isEmpty else { return nil }
        func text(_ answer: Answer?) -> String { answer.map { String("\($0)".prefix(300)) } ?? "not asked" }
        return "\(places.count) answers differ:\n"
            + places.prefix(5).map { "\($0)\n  \(text(answers[$0]))\n  \(text(other.answers[$0]))" }
            .joined(separator: "\n")
    }
}

extension RegistryAnswers {
    /// What must be said of a tree.
    init(of model: TreeModel) {
        let held = model.repositories.filter { !$0.value.holdsNothing }
        answers[Self.catalog] = .names(Set(held.keys.map(\.text)))
        for (name, repository) in model.repositories {
            // Of a repository without any tag distribution says that it does not exist, by whether a directory is there.
            if !repository.tags.isEmpty {
                answers["GET /v2/\(name)/tags/list"] = .names(Set(repository.tags.keys.map(\.text)))
            }
            for (tag, digest) in repository.tags {
                guard let manifest = repository.manifests[digest] else { continue }
                add("\(name)/manifests/\(tag)", manifest)
            }
            for tag in repository.deletedTags { refuse("\(name)/manifests/\(tag)", "MANIFEST_UNKNOWN") }
            for (digest, manifest) in repository.manifests { add("\(name)/manifests/\(digest)", manifest) }
            for digest in repository.deletedManifests.keys {
                refuse("\(name)/manifests/\(digest)", "MANIFEST_UNKNOWN")
            }
            let blobs = model.blobs(of: name)
            for digest in blobs {
                let bytes = model.stored[digest] ?? []
                answers["GET /v2/\(name)/blobs/\(digest)"] = .content(
                    type: "application/octet-stream", digest: digest.description, length: bytes.count, bytes: bytes)
            }
            // Some that others hold, and what was held here.
            let foreign = model.stored.keys.sorted().prefix(20)
            for digest in repository.links.union(repository.deletedBlobs).union(foreign).subtracting(blobs) {
                refuse("\(name)/blobs/\(digest)", "BLOB_UNKNOWN")
            }
        }
    }

    /// HEAD too; of blobs GET says all of it, and they are most of the places.
    private mutating func add(_ path: String, _ manifest: Manifest) {
        for (method, body) in [("GET", manifest.bytes), ("HEAD", nil)] {
            answers["\(method) /v2/\(path)"] = .content(
                type: manifest.mediaType.text, digest: manifest.digest.description, length: manifest.bytes.count,
                bytes: body)
        }
    }

    private mutating func refuse(_ path: String, _ code: String) {
        answers["GET /v2/\(path)"] = .refused(status: 404, code: code)
        answers["HEAD /v2/\(path)"] = .refused(status: 404, code: nil)
    }
}

extension RegistryAnswers {
    /// Connections that ask at the same time.
    private static let connections = 4

    /// Asks a registry for all that a model knows of.
    init(of registry: RegistryProcess, about model: TreeModel) async throws {
        let places = Self(of: model).answers.keys.sorted()
        let address = registry.address
        answers = try await withThrowingTaskGroup(of: [String: Answer].self) { group in
            for first in 0..<Self.connections {
                let part = stride(from: first, to: places.count, by: Self.connections).map { places[$0] }
                group.addTask { try Self.ask(part, at: address) }
            }
            return try await group.reduce(into: [:]) { $0.merge($1) { $1 } }
        }
        // Distribution goes on naming a repository that was swept to the last file.
        if case .names(let names)? = answers[Self.catalog] {
            let emptied = model.repositories.filter { $0.value.holdsNothing }.keys.map(\.text)
            answers[Self.catalog] = .names(names.subtracting(emptied))
        }
    }

    private static func ask(_ places: [String], at address: String) throws -> [String: Answer] {
        let client = try PlainClient(address: address)
        let types: [MediaType] = [.ociManifest, .ociIndex, .dockerManifest, .dockerList]
        let accept = ["Accept": types.map(\.text).joined(separator: ", ")]
        var answers: [String: Answer] = [:]
        for place in places {
            let words = place.split(separator: " ")
            let answer = try client(String(words[0]), String(words[1]), accept)
            answers[place] = Self.answer(answer, isHead: words[0] == "HEAD")
        }
        return answers
    }

    private struct List: Decodable {
        var repositories: [String]?
        var tags: [String]?
    }

    private struct Errors: Decodable {
        struct Entry: Decodable {
            var code: String
        }

        var errors: [Entry]
    }

    private static func answer(_ answer: PlainClient.Answer, isHead: Bool) -> Answer {
        guard answer.status == 200 else {
            let errors = try? JSONDecoder().decode(Errors.self, from: Data(answer.body))
            return .refused(status: answer.status, code: errors?.errors.first?.code)
        }
        if let digest = answer.headers["docker-content-digest"] {
            let length = answer.headers["content-length"].flatMap { Int($0) } ?? -1
            return .content(
                type: answer.headers["content-type"] ?? "", digest: digest, length: length,
                bytes: isHead ? nil : answer.body)
        }
        let list = try? JSONDecoder().decode(List.self, from: Data(answer.body))
        return .names(Set(list?.repositories ?? list?.tags ?? []))
    }
}
