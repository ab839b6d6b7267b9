import Foundation
import ImageBuilder
import StorageProbes
import OCI
import RegistryCollector
import RegistryCore
import RegistryStorage
import Testing

/// Nothing reachable is ever removed, whatever it is that reaches it.
@Suite struct SweepReachabilityTests {
    let registry: Registry
    let name: RepositoryName
    let everything = SweepOptions(untagged: true, graceSeconds: 0)

    init() async throws {
        registry = try await Registry.sample()
        name = try RepositoryName("team/app")
    }

    private func image(_ seed: UInt64, architecture: String = "amd64", subject: Descriptor? = nil) throws -> SampleImage
    {
        try SampleImage(layers: [SampleImage.noise(500, seed: seed)], architecture: architecture, subject: subject)
    }

    @discardableResult
    private func sweep() async throws -> SweepReport {
        try await registry.collector.run(try await registry.collector.planSweep(everything, by: .test), by: .test) {
            _ in true
        }
    }

    private func holds(_ manifest: Digest) async -> Bool {
        (try? await registry.manifest(.digest(manifest), in: name, by: .test)) != nil
    }

    @Test func childrenOfATaggedIndexStay() async throws {
        let (amd, arm) = (try image(1), try image(2, architecture: "arm64"))
        try await registry.push(amd, to: name, tag: nil)
        try await registry.push(arm, to: name, tag: nil)
        let index = try SampleImage.index([("amd64", amd), ("arm64", arm)])
        try await registry.push(index, to: name, tag: try Tag("multi"))
        #expect(try await sweep().removed.isEmpty)

        try await registry.deleteTag(try Tag("multi"), in: name, by: .test)
        let report = try await sweep()
        #expect(report.spared.isEmpty)
        #expect(
            report.removed.filter { $0.kind == .revision }.map(\.digest)
                == [index.digest, amd.manifest.digest, arm.manifest.digest])
        #expect(report.removed[1].reason == .indexRemoved(index.digest))
        #expect(try await Tree.content(of: registry.storage).keys.filter { $0.hasSuffix("/data") }.isEmpty)
    }

    @Test func aChildWithItsOwnTagOutlivesItsIndex() async throws {
        let (amd, arm) = (try image(1), try image(2, architecture: "arm64"))
        try await registry.push(amd, to: name, tag: try Tag("amd"))
        try await registry.push(arm, to: name, tag: nil)
        try await registry.push(
            try SampleImage.index([("amd64", amd), ("arm64", arm)]), to: name, tag: try Tag("multi"))
        try await registry.deleteTag(try Tag("multi"), in: name, by: .test)
        try await sweep()
        #expect(try await registry.isPullable(amd, from: name, tag: try Tag("amd")))
        #expect(await !holds(arm.manifest.digest))
    }

    @Test func anIndexOfIndexesHoldsAllBelow() async throws {
        let leaf = try image(1)
        try await registry.push(leaf, to: name, tag: nil)
        let inner = try SampleImage.index([("amd64", leaf)])
        try await registry.push(inner, to: name, tag: nil)
        let text =
            #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[{"mediaType":"\#(MediaType.ociIndex)","digest":"\#(inner.digest)","size":\#(inner.bytes.count)}]}"#
        try await registry.push(try Manifest(bytes: Array(text.utf8)), to: name, tag: try Tag("outer"))
        #expect(try await sweep().removed.isEmpty)
        #expect(await holds(leaf.manifest.digest))
    }

    @Test func referrersLiveWithTheirSubject() async throws {
        let subject = try image(1)
        try await registry.push(subject, to: name, tag: try Tag("v1"))
        let signature = try image(2, subject: subject.descriptor)
        try await registry.push(signature, to: name, tag: nil)
        #expect(try await sweep().removed.isEmpty)

        try await registry.deleteTag(try Tag("v1"), in: name, by: .test)
        let report = try await sweep()
        #expect(report.removed.contains { $0.reason == .subjectRemoved(subject.manifest.digest) })
        #expect(await !holds(signature.manifest.digest))
    }

    /// Clients may push a signature before what it signs.
    @Test func aReferrerWhoseSubjectHasNotComeStays() async throws {
        let subject = try image(1)
        let signature = try image(2, subject: subject.descriptor)
        try await registry.push(signature, to: name, tag: nil)
        try await sweep()
        #expect(await holds(signature.manifest.digest))
    }

    /// Distribution's Q6: the same manifest, untagged in one repository and tagged in another.
    @Test func theSameManifestLivesAndDiesInEachRepositoryOnItsOwn() async throws {
        let other = try RepositoryName("team/other")
        let shared = try image(1)
        try await registry.push(shared, to: name, tag: try Tag("x"))
        try await registry.push(shared, to: other, tag: try Tag("x"))
        try await registry.deleteTag(try Tag("x"), in: name, by: .test)
        let report = try await sweep()
        #expect(report.removed.ofContent.map(\.item) == [.revision(shared.manifest.digest, name)])
        #expect(report.removed.reduce(0) { $0 + $1.bytes } == 0)
        #expect(try await registry.isPullable(shared, from: other, tag: try Tag("x")))
    }

    @Test func aTagMovedElsewhereReleasesOnlyTheOldManifest() async throws {
        let (old, new) = (try image(1), try image(2))
        try await registry.push(old, to: name, tag: try Tag("latest"))
        try await registry.push(new, to: name, tag: try Tag("latest"))
        let report = try await sweep()
        #expect(Set(report.removed.map(\.digest)) == [old.manifest.digest, old.blobs[0].digest])
        #expect(try await registry.isPullable(new, from: name, tag: try Tag("latest")))
    }
}
