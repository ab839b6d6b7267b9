import Foundation
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryStorage
import StorageProbes
import Testing

/// Damage is said as long as it is there: what it pins in the first plan it pins in every other.
@Suite struct StandingDamageTests {
    enum Damage: CaseIterable {
        case emptyLink, garbledLink, otherLink, missingBytes, emptyBytes, cutBytes, zeroes, emptyTag, garbledTag
        /// The bytes and the tag are there: it lives by its tag, and nothing is unreadable.
        case lostLink
    }

    enum Kind: CaseIterable {
        case image, index
    }

    /// A plan in what can be compared: its lines, what it spares, and the damage that it names.
    private struct Outline: Equatable, CustomStringConvertible {
        var lines: [String]
        var spared: [String]
        var damaged: [String]

        init(_ plan: SweepPlan) {
            lines = plan.lines.map(\.item.short).sorted()
            spared = plan.spared.map(\.item.short).sorted()
            damaged = plan.damaged.map(\.path).sorted()
        }

        var description: String { "\(lines.count) lines, \(spared.count) spared, damaged: \(damaged)" }
    }

    private let bench: CollectorBench
    private let one: SampleImage
    private let two: SampleImage
    private let list: Manifest
    private let tag: OCI.Tag

    init() async throws {
        bench = try await CollectorBench()
        one = try bench.image(1)
        two = try bench.image(2)
        list = try rawIndex([one, two].map { (.ociManifest, $0.manifest.digest, $0.manifest.bytes.count) })
        tag = try OCI.Tag("v1")
    }

    /// One repository with something tagged, whose parts nothing else holds, and garbage; and one with garbage alone.
    private func fill(_ kind: Kind) async throws -> Manifest {
        for image in [one, two] { try await bench.push(image, to: bench.a) }
        let manifest = kind == .index ? list : one.manifest
        try await bench.push(manifest, to: bench.a, tag.text)
        try await bench.push(try bench.image(3), to: bench.a)
        try await bench.push(try bench.image(4), to: bench.b)
        return manifest
    }

    private func inflict(_ damage: Damage, on manifest: Manifest) async throws {
        let digest = manifest.digest
        let (link, data) = (Layout.revisionLink(digest, in: bench.a), Layout.blobData(digest))
        let current = Layout.tagCurrent(tag, in: bench.a)
        switch damage {
        case .emptyLink: try await bench.storage.write(link, [])
        case .garbledLink: try await bench.storage.write(link, Array("sha256:no".utf8))
        case .otherLink: try await bench.storage.write(link, Link.content(Digest.of([7])))
        case .missingBytes: try await bench.storage.remove(data)
        case .emptyBytes: try await bench.storage.write(data, [])
        case .cutBytes: try await bench.storage.write(data, Array(manifest.bytes.prefix(60)))
        case .zeroes: try await bench.storage.write(data, [UInt8](repeating: 0, count: manifest.bytes.count))
        case .lostLink: try await bench.storage.remove(link)
        case .emptyTag: try await bench.storage.write(current, [])
        case .garbledTag: try await bench.storage.write(current, Array("sha256:no".utf8))
        }
    }

    @Test(arguments: Damage.allCases, Kind.allCases)
    func everyPlanIsTheFirst(_ damage: Damage, _ kind: Kind) async throws {
        let manifest = try await fill(kind)
        try await inflict(damage, on: manifest)
        // As a verb of the command line does, with no index yet.
        var registry = try await bench.restarted(keepingIndex: false)
        let first = Outline(try await registry.collector.planSweep(CollectorBench.everything, by: .test))
        #expect(first.damaged.isEmpty == (damage == .lostLink))
        try await registry.collector.reconcile(by: .test)
        #expect(Outline(try await registry.collector.planSweep(CollectorBench.everything, by: .test)) == first)
        registry = try await bench.restarted(keepingIndex: false)
        #expect(Outline(try await registry.collector.planSweep(CollectorBench.everything, by: .test)) == first)
    }

    /// It has no tag that would speak for it: its link alone pins what it needs.
    @Test func aRepairDoesNotUnpinWhatALostEntryOfAnIndexNeeds() async throws {
        _ = try await fill(.index)
        try await bench.storage.remove(Layout.blobData(one.manifest.digest))
        let registry = try await bench.restarted(keepingIndex: false)
        _ = try await registry.collector.repair(
            try await registry.collector.check(CheckOptions(strayAge: 0), by: .test).findings, by: .test)
        let anew = try await bench.restarted(keepingIndex: false)
        let plan = try await anew.collector.planSweep(CollectorBench.everything, by: .test)
        #expect(plan.damaged.map(\.path) == [Layout.revisionLink(one.manifest.digest, in: bench.a).text])
        #expect(Set(plan.lines.map(\.item)).isDisjoint(with: one.blobs.map { .blob($0.digest) }))
    }

    /// Nobody has asked for the manifest since it was damaged: the preview looks itself.
    @Test(arguments: [Damage.emptyLink, .garbledLink, .otherLink, .missingBytes, .emptyBytes, .zeroes], Kind.allCases)
    func aPreviewSeesWhatWasDamagedWhileItServes(_ damage: Damage, _ kind: Kind) async throws {
        let manifest = try await fill(kind)
        let whole = Outline(try await bench.plan())
        try await inflict(damage, on: manifest)
        let plan = Outline(try await bench.plan())
        #expect(plan != whole)
        let anew = try await bench.restarted(keepingIndex: false)
        #expect(Outline(try await anew.collector.planSweep(CollectorBench.everything, by: .test)) == plan)
    }

    /// What a lost index may need is pinned by its link and its tag; who deletes both says that nobody waits for it.
    @Test func aPersonGivesUpWhatALostManifestNeeds() async throws {
        _ = try await fill(.index)
        try await inflict(.missingBytes, on: list)
        let registry = try await bench.restarted()
        #expect(try await registry.collector.planSweep(CollectorBench.everything, by: .test).damaged.count == 2)
        try await registry.deleteTag(tag, in: bench.a, by: .test)
        #expect(try await registry.collector.planSweep(CollectorBench.everything, by: .test).damaged.count == 1)
        try await registry.deleteManifest(list.digest, in: bench.a, by: .test)
        let plan = try await registry.collector.planSweep(CollectorBench.everything, by: .test)
        #expect(plan.damaged.isEmpty)
        #expect(Set(plan.lines.map(\.item)).isSuperset(of: [one, two].map { .blob($0.manifest.digest) }))
        let anew = try await bench.restarted(keepingIndex: false)
        #expect(Outline(try await anew.collector.planSweep(CollectorBench.everything, by: .test)) == Outline(plan))
    }

    @Test func aPersonGivesUpWhatADamagedLinkOfALayerMayLeadTo() async throws {
        _ = try await fill(.image)
        let digest = Digest.of([1], .sha512)
        try await bench.storage.write(Layout.layerLink(digest, in: bench.a), [])
        let registry = try await bench.restarted()
        #expect(try await registry.collector.planSweep(CollectorBench.everything, by: .test).damaged.count == 1)
        try await registry.deleteBlob(digest, in: bench.a, by: .test)
        #expect(try await registry.collector.planSweep(CollectorBench.everything, by: .test).damaged.isEmpty)
        #expect(try await bench.restarted().collector.planSweep(CollectorBench.everything, by: .test).damaged.isEmpty)
    }

    @Test(arguments: [Damage.missingBytes, .emptyLink, .lostLink], [true, false])
    func aRepairDoesNotUnpinWhatALostIndexNeeds(_ damage: Damage, _ keepsIndex: Bool) async throws {
        let manifest = try await fill(.index)
        try await inflict(damage, on: manifest)
        var registry = try await bench.restarted(keepingIndex: false)
        _ = try await registry.collector.repair(
            try await registry.collector.check(CheckOptions(strayAge: 0), by: .test).findings, by: .test)
        try await registry.collector.reconcile(by: .test)
        if !keepsIndex { registry = try await bench.restarted(keepingIndex: false) }
        let plan = try await registry.collector.planSweep(CollectorBench.everything, by: .test)
        let needed = [one, two].flatMap { $0.blobs.map(\.digest) + [$0.manifest.digest] }
        let items = needed.flatMap { digest in
            [SweepPlan.Item.blob(digest), .layerLink(digest, bench.a), .revision(digest, bench.a)]
        }
        #expect(Set(plan.lines.map(\.item)).isDisjoint(with: items))
        try await registry.collector.run(plan, by: .test)
        try await bench.push(list, to: bench.a, tag.text)
        #expect(try await bench.has(one, bench.a))
        #expect(try await bench.has(two, bench.a))
    }
}
