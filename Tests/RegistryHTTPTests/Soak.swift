import Foundation
import ImageBuilder
import NIOCore
import OCI
import RegistryCore
import SeededRandom
import Synchronization
import Testing

/// What all clients of a soak share: what they push, and what they leave behind.
final class Soak: Sendable {
    struct Tally: Sendable {
        var requests = 0
        var cut = 0
        /// Answers of the server's own failing, and what a client could not explain.
        var failures: [String] = []
        /// Upload sessions that a client opened and neither finished nor ended.
        var sessions: Set<String> = []
    }

    let harbour: Harbour
    /// A few repositories and contents, so that clients meet each other.
    let repositories = (0..<4).map { "soak/r\($0)" }
    let blobs: [SampleImage.Blob]
    let images: [SampleImage]
    private let remaining: Atomic<Int>
    private let tally = Mutex(Tally())

    init(_ harbour: Harbour, requests: Int) throws {
        self.harbour = harbour
        remaining = Atomic(requests)
        images = try (0..<6).map { number in
            try SampleImage(layers: [SampleImage.noise(200 + number * 7000, seed: UInt64(number))])
        }
        blobs = images.flatMap(\.blobs) + [SampleImage.Blob(SampleImage.noise(400_000, seed: 99))]
    }

    /// False when all requests were given out.
    func take() -> Bool { remaining.wrappingSubtract(1, ordering: .relaxed).oldValue > 0 }

    func record(_ change: (inout Tally) -> Void) { tally.withLock { change(&$0) } }

    var result: Tally { tally.withLock { $0 } }
}

/// One client: asks at random, and now and then goes away in the middle of a body.
struct SoakClient {
    let soak: Soak
    let isHTTP2: Bool
    var random: SeededGenerator
    private var http1: WireClient?
    private var http2: StreamClient?

    init(_ soak: Soak, isHTTP2: Bool, seed: UInt64) {
        (self.soak, self.isHTTP2) = (soak, isHTTP2)
        random = SeededGenerator(seed: seed)
    }

    mutating func run() async {
        while soak.take() {
            soak.record { $0.requests += 1 }
            do {
                if Int.random(in: 0..<100, using: &random) == 0 { try await cutShort() } else { try await ask() }
            } catch {
                soak.record { $0.failures.append("\(error)") }
                await hangUp()
            }
        }
        await hangUp()
    }

    private mutating func ask() async throws {
        let name = soak.repositories.randomElement(using: &random) ?? ""
        let image = soak.images[Int.random(in: 0..<soak.images.count, using: &random)]
        let blob = soak.blobs[Int.random(in: 0..<soak.blobs.count, using: &random)]
        let tag = "t\(Int.random(in: 0..<8, using: &random))"
        switch Int.random(in: 0..<40, using: &random) {
        case 0..<9: try await send("GET", "/v2/\(name)/manifests/\(tag)")
        case 9..<13: try await send("HEAD", "/v2/\(name)/blobs/\(blob.digest)")
        case 13..<18: try await send("GET", "/v2/\(name)/blobs/\(blob.digest)")
        case 18..<20:
            try await send("GET", "/v2/\(name)/blobs/\(blob.digest)", [("Range", "bytes=0-9, 50-99, -10")])
        case 20: try await send("GET", "/v2/\(name)/tags/list?n=3")
        case 21: try await send("GET", "/v2/_catalog?n=2")
        case 22: try await send("GET", "/v2/\(name)/referrers/\(image.manifest.digest)")
        case 23: try await send("DELETE", "/v2/\(name)/manifests/\(tag)")
        // Where nobody has the blob it is a session that is opened, and left.
        case 24: _ = try await open(name, "?mount=\(blob.digest)")
        case 25: try await send("GET", "/v2/\(name)/nonsense")
        case 26..<32: try await send("PUT", "/v2/\(name)/manifests/\(tag)", body: image.manifest.bytes)
        case 32..<36:
            try await send("POST", "/v2/\(name)/blobs/uploads/?digest=\(blob.digest)", body: blob.bytes)
        default: try await upload(blob, to: name)
        }
    }

    /// In chunks; one in four is given up and ended as it should be.
    private mutating func upload(_ blob: SampleImage.Blob, to name: String) async throws {
        guard let location = try await open(name) else { return }
        let half = blob.bytes.count / 2
        let first = try await send("PATCH", location.target, body: Array(blob.bytes[..<half]))
        guard let next = first.location else { return }
        if Int.random(in: 0..<4, using: &random) == 0 {
            if try await send("DELETE", next).status == 204 { soak.record { $0.sessions.remove(location.id) } }
        } else {
            let put = try await send("PUT", "\(next)&digest=\(blob.digest)", body: Array(blob.bytes[half...]))
            if put.status == 201 { soak.record { $0.sessions.remove(location.id) } }
        }
    }

    private mutating func open(_ name: String, _ query: String = "") async throws -> (target: String, id: String)? {
        let begun = try await send("POST", "/v2/\(name)/blobs/uploads/\(query)")
        guard let target = begun.location, let id = begun.header("docker-upload-uuid") else { return nil }
        soak.record { $0.sessions.insert("\(name)/\(id)") }
        return (target, "\(name)/\(id)")
    }

    /// Sends a part of a body, or reads a part of one, and is gone.
    private mutating func cutShort() async throws {
        soak.record { $0.cut += 1 }
        let name = soak.repositories.randomElement(using: &random) ?? ""
        guard let blob = soak.blobs.last else { return }
        let part = Array(blob.bytes[..<Int.random(in: 1..<blob.bytes.count, using: &random)])
        switch Int.random(in: 0..<4, using: &random) {
        case 0: try await leave("GET", "/v2/\(name)/blobs/\(blob.digest)", [], nil)
        case 1:
            guard let location = try await open(name) else { return }
            try await leave("PATCH", location.target, part, blob.bytes.count)
        case 2:
            guard let location = try await open(name) else { return }
            try await leave("PUT", "\(location.target)&digest=\(blob.digest)", part, blob.bytes.count)
        default: try await leave("POST", "/v2/\(name)/blobs/uploads/?digest=\(blob.digest)", part, blob.bytes.count)
        }
    }

    private mutating func leave(_ method: String, _ target: String, _ part: [UInt8], _ length: Int?) async throws {
        if isHTTP2 {
            let headers = length.map { [("content-length", "\($0)")] } ?? []
            let (stream, answer) = try await streams().begin(
                method, target, headers, body: length == nil ? nil : part, ends: length == nil)
            stream.close(promise: nil)
            _ = try? await answer.get()
        } else {
            let client = try await connection()
            // Not waited for, but for a part of the answer to what has no body.
            client.sendLater(Array(client.head(method, target, length: length).utf8) + part)
            if length == nil { _ = await client.receive() }
            await hangUp()
        }
    }

    @discardableResult
    private mutating func send(
        _ method: String, _ target: String, _ headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> WireAnswer {
        let answer =
            isHTTP2
            ? try await streams().exchange(method, target, headers, body: body)
            : try await connection().exchange(method, target, headers, body: body)
        if answer.status >= 500 || answer.status == 408 || answer.status == 429 {
            soak.record { $0.failures.append("\(method) \(target): \(answer.status) \(answer.text)") }
        }
        if answer.closes { await hangUp() }
        return answer
    }

    private mutating func connection() async throws -> WireClient {
        if let http1 { return http1 }
        let new = try await soak.harbour.connect()
        http1 = new
        return new
    }

    private mutating func streams() async throws -> StreamClient {
        if let http2 { return http2 }
        let new = try await StreamClient.connect(soak.harbour.address, tls: soak.harbour.isTLS)
        http2 = new
        return new
    }

    private mutating func hangUp() async {
        await http1?.close()
        await http2?.close()
        (http1, http2) = (nil, nil)
    }
}
