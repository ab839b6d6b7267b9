import Foundation
import OCI

/// Somebody who pushes and pulls: one of the clients of the field, as the registry sees it.
struct DemoClient: Sendable {
    /// The last number of its address.
    var host: UInt8
    var userAgent: String
    /// Bytes a second of its line.
    var rate: Int

    static let everybody = [
        DemoClient(
            host: 21, userAgent: "docker/27.3.1 go/go1.22.7 os/linux arch/amd64 UpstreamClient(Docker-Client/27.3.1)",
            rate: 3 << 20),
        DemoClient(host: 34, userAgent: "containerd/v1.7.24", rate: 5 << 20),
        DemoClient(host: 35, userAgent: "containerd/v1.7.24", rate: 2 << 20),
        DemoClient(host: 52, userAgent: "containers/5.34.0 (github.com/containers/image)", rate: 4 << 20),
    ]
    static let builder = DemoClient(host: 77, userAgent: "buildkit/v0.17", rate: 1 << 20)
    static let janitor = DemoClient(host: 77, userAgent: "regclient/regctl (v0.7.2)", rate: 1 << 20)

    /// A connection to the registry that serves at `port`.
    func connect(_ port: UInt16, _ isEnded: @escaping @Sendable () -> Bool) throws -> DemoConnection {
        try DemoConnection(port: port, from: host, userAgent: userAgent, isEnded: isEnded)
    }

    // MARK: Pushing

    /// Pushes what is missing of the image, then its manifest.
    func push(_ image: DemoImage, to name: String, tag: String, over connection: DemoConnection) async throws {
        for child in image.children {
            try await push(child, to: name, tag: child.manifest.digest.description, over: connection)
        }
        for part in image.parts {
            if try await connection("HEAD", "/v2/\(name)/blobs/\(part.digest)").status == 200 { continue }
            let begun = try await connection("POST", "/v2/\(name)/blobs/uploads/")
            guard begun.status == 202, let place = Self.target(begun) else { return }
            let sent = try await connection(
                "PATCH", place, [("Content-Type", "application/octet-stream")], body: part.bytes, rate: rate)
            guard sent.status == 202, let end = Self.target(sent) else { return }
            let mark = end.contains("?") ? "&" : "?"
            _ = try await connection("PUT", "\(end)\(mark)digest=\(part.digest)")
        }
        let manifest = image.manifest
        _ = try await connection(
            "PUT", "/v2/\(name)/manifests/\(tag)", [("Content-Type", manifest.mediaType.text)], body: manifest.bytes)
    }

    /// Path and query of `Location`.
    private static func target(_ answer: DemoConnection.Answer) -> String? {
        guard let location = answer.headers["location"], let scheme = location.firstRange(of: "://") else {
            return answer.headers["location"]
        }
        let rest = location[scheme.upperBound...]
        return rest.firstIndex(of: "/").map { String(rest[$0...]) }
    }

    // MARK: Pulling

    private static let accepted = [
        MediaType.ociIndex, .ociManifest, .dockerList, .dockerManifest,
    ].map(\.text).joined(separator: ", ")

    /// Pulls an image as its machine needs it: the manifest of one platform, then every part of that.
    func pull(_ reference: String, from name: String, over connection: DemoConnection) async throws {
        var answer = try await manifest(reference, name, connection)
        if answer.status == 200, let entry = Self.descriptors(answer, "manifests").first {
            answer = try await manifest(entry, name, connection)
        }
        guard answer.status == 200 else { return }
        for part in Self.descriptors(answer, "config") + Self.descriptors(answer, "layers") {
            _ = try await connection("GET", "/v2/\(name)/blobs/\(part)", rate: rate)
        }
    }

    private func manifest(
        _ reference: String, _ name: String, _ connection: DemoConnection
    ) async throws -> DemoConnection.Answer {
        try await connection("GET", "/v2/\(name)/manifests/\(reference)", [("Accept", Self.accepted)], keeps: true)
    }

    /// Digests of what a manifest lists under a key.
    private static func descriptors(_ answer: DemoConnection.Answer, _ key: String) -> [String] {
        let manifest = try? JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        let list = manifest?[key] as? [[String: Any]] ?? [manifest?[key] as? [String: Any]].compactMap { $0 }
        return list.compactMap { $0["digest"] as? String }
    }
}
