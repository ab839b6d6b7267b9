import Foundation
import ImageBuilder
import OCI
import RegistryCore
import RegistryStorage
import Testing

@testable import RegistryCollector

/// A plan and the quarantine show what may be pulled, and what is not shown is not taken.
@Suite struct PlanAccessTests {
    private static let options = SweepOptions(untagged: true, uploadSeconds: nil, graceSeconds: 0)

    private let open: RepositoryName
    private let closed: RepositoryName
    /// Of whoever administers and may pull from one of the two.
    private let access: Access

    init() throws {
        (open, closed) = (try RepositoryName("open/app"), try RepositoryName("closed/app"))
        access = .test(.init([.administer], nil), .init([.pull], "open/*"))
    }

    /// An untagged image in each of two repositories, and a layer that both have.
    private func registry() async throws -> Registry {
        let registry = try await Registry.sample()
        for (name, layer) in [(open, UInt8(1)), (closed, 2)] {
            try await registry.push(try SampleImage(layers: [[layer], [9]]), to: name, tag: nil)
        }
        return registry
    }

    @Test func aPlanHasNoLineOfWhatMayNotBePulled() async throws {
        let registry = try await registry()
        let whole = try await registry.collector.planSweep(Self.options, by: .test)
        let plan = try await registry.collector.planSweep(Self.options, by: access)
        #expect(plan.lines == whole.lines.filter { !$0.repositories.contains(closed) })
        #expect(!plan.lines.isEmpty && plan.lines.count < whole.lines.count)
        // What is left out stays, and can be pulled.
        let report = try await registry.collector.run(plan, by: access)
        #expect(report.removed.allSatisfy { !$0.repositories.contains(closed) })
        let image = try SampleImage(layers: [[2], [9]])
        for blob in image.blobs { _ = try await registry.blob(blob.digest, in: closed, by: .test) }
        _ = try await registry.manifest(.digest(image.manifest.digest), in: closed, by: .test)
        #expect(try await registry.collector.check(CheckOptions(hashesBytes: true), by: .test).findings.isEmpty)
    }

    @Test func theQuarantineShowsWhatMayBePulled() async throws {
        let registry = try await registry()
        let whole = try await registry.collector.planSweep(Self.options, by: .test)
        _ = try await registry.collector.run(whole, SweepRunSettings(quarantineSeconds: 600), by: .test)
        let lines = try await registry.collector.quarantinedRuns(by: access).flatMap(\.lines)
        let all = try await registry.collector.quarantinedRuns(by: .test).flatMap(\.lines)
        #expect(lines == all.filter { !$0.repositories.contains(closed) })
        #expect(!lines.isEmpty && lines.count < all.count)
    }

    @Test func damageIsShownOfWhatMayBePulled() async throws {
        let registry = try await registry()
        for name in [open, closed] {
            try await registry.storage.write(Layout.tagCurrent(try OCI.Tag("odd"), in: name), [1])
        }
        try await registry.collector.reconcile(by: .test)
        let all = try registry.collector.damage(by: .test)
        #expect(all.count == 2)
        #expect(try registry.collector.damage(by: access) == all.filter { $0.path.contains("open/app") })
        let plan = try await registry.collector.planSweep(Self.options, by: access)
        #expect(plan.damaged == all.filter { $0.path.contains("open/app") })
        #expect(plan.spared.allSatisfy { !"\($0)".contains("closed/app") })
    }

    @Test func whoSharesIsNamedWhereItMayBePulled() async throws {
        let registry = try await Registry.sample()
        for (name, layer) in [(open, UInt8(1)), (closed, 2), (try RepositoryName("open/other"), 3)] {
            try await registry.push(try SampleImage(layers: [[layer], [9]]), to: name, tag: try OCI.Tag("v1"))
        }
        let all = try await registry.collector.reclaim(.repository(open), by: .test)
        let seen = try await registry.collector.reclaim(.repository(open), by: access)
        #expect(all.sharers.map(\.repository.text) == ["closed/app", "open/other"])
        #expect(seen.sharers.map(\.repository.text) == ["open/other"])
        #expect(seen.sharersMore == all.sharersMore + 1)
    }

    @Test func aPlaceOfNoReadableNameIsNotShown() {
        func isShown(_ path: String) -> Bool { SweepPlan.Damage(path: path, reason: "").isShown(to: access) }
        let top = Layout.repositories.text
        #expect(isShown("\(top)/open/app/_manifests/tags") && isShown("\(top)/open/app"))
        #expect(!isShown("\(top)/closed/app/_manifests") && !isShown("\(top)/closed"))
        #expect(!isShown("\(top)/open/a b/_manifests") && !isShown("\(top)/_manifests"))
        #expect(isShown("docker/registry/v2/blobs/sha256"))
    }
}
