import Foundation
import Glibc
import OCI
import PlainHTTP
import SeededRandom
import Synchronization

/// Clients that push images, each over a connection and on a thread of its own: a layer, a config and a manifest with a tag,
/// all of them new, into repositories that are there.
final class Pushers: Sendable {
    private struct State {
        var running = 0
        var pushes = 0
        var failure: String?
    }

    private let state = Mutex(State())
    private let isOver = Atomic<Bool>(false)
    private let layerBytes: Int

    /// - Parameter layerBytes: of the one layer of an image.
    init(layerBytes: Int) { self.layerBytes = layerBytes }

    /// Begins to push.
    ///
    /// - Parameter perSecond: pushes of all clients together in a second; nil for as many as they can.
    func begin(clients: Int, to address: String, repositories: [String], perSecond: Double? = nil, seed: UInt64) {
        state.withLock { $0.running = clients }
        for client in 0..<clients {
            Thread.detachNewThread { [self] in
                var failure: String?
                do {
                    try push(
                        PlainClient(address: address), repositories, client: client,
                        period: perSecond.map { .seconds(Double(clients) / $0) }, seed: seed &+ UInt64(client))
                } catch { failure = "\(error)" }
                state.withLock { state in
                    state.running -= 1
                    state.failure = state.failure ?? failure
                }
            }
        }
    }

    /// Pushes that were answered so far.
    var pushes: Int { state.withLock { $0.pushes } }

    /// Has them end after what they are at, and waits until they have; `meanwhile` is done again and again.
    func end(_ meanwhile: () throws -> Void) throws -> Int {
        isOver.store(true, ordering: .releasing)
        while state.withLock({ $0.running }) > 0 { try meanwhile() }
        let (pushes, failure) = state.withLock { ($0.pushes, $0.failure) }
        if let failure { throw Absent(description: "a push failed: \(failure)") }
        return pushes
    }

    private func push(
        _ wire: PlainClient, _ repositories: [String], client: Int, period: Duration?, seed: UInt64
    ) throws {
        var random = SeededGenerator(seed: seed)
        var next = ContinuousClock.now
        var number = 0
        while !isOver.load(ordering: .acquiring) {
            let name = repositories[Int.random(in: 0..<repositories.count, using: &random)]
            try image(wire, name, "p\(client)-\(number % 50)", &random)
            number += 1
            state.withLock { $0.pushes += 1 }
            guard let period else { continue }
            next += period
            let left = milliseconds(next - .now)
            if left > 0 { usleep(useconds_t(left * 1000)) }
        }
    }

    private func image(_ wire: PlainClient, _ name: String, _ tag: String, _ random: inout SeededGenerator) throws {
        var layer = [UInt8](repeating: 0, count: layerBytes)
        // A few random bytes make it another one.
        for place in 0..<16 { layer[place] = UInt8.random(in: .min ... .max, using: &random) }
        let digest = try blob(wire, name, layer)
        let number = UInt64.random(in: 0...UInt64.max, using: &random)
        let config = Array(#"{"architecture":"amd64","os":"linux","number":\#(number)}"#.utf8)
        let configDigest = try blob(wire, name, config)
        let manifest = Array(
            """
            {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)","config":{"mediaType":"\(MediaType.ociConfig)",\
            "digest":"\(configDigest)","size":\(config.count)},"layers":[{"mediaType":"\(MediaType.ociLayerGzip)",\
            "digest":"\(digest)","size":\(layer.count)}]}
            """.utf8)
        let answer = try wire(
            "PUT", "/v2/\(name)/manifests/\(tag)", ["Content-Type": "\(MediaType.ociManifest)"], body: manifest)
        try expect(answer, "a manifest")
    }

    private func blob(_ wire: PlainClient, _ name: String, _ bytes: [UInt8]) throws -> Digest {
        let digest = Digest.of(bytes)
        let begun = try wire("POST", "/v2/\(name)/blobs/uploads/")
        guard begun.status == 202, let place = begun.location else {
            throw Absent(description: "an upload was answered with \(begun.status): \(begun.text)")
        }
        let answer = try wire(
            "PUT", "\(place)\(place.contains("?") ? "&" : "?")digest=\(digest)",
            ["Content-Type": "application/octet-stream"], body: bytes)
        try expect(answer, "a blob")
        return digest
    }

    private func expect(_ answer: PlainClient.Answer, _ what: String) throws {
        guard answer.status == 201 else {
            throw Absent(description: "\(what) was answered with \(answer.status): \(answer.text)")
        }
    }
}
