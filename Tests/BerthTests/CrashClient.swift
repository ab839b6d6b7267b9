import Foundation
import ImageBuilder
import OCI
import PlainHTTP
import SeededRandom

/// A client of a registry that is killed under its hands: it remembers what it was told, and what it was about to be told,
/// and holds the registry to it afterwards.
///
/// Its manifests are its own, its layers everybody's.
struct CrashClient: Sendable {
    struct Place: Hashable, Sendable {
        var repository: String
        var tag: String
    }

    /// What a tag points at, as the number of an image; nil when there is no such tag.
    typealias Target = Int?

    private let images: [SampleImage]
    private let places: [Place]
    private var dice: SeededGenerator
    /// What was acknowledged.
    private(set) var known: [Place: Target] = [:]
    /// Where a request had no answer: it may have been carried out or not.
    private var doubtful: [Place: Target] = [:]
    /// Manifests that were acknowledged as deleted and not pushed since.
    private var deleted: Set<Place> = []
    /// What the registry has done that it must not.
    private(set) var complaints: [String] = []
    private(set) var requests = 0

    init(number: Int, seed: UInt64) throws {
        dice = SeededGenerator(seed: seed)
        images = try (0..<8).map { variant in
            // From a few bytes to more than a connection's buffers hold.
            let layers = (0..<5).filter { variant & (1 << ($0 % 3)) != 0 }.map {
                SampleImage.noise([40, 700, 9_000, 60_000, 300_000][$0], seed: UInt64($0))
            }
            return try SampleImage(layers: layers, architecture: "client\(number)-\(variant)")
        }
        places = ["app", "app/base", "tools"].flatMap { name in
            (0..<3).map { Place(repository: name, tag: "client\(number)-\($0)") }
        }
    }

    // MARK: After a start

    /// Looks whether everything is there that was acknowledged, and nothing that was deleted; takes note of what became of
    /// the requests that had no answer.
    mutating func verify(_ client: PlainClient) {
        do {
            for place in places {
                let target = try found(at: place, client)
                let isAllowed = target == known[place] ?? nil || doubtful[place] == .some(target)
                if !isAllowed { complain("\(place) points at \(target.map(String.init) ?? "nothing")") }
                known[place] = target
            }
            doubtful = [:]
            for place in deleted {
                let answer = try call(client, "GET", "\(place.repository)/manifests/\(place.tag)")
                if answer.status != 404 { complain("\(place) was deleted and is back: \(answer.status)") }
            }
        } catch {
            complain("no answer after a start: \(error)")
        }
    }

    /// The image behind a tag, read whole and compared byte for byte.
    private mutating func found(at place: Place, _ client: PlainClient) throws(PlainClient.Broken) -> Target {
        let answer = try call(client, "GET", "\(place.repository)/manifests/\(place.tag)")
        if answer.status == 404 { return nil }
        guard answer.status == 200, let number = images.firstIndex(where: { $0.manifest.bytes == answer.body }) else {
            complain("\(place): \(answer.status), \(answer.body.count) bytes that nobody pushed")
            return nil
        }
        for blob in images[number].blobs {
            let answer = try call(client, "GET", "\(place.repository)/blobs/\(blob.digest)")
            if answer.body != blob.bytes {
                complain("\(place) needs \(blob.digest): \(answer.status), \(answer.body.count) bytes")
            }
        }
        return number
    }

    // MARK: At work

    /// Does this and that until the registry answers no more.
    mutating func work(_ client: PlainClient) {
        do {
            while true {
                guard let place = places.randomElement(using: &dice) else { return }
                switch Int.random(in: 0..<10, using: &dice) {
                case 0...4: try push(Int.random(in: 0..<images.count, using: &dice), to: place, client)
                case 5, 6: try deleteTag(place, client)
                case 7: try deleteManifest(behind: place, client)
                default:
                    let target = try found(at: place, client)
                    if target != known[place] ?? nil { complain("\(place) has changed by itself") }
                }
            }
        } catch {}
    }

    /// Pushes as clients do: asks for each blob, sends what is missing, then the manifest; begins again when a sweep was
    /// faster than the manifest.
    private mutating func push(_ number: Int, to place: Place, _ client: PlainClient) throws(PlainClient.Broken) {
        let image = images[number]
        deleted.remove(Place(repository: place.repository, tag: "\(image.manifest.digest)"))
        for _ in 0..<3 {
            for blob in image.blobs {
                if try call(client, "HEAD", "\(place.repository)/blobs/\(blob.digest)").status == 200 { continue }
                try upload(blob, to: place.repository, client)
            }
            doubtful[place] = .some(number)
            let answer = try call(
                client, "PUT", "\(place.repository)/manifests/\(place.tag)",
                ["Content-Type": image.manifest.mediaType.text], body: image.manifest.bytes)
            doubtful[place] = nil
            if answer.status == 201 {
                known[place] = number
                return
            }
            guard answer.status == 400 || answer.status == 404, answer.text.contains("MANIFEST_BLOB_UNKNOWN") else {
                return complain("push of \(place): \(answer.status) \(answer.text)")
            }
        }
    }

    private mutating func upload(
        _ blob: SampleImage.Blob, to repository: String, _ client: PlainClient
    ) throws(PlainClient.Broken) {
        var answer: PlainClient.Answer
        if Bool.random(using: &dice) {
            answer = try call(client, "POST", "\(repository)/blobs/uploads/?digest=\(blob.digest)", body: blob.bytes)
        } else {
            answer = try call(client, "POST", "\(repository)/blobs/uploads/")
            let half = blob.bytes.count / 2
            for (method, part) in [("PATCH", blob.bytes[..<half]), ("PUT", blob.bytes[half...])] {
                guard let location = answer.location else { return complain("upload: \(answer.status) \(answer.text)") }
                let target = location.dropFirst("/v2/".count) + (method == "PUT" ? "&digest=\(blob.digest)" : "")
                answer = try call(client, method, String(target), body: Array(part))
            }
        }
        if answer.status != 201 { complain("upload of \(blob.digest): \(answer.status) \(answer.text)") }
    }

    private mutating func deleteTag(_ place: Place, _ client: PlainClient) throws(PlainClient.Broken) {
        doubtful[place] = .some(nil)
        let answer = try call(client, "DELETE", "\(place.repository)/manifests/\(place.tag)")
        doubtful[place] = nil
        let status = known[place] ?? nil == nil ? 404 : 202
        if answer.status != status { complain("deletion of \(place): \(answer.status) \(answer.text)") }
        known[place] = .some(nil)
    }

    /// Takes every tag of the repository with it that points at the same manifest.
    private mutating func deleteManifest(behind place: Place, _ client: PlainClient) throws(PlainClient.Broken) {
        guard let number = known[place] ?? nil else { return }
        let same = places.filter { $0.repository == place.repository && known[$0] == .some(number) }
        for other in same { doubtful[other] = .some(nil) }
        let digest = "\(images[number].manifest.digest)"
        let answer = try call(client, "DELETE", "\(place.repository)/manifests/\(digest)")
        for other in same {
            doubtful[other] = nil
            known[other] = .some(nil)
        }
        if answer.status == 202 {
            deleted.insert(Place(repository: place.repository, tag: digest))
        } else {
            complain("deletion of \(digest) in \(place.repository): \(answer.status) \(answer.text)")
        }
    }

    private mutating func call(
        _ client: PlainClient, _ method: String, _ target: String, _ headers: [String: String] = [:], body: [UInt8] = []
    ) throws(PlainClient.Broken) -> PlainClient.Answer {
        requests += 1
        let answer = try client(method, "/v2/\(target)", headers, body: body)
        if answer.status >= 500 { complain("\(method) \(target): \(answer.status) \(answer.text)") }
        return answer
    }

    private mutating func complain(_ text: String) { complaints.append(text) }
}
