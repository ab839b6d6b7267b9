import StorageProbes
import Foundation
import Glibc
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryStorage
import Testing

@testable import RegistryHTTP

/// Every call of the storage fails once, in turn, in the ways a disk can: the client is told so by the right status,
/// nothing half-committed is to be seen, and when it asks again everything ends as if nothing had happened.
@Suite(.timeLimit(.minutes(5))) struct FaultTests {
    /// No room, a medium that fails (also when it is to make things durable), no file descriptor left.
    @Test(arguments: [ENOSPC, EIO, EMFILE]) func everyCallFailsOnce(code: CInt) async throws {
        let (calls, whole) = try await Voyage.run(failing: nil, code)
        #expect(calls > 150)
        for number in 0..<calls {
            let (_, tree) = try await Voyage.run(failing: number, code)
            #expect(tree == whole, "call \(number) fails with \(code)")
            // What follows would only say the same of the next calls.
            if tree != whole { return }
        }
    }
}

/// A client's day: pushes in all the ways there are, pulls, lists, tags that move, deletions. What is not done the first
/// time is done again, as clients do.
private struct Voyage {
    typealias Outcome = (calls: Int, tree: [String: [UInt8]])

    private let client: DirectClient
    private let registry: Registry
    private let code: CInt
    private let label: Comment
    /// What is acknowledged: tags of `team/app` with the bytes of their manifests.
    private var tags: [String: [UInt8]] = [:]
    private var isOver = false

    /// The day from its beginning to its end; `number` is the call of the storage that fails.
    static func run(failing number: Int?, _ code: CInt) async throws -> Outcome {
        let storage = FaultyDriver()
        var outcome: Outcome = (0, [:])
        try await Harbour.open(.memory, storage: storage) { harbour in
            _ = storage.takeCalls()
            if let number { storage.failOnce(after: number, with: code) }
            var voyage = Voyage(
                client: DirectClient(harbour), registry: harbour.registry, code: code,
                label: "call \(number ?? -1) fails with \(code)")
            try await voyage.sail()
            outcome.calls = storage.takeCalls().count
            storage.recover()
            try await voyage.expectAgreement()
            // Sessions have random names, and one that could not be ended is the purger's.
            outcome.tree = try await Tree.content(of: storage).filter { !$0.key.contains("/_uploads/") }
        }
        return outcome
    }

    private init(client: DirectClient, registry: Registry, code: CInt, label: Comment) {
        self.client = client
        self.registry = registry
        self.code = code
        self.label = label
    }

    private mutating func sail() async throws {
        let first = try SampleImage(layers: [SampleImage.noise(900, seed: 1), SampleImage.noise(700, seed: 2)])
        let second = try SampleImage(layers: [SampleImage.noise(900, seed: 1)], architecture: "arm64")
        let index = try SampleImage.index([("amd64", first), ("arm64", second)])
        let referrer = try SampleImage(layers: [], subject: first.descriptor, artifactType: "application/x.sbom")

        try await pushInChunks(first.blobs[0])
        for blob in first.blobs.dropFirst() { try await push(blob) }
        try await push(first.manifest, tag: "v1")
        try await pull(first, tag: "v1")
        for blob in second.blobs.dropFirst() { try await push(blob) }
        try await push(second.manifest, tag: "v2")
        // A tag that moves stays where it was until it is told that it has moved.
        try await push(second.manifest, tag: "v1")
        try await push(first.manifest, tag: "v1")
        try await push(index, tag: "multi")
        try await push(referrer.blobs[0])
        try await push(referrer.manifest, tag: nil)
        try await mount(first.blobs[0])
        try await look(first)
        try await cancel()

        try await delete("manifests/v2", tags: ["v2"])
        try await delete("manifests/\(index.digest)", tags: ["multi"])
        let idle = SampleImage.Blob(SampleImage.noise(60, seed: 3))
        try await push(idle)
        try await delete("blobs/\(idle.digest)")
    }

    // MARK: Asking

    /// Asks; when it fails once, sees to it that nothing but the failure is to be seen, and asks again.
    @discardableResult
    private mutating func ask(
        _ method: String, _ target: String, _ status: Int, _ headers: [(String, String)] = [], body: [UInt8]? = nil,
        again others: [Int] = []
    ) async throws -> WireAnswer {
        do {
            let answer = try await client.exchange(method, "/v2/\(target)", headers, body: body)
            if answer.status == status { return answer }
            try await expectFailure(answer, toHead: method == "HEAD")
        } catch is RegistryError {
            // In the middle of a blob: the status is out already, and the answer breaks off.
            try await expectOneFailure()
        }
        let next = try await client.exchange(method, "/v2/\(target)", headers, body: body)
        #expect(([status] + others).contains(next.status), "\(label): \(method) \(target): \(next.text)")
        return next
    }

    private mutating func expectFailure(_ answer: WireAnswer, toHead: Bool = false) async throws {
        #expect(answer.status == (code == ENOSPC ? 507 : 500), label)
        #expect(toHead || answer.text.contains(#""code":"UNKNOWN""#), label)
        try await expectOneFailure()
    }

    /// One call fails, so one request does.
    private mutating func expectOneFailure() async throws {
        #expect(!isOver, label)
        isOver = true
        try await expectWhatIsAcknowledged()
    }

    /// The tags that were acknowledged, no other, and behind each its manifest with everything it references.
    private func expectWhatIsAcknowledged() async throws {
        let name = try RepositoryName("team/app")
        for (tag, bytes) in tags {
            let answer = try await client.exchange("GET", "/v2/team/app/manifests/\(tag)", [], body: nil)
            #expect(answer.status == 200 && answer.body == bytes, label)
            for reference in try Manifest(bytes: answer.body).references where !reference.mediaType.isManifest {
                let blob = try await client.exchange("GET", "/v2/team/app/blobs/\(reference.digest)", [], body: nil)
                #expect(Digest.of(blob.body) == reference.digest, label)
            }
        }
        let listed = (try? await registry.tagNames(in: name, after: nil, limit: 100, by: .test)) ?? []
        #expect(listed.map(\.text) == tags.keys.sorted(), label)
        try await expectAgreement()
    }

    /// The index says what the tree says, and nothing in the tree is damaged.
    private func expectAgreement() async throws {
        let report = try await registry.collector.reconcile(by: .test)
        #expect(report.corrections == 0 && report.damaged == 0, label)
        // An upload may have lost the time it began to the fault; its age says that it is nobody's.
        let findings = try await registry.collector.check(CheckOptions(hashesBytes: true), by: .test).findings
        #expect(findings == [], label)
    }

    // MARK: What is asked

    private mutating func push(_ blob: SampleImage.Blob) async throws {
        try await ask("POST", "team/app/blobs/uploads/?digest=\(blob.digest)", 201, body: blob.bytes)
    }

    /// A session of two chunks and an end; one that fails is begun anew.
    private mutating func pushInChunks(_ blob: SampleImage.Blob) async throws {
        while true {
            guard let location = try await step("POST", "/v2/team/app/blobs/uploads/", 202)?.location else { continue }
            let half = blob.bytes.count / 2
            guard let next = try await step("PATCH", location, 202, Array(blob.bytes[..<half]))?.location,
                let last = try await step("PATCH", next, 202, Array(blob.bytes[half...]))?.location,
                try await step("PUT", "\(last)&digest=\(blob.digest)", 201) != nil
            else { continue }
            return
        }
    }

    /// Nil when it failed.
    private mutating func step(
        _ method: String, _ target: String, _ status: Int, _ body: [UInt8]? = nil
    ) async throws -> WireAnswer? {
        let answer = try await client.exchange(method, target, [], body: body)
        if answer.status == status { return answer }
        try await expectFailure(answer)
        return nil
    }

    private mutating func push(_ manifest: Manifest, tag: String?) async throws {
        try await ask(
            "PUT", "team/app/manifests/\(tag ?? "\(manifest.digest)")", 201,
            [("Content-Type", manifest.mediaType.text)], body: manifest.bytes)
        if let tag { tags[tag] = manifest.bytes }
    }

    private mutating func pull(_ image: SampleImage, tag: String) async throws {
        #expect(try await ask("GET", "team/app/manifests/\(tag)", 200).body == image.manifest.bytes, label)
        for blob in image.blobs {
            try await ask("HEAD", "team/app/blobs/\(blob.digest)", 200)
            #expect(try await ask("GET", "team/app/blobs/\(blob.digest)", 200).body == blob.bytes, label)
        }
    }

    private mutating func mount(_ blob: SampleImage.Blob) async throws {
        try await ask("POST", "other/app/blobs/uploads/?mount=\(blob.digest)&from=team/app", 201)
        #expect(try await ask("GET", "other/app/blobs/\(blob.digest)", 200).body == blob.bytes, label)
    }

    private mutating func look(_ image: SampleImage) async throws {
        for target in ["_catalog", "team/app/tags/list", "team/app/referrers/\(image.manifest.digest)"] {
            try await ask("GET", target, 200)
        }
        #expect(try await ask("GET", "_catalog", 200).text.contains(#"["other/app","team/app"]"#), label)
    }

    private mutating func cancel() async throws {
        while true {
            guard let location = try await step("POST", "/v2/team/app/blobs/uploads/", 202)?.location else { continue }
            // Cancelled by halves is cancelled, when it is asked for again.
            try await ask("DELETE", String(location.dropFirst("/v2/".count)), 204, again: [404])
            return
        }
    }

    private mutating func delete(_ target: String, tags gone: [String] = []) async throws {
        // While it is being deleted it may be there or not: what is not acknowledged was not promised.
        for tag in gone { tags[tag] = nil }
        let answer = try await client.exchange("DELETE", "/v2/team/app/\(target)", [], body: nil)
        if answer.status == 202 { return }
        #expect(answer.status == 500 || answer.status == 507, label)
        isOver = true
        let next = try await client.exchange("DELETE", "/v2/team/app/\(target)", [], body: nil)
        #expect(next.status == 202 || next.status == 404, "\(label): \(next.text)")
        try await expectWhatIsAcknowledged()
    }
}
