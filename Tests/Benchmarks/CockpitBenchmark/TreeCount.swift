import Foundation
import Glibc

/// What a tree holds, counted by hand: a list of its files by `find`, and the manifests that its tags name. It knows the layout
/// from its documentation and nothing else of the program; referrers and indexes, which these trees have none of, are left out.
struct TreeCount {
    struct Repository {
        /// The digest of each tag.
        var tags: [String: String] = [:]
        var manifests = 0
        /// Bytes of its blobs, and of those that no other repository has.
        var (bytes, bytesUnique) = (Int64(0), Int64(0))
        /// Of its blobs that no tag of another repository leads to.
        var bytesBack = Int64(0)
    }

    private struct Blob {
        var bytes: Int64 = 0
        /// The repositories that have it, by their place in ``names``.
        var owners: [Int] = []
        /// Those of which a tag leads to it.
        var reachers: [Int] = []
    }

    private(set) var repositories: [String: Repository] = [:]
    private var places: [String: Int] = [:]
    private var names: [String] = []
    private var blobs: [String: Blob] = [:]
    private let tree: String

    var tags: Int { repositories.values.reduce(0) { $0 + $1.tags.count } }
    var manifests: Int { repositories.values.reduce(0) { $0 + $1.manifests } }
    var blobCount: Int { blobs.count }
    var bytes: Int64 { blobs.values.reduce(0) { $0 + $1.bytes } }
    /// Of the blobs that no tag leads to.
    var bytesUnreached: Int64 { blobs.values.reduce(0) { $0 + ($1.reachers.isEmpty ? $1.bytes : 0) } }

    /// - Parameter data: a data directory, in which the list of its files is left, too.
    init(data: String) throws {
        tree = "\(data)/docker/registry/v2"
        let list = "\(data)/files.txt"
        let find = try RunningProgram(
            "/usr/bin/find", [tree, "-type", "f", "-printf", "%s %P\\n"], environment: ["PATH": "/usr/bin:/bin"],
            streams: ["/dev/null", list, "/dev/null"])
        guard find.waitForEnd() == 0 else { throw Absent(description: "the files of \(tree) could not be listed") }
        try readLines(list)
        for blob in blobs.values {
            for owner in blob.owners {
                repositories[names[owner], default: Repository()].bytes += blob.bytes
                if blob.owners.count == 1 { repositories[names[owner]]?.bytesUnique += blob.bytes }
            }
        }
        for (name, repository) in repositories {
            guard let place = places[name] else { continue }
            for digest in repository.tags.values {
                for part in try reach(digest) where blobs[part]?.reachers.contains(place) == false {
                    blobs[part]?.reachers.append(place)
                }
            }
        }
        for blob in blobs.values {
            for owner in blob.owners where blob.reachers.allSatisfy({ $0 == owner }) {
                repositories[names[owner]]?.bytesBack += blob.bytes
            }
        }
    }

    private mutating func readLines(_ path: String) throws {
        guard let file = fopen(path, "r") else { throw Absent(description: "\(path) cannot be read") }
        defer { fclose(file) }
        var (line, capacity): (UnsafeMutablePointer<CChar>?, Int) = (nil, 0)
        defer { free(line) }
        while getline(&line, &capacity, file) > 0 {
            let words = line.map { String(cString: $0).split(separator: " ") } ?? []
            guard words.count == 2, let bytes = Int64(words[0]) else { continue }
            try read(bytes, words[1].split(whereSeparator: { $0 == "/" || $0 == "\n" }))
        }
    }

    /// A file, by the parts of its path.
    private mutating func read(_ bytes: Int64, _ parts: [Substring]) throws {
        if parts.first == "blobs", parts.count == 5, parts[4] == "data" {
            blobs[String(parts[3]), default: Blob()].bytes = bytes
        }
        guard parts.first == "repositories", parts.last == "link",
            let mark = parts.firstIndex(where: { $0.first == "_" })
        else { return }
        let (name, below) = (parts[1..<mark].joined(separator: "/"), parts[mark...].map(String.init))
        if below.starts(with: ["_manifests", "tags"]), below[3] == "current" {
            let link = try String(contentsOfFile: "\(tree)/\(parts.joined(separator: "/"))", encoding: .utf8)
            repositories[name, default: Repository()].tags[below[2]] = String(link.dropFirst("sha256:".count))
        }
        let isManifest = below.starts(with: ["_manifests", "revisions"])
        guard isManifest || below[0] == "_layers" else { return }
        if isManifest { repositories[name, default: Repository()].manifests += 1 }
        let place = places[name] ?? names.count
        if place == names.count {
            names.append(name)
            places[name] = place
        }
        let digest = below[below.count - 2]
        if blobs[digest]?.owners.contains(place) != true { blobs[digest, default: Blob()].owners.append(place) }
    }

    /// A manifest with the blobs that it names.
    private func reach(_ digest: String) throws -> [String] {
        let bytes = try Data(contentsOf: URL(filePath: "\(tree)/blobs/sha256/\(digest.prefix(2))/\(digest)/data"))
        let object = try JSONSerialization.jsonObject(with: bytes) as? [String: Any] ?? [:]
        let parts = (object["layers"] as? [[String: Any]] ?? []) + [object["config"] as? [String: Any] ?? [:]]
        return [digest] + parts.compactMap { ($0["digest"] as? String).map { String($0.dropFirst("sha256:".count)) } }
    }

    /// Bytes of a manifest with the blobs that it names.
    func bytes(of digest: String) throws -> Int64 { try Set(reach(digest)).reduce(0) { $0 + (blobs[$1]?.bytes ?? 0) } }
}
