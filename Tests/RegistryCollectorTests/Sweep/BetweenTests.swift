import Foundation
import Glibc
import ImageBuilder
import OCI
import RegistryIndex
import RegistryStorage
import StorageProbes
import Testing

@testable import RegistryCollector
@testable import RegistryCore

/// What comes between a preview and its run, or between two lines of a run: each kind of line is judged again, and stays.
@Suite struct BetweenTests {
    private static let pulledTags = RetentionPolicy(rules: [.init(tags: ["goes"], keepPulledSeconds: 0)])

    /// A bench whose retention has the tag `goes` go.
    private func bench(_ storage: any StorageDriver = MemoryDriver()) async throws -> CollectorBench {
        var settings = Collector.Settings()
        settings.retention = Self.pulledTags
        return try await CollectorBench(storage, collecting: settings)
    }

    private var retaining: SweepOptions {
        var options = CollectorBench.everything
        options.retention = true
        return options
    }

    private func reason(_ report: SweepReport, _ item: SweepPlan.Item) -> SweepPlan.SpareReason? {
        report.spared.first { $0.item == item }?.reason
    }

    // MARK: Manifests

    @Test func anIndexThatListsTheManifest() async throws {
        let bench = try await bench()
        let child = try bench.image(1)
        try await bench.push(child, to: bench.a)
        let plan = try await bench.plan()
        let index = try SampleImage.index([("amd64", child)])
        try await bench.push(index, to: bench.a)
        let report = try await bench.collector.run(plan, by: .test)
        #expect(reason(report, .revision(child.manifest.digest, bench.a)) == .cameAlive)
        #expect(try await bench.has(child, bench.a))
        #expect(await bench.has(index, bench.a))
    }

    @Test func theSubjectOfAReferrer() async throws {
        let bench = try await bench()
        let subject = try bench.image(1)
        let signature = try bench.image(2, subject: subject.descriptor)
        try await bench.push(signature, to: bench.a)
        let plan = try await bench.plan()
        #expect(plan.lines.contains { $0.item == .revision(signature.manifest.digest, bench.a) })
        try await bench.push(subject, to: bench.a)
        let report = try await bench.collector.run(plan, by: .test)
        #expect(reason(report, .revision(signature.manifest.digest, bench.a)) == .cameAlive)
        #expect(try await bench.has(signature, bench.a))
    }

    @Test func aManifestThatHasGoneIsNotCountedAsTaken() async throws {
        let bench = try await bench()
        let image = try bench.image(1)
        try await bench.push(image, to: bench.a)
        let plan = try await bench.plan()
        try await bench.registry.deleteManifest(image.manifest.digest, in: bench.a, by: .test)
        let report = try await bench.collector.run(plan, by: .test)
        #expect(reason(report, .revision(image.manifest.digest, bench.a)) == .alreadyGone)
    }

    /// Who previews is told so before the run finds it.
    @Test func whatAPushHoldsIsSparedByThePreviewToo() async throws {
        let bench = try await bench()
        let image = try bench.image(1)
        try await bench.push(image, to: bench.a)
        let digest = image.manifest.digest
        let push = try await bench.registry.coordination.hold([.digest(digest)], .shared)
        let plan = try await bench.plan()
        try push.confirm()
        #expect(plan.spared.contains { $0.item == .revision(digest, bench.a) && $0.reason == .pushInFlight })
        #expect(!plan.lines.contains { $0.item == .revision(digest, bench.a) })
    }

    // MARK: Tags

    @Test func aTagThatIsPointedElsewhere() async throws {
        let bench = try await bench()
        let (one, two) = (try bench.image(1), try bench.image(2))
        try await bench.push(one, to: bench.a, "goes")
        let plan = try await bench.plan(retaining)
        let item = SweepPlan.Item.tag(try Tag("goes"), bench.a)
        #expect(plan.lines.first?.item == item)
        try await bench.push(two, to: bench.a, "goes")
        #expect(reason(try await bench.collector.run(plan, by: .test), item) == .cameAlive)
        #expect(
            try await bench.registry.manifest(.tag(try Tag("goes")), in: bench.a, by: .test).digest
                == two.manifest.digest)
    }

    @Test func aTagThatIsSetToTheSameAgain() async throws {
        let bench = try await bench()
        let image = try bench.image(1)
        try await bench.push(image, to: bench.a, "goes")
        let tag = try Tag("goes")
        // It was set a while ago.
        try bench.index.write { change in
            try change.tagRemoved(tag, in: bench.a)
            try change.tagSet(tag, to: image.manifest.digest, in: bench.a, at: Ground.now - 100)
        }
        let plan = try await bench.plan(retaining)
        #expect(plan.lines.first?.item == .tag(tag, bench.a))
        try await bench.push(image.manifest, to: bench.a, "goes")
        #expect(reason(try await bench.collector.run(plan, by: .test), .tag(tag, bench.a)) == .cameAlive)
        #expect(try await bench.has(image, bench.a))
    }

    @Test func aTagThatIsPulledWhereTheRetentionHeedsIt() async throws {
        let bench = try await bench()
        let image = try bench.image(1)
        try await bench.push(image, to: bench.a, "goes")
        let tag = try Tag("goes")
        let plan = try await bench.plan(retaining)
        bench.registry.ground.lastPulls.record(bench.a, tag, at: plan.made.addingTimeInterval(5))
        #expect(reason(try await bench.collector.run(plan, by: .test), .tag(tag, bench.a)) == .cameAlive)
        #expect(try await bench.has(image, bench.a))
    }

    /// Who pulled before pulls were written down is not known, so nothing counts as never pulled.
    @Test func withoutARecordOfPullsNothingCountsAsNotPulled() async throws {
        var settings = Collector.Settings()
        settings.retention = RetentionPolicy(rules: [.init(keepPulledSeconds: 3600)])
        let bench = try await CollectorBench(collecting: settings)
        let image = try bench.image(1)
        try await bench.push(image, to: bench.a, "old")
        try bench.index.write { change in
            try change.tagRemoved(try Tag("old"), in: bench.a)
            try change.tagSet(try Tag("old"), to: image.manifest.digest, in: bench.a, at: 100)
        }
        #expect(try await bench.plan(retaining).lines == [])
        try bench.index.write { try $0.setState("100", for: "pulls.since") }
        #expect(try await bench.plan(retaining).lines.first?.item == .tag(try Tag("old"), bench.a))
    }

    // MARK: Blobs and links

    @Test func aManifestThatNeedsTheLink() async throws {
        let bench = try await bench()
        let image = try bench.image(1)
        try await bench.push(image, to: bench.b, "v1")
        for blob in image.blobs { try await bench.registry.push(blob: blob, to: bench.a) }
        let plan = try await bench.plan()
        let item = SweepPlan.Item.layerLink(image.blobs[0].digest, bench.a)
        #expect(plan.lines.contains { $0.item == item })
        try await bench.push(image.manifest, to: bench.a, "v1")
        #expect(reason(try await bench.collector.run(plan, by: .test), item) == .cameAlive)
        #expect(try await bench.has(image, bench.a))
    }

    /// A manifest makes good what was promised in its own repository, not what somebody else was told in another.
    @Test func aPromiseInAnotherRepository() async throws {
        let bench = try await bench()
        let image = try bench.image(1)
        try await bench.push(image, to: bench.a, "v1")
        for blob in image.blobs {
            _ = try await bench.registry.mountBlob(blob.digest, from: bench.a, into: bench.b, by: .test)
        }
        for blob in image.blobs { _ = try await bench.registry.promiseBlob(blob.digest, in: bench.b, by: .test) }
        try await bench.push(image.manifest, to: bench.a, "v2")
        for tag in ["v1", "v2"] { try await bench.untag(tag, bench.a) }
        var gracious = CollectorBench.everything
        gracious.graceSeconds = 600
        // What the index knows of the promise is not what is looked at here.
        try bench.index.write { change in
            for blob in image.blobs {
                try change.layerUnlinked(blob.digest, in: bench.b)
                try change.layerLinked(blob.digest, in: bench.b, leased: 1)
            }
        }
        try await bench.sweep(gracious)
        #expect(try await bench.stored().isSuperset(of: image.blobs.map(\.digest)))
    }

    // MARK: Damage and doubt

    @Test func damageThatMayNeedIt() async throws {
        let bench = try await bench()
        let image = try bench.image(1)
        let dead = try bench.image(2)
        try await bench.push(image, to: bench.a, "v1")
        try await bench.push(image, to: bench.b, "v1")
        for blob in image.blobs + dead.blobs { try await bench.registry.push(blob: blob, to: bench.a) }
        try await bench.untag("v1", bench.a)
        let plan = try await bench.plan()
        #expect(plan.lines.count { $0.kind == .revision } == 1)
        // Found by a comparison after this one.
        let late = bench.registry.ground.nextPass() + 1_000_000_000
        try bench.index.write {
            try $0.damaged("somewhere", in: bench.a, naming: nil, reason: "it cannot be read", pass: late)
        }
        let report = try await bench.collector.run(plan, by: .test)
        #expect(report.removed.ofContent == [])
        let doubted: [SweepPlan.Item] = [.revision(image.manifest.digest, bench.a), .blob(dead.blobs[0].digest)]
        for item in doubted { #expect(reason(report, item) == .mayBeReferenced(by: "somewhere"), "\(item.text)") }
        #expect(try await bench.stored().isSuperset(of: dead.blobs.map(\.digest)))
    }

    @Test func aWriteThatTheIndexDidNotTake() async throws {
        let bench = try await bench()
        for seed in UInt64(1)...4 {
            try await bench.registry.push(blob: .init(SampleImage.noise(40, seed: seed)), to: bench.a)
        }
        let registry = bench.registry
        let report = try await registry.collector.run(try await bench.plan(), by: .test) { progress in
            if progress.linesDone == 2 { registry.ground.standing.failed(onlyRemoves: false) }
            return true
        }
        #expect(report.removed.count == 2)
        #expect(try await bench.stored().count == 2)
    }

    @Test func anUploadThatGoesOn() async throws {
        let bench = try await bench()
        let left = try await bench.registry.startUpload(in: bench.a, by: .test)
        var patient = CollectorBench.everything
        patient.uploadSeconds = 3600
        var plan = try await bench.plan(CollectorBench.everything)
        #expect(plan.lines.first?.item == .upload(left.id, bench.a))
        // As if the preview had been made an hour after its last write.
        plan.options = patient
        let report = try await bench.collector.run(plan, by: .test)
        guard case .mayContinue = reason(report, .upload(left.id, bench.a)) else {
            Issue.record("\(report)")
            return
        }
        #expect(try await bench.registry.uploadStatus(left.id, in: bench.a, by: .test).offset == 0)
    }

    // MARK: The registry itself

    /// A plan that was kept, and a process that has not looked at its tree yet.
    @Test func aRestartThatHasNotComparedItsIndex() async throws {
        let bench = try await bench()
        try await bench.registry.push(blob: .init(SampleImage.noise(40, seed: 1)), to: bench.a)
        let plan = try await bench.plan()
        let registry = Registry(storage: bench.storage, index: bench.index)
        await #expect(throws: RegistryError.notReconciled) { try await registry.collector.run(plan, by: .test) }
        #expect(try await bench.stored().count == 1)
    }

    // MARK: Order

    /// Manifests are gone for good before the first bytes go that they may have needed.
    @Test func linksAreDurableBeforeBytesGo() async throws {
        let driver = FaultyDriver()
        let bench = try await bench(driver)
        try await bench.push(try bench.image(1), to: bench.a)
        let plan = try await bench.plan()
        _ = driver.takeCalls()
        try await bench.collector.run(plan, SweepRunSettings(quarantineSeconds: 60), by: .test)
        let calls = driver.takeCalls()
        let settled = try #require(calls.firstIndex { $0.operation == .settle && $0.path.text.contains("/revisions/") })
        let taken = try #require(calls.firstIndex { $0.operation == .move && $0.path.text.contains("/blobs/") })
        #expect(settled < taken)
    }

    /// A power cut must not bring back a tag whose manifest is gone for good: of each kind all goes before the next.
    @Test func whatHeldIsDurableBeforeWhatItHeldGoes() async throws {
        let driver = FaultyDriver()
        let bench = try await bench(driver)
        let (subject, list) = (try bench.image(1), try rawIndex([]))
        try await bench.push(subject, to: bench.a)
        try await bench.push(list, to: bench.a, Tag(referrersOf: subject.manifest.digest).text)
        let plan = try await bench.plan()
        #expect(plan.lines.prefix(3).map(\.kind) == [.revision, .tag, .revision])
        _ = driver.takeCalls()
        try await bench.collector.run(plan, SweepRunSettings(quarantineSeconds: 60), by: .test)
        let calls = driver.takeCalls()
        func settled(_ folder: String) throws -> Int {
            try #require(calls.firstIndex { $0.operation == .settle && $0.path.text.hasSuffix(folder) })
        }
        func taken(_ part: String) throws -> Int {
            try #require(calls.firstIndex { $0.operation == .move && $0.path.text.contains(part) })
        }
        let lastRevision = try taken("/revisions/sha256/\(list.digest.hex)")
        #expect(try settled("/revisions/sha256") < taken("/tags/"))
        #expect(try settled("/tags") < lastRevision)
    }

    /// What went is known to be in the quarantine before the directories that were around it go: else a power cut could leave
    /// it in neither place, and no undo would bring it back.
    @Test func whatBlobsTookIsDurableBeforeTheRepositoryGoes() async throws {
        let driver = FaultyDriver()
        let bench = try await bench(driver)
        try await bench.push(try bench.image(1), to: bench.a)
        let plan = try await bench.plan()
        #expect(plan.lines.last?.kind == .repository)
        _ = driver.takeCalls()
        let report = try await bench.collector.run(plan, SweepRunSettings(quarantineSeconds: 60), by: .test)
        #expect(report.removed.count == plan.lines.count)
        let calls = driver.takeCalls()
        let repository = Layout.repository(bench.a)
        let links = Layout.layers(bench.a).appending("sha256")
        let removed = try #require(
            calls.firstIndex { $0.operation == .remove && $0.path.text.hasPrefix(repository.text) })
        let settled = try #require(calls.firstIndex { $0.operation == .settle && $0.path == links })
        #expect(settled < removed)
    }

    @Test func bytesStayWhereLinksCannotBeMadeDurable() async throws {
        let driver = FaultyDriver()
        let bench = try await bench(driver)
        let image = try bench.image(1)
        try await bench.push(image, to: bench.a)
        let plan = try await bench.plan()
        driver.fail(with: EIO) { $0.operation == .settle }
        let report = try await bench.collector.run(plan, by: .test)
        driver.recover()
        #expect(report.removed.ofContent.map(\.item) == [.revision(image.manifest.digest, bench.a)])
        #expect(try await bench.stored() == Set(image.blobs.map(\.digest) + [image.manifest.digest]))
    }

    // MARK: Fallback tags

    /// Its subject went before the preview: the list goes when it has waited.
    @Test func aListOfReferrersWhoseSubjectIsGone() async throws {
        let bench = try await bench()
        let (subject, signature) = (try bench.image(1), try bench.image(2))
        try await bench.push(subject, to: bench.a)
        try await bench.push(signature, to: bench.a)
        let list = try rawIndex([(.ociManifest, signature.manifest.digest, signature.manifest.bytes.count)])
        let fallback = Tag(referrersOf: subject.manifest.digest)
        try await bench.push(list, to: bench.a, fallback.text)
        try await bench.registry.deleteManifest(subject.manifest.digest, in: bench.a, by: .test)
        var patient = CollectorBench.everything
        patient.referrerSeconds = 3600
        #expect(try await !bench.plan(patient).lines.contains { $0.kind == .tag })
        let plan = try await bench.plan()
        #expect(plan.lines.first?.item == .tag(fallback, bench.a))
        #expect(plan.lines.first?.reason == .fallbackOf(subject.manifest.digest))
        // It comes back meanwhile.
        try await bench.push(subject, to: bench.a)
        let report = try await bench.collector.run(plan, by: .test)
        #expect(reason(report, .tag(fallback, bench.a)) == .cameAlive)
        #expect(await bench.has(list, bench.a))
    }
}
