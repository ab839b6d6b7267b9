import Foundation
import Glibc
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import RegistryStorage
import StorageProbes
import Synchronization
import Testing

/// What the collector holds whatever happens: the fifteen invariants of the design, one test or more for each.
@Suite("Invariants of the collector")
struct InvariantTests {
    // MARK: I1

    @Test("I1: nothing that a manifest of any repository reaches is removed, and history is no root")
    func reachability() async throws {
        let bench = try await CollectorBench()
        let (old, new) = (try bench.image(1), try bench.image(2))
        try await bench.push(old, to: bench.a, "latest")
        try await bench.push(new, to: bench.a, "latest")
        try await bench.push(old, to: bench.b, "kept")
        // In `a` only the history of the tag names the old one.
        let report = try await bench.sweep()
        #expect(report.removed.contains { $0.item == .revision(old.manifest.digest, bench.a) })
        #expect(try await bench.has(new, bench.a))
        #expect(try await bench.has(old, bench.b))
        try await bench.untag("kept", bench.b)
        try await bench.sweep()
        #expect(try await bench.stored() == Set(new.blobs.map(\.digest) + [new.manifest.digest]))
    }

    @Test("I1: without the option every manifest of a repository is a root")
    func revisionsAreRoots() async throws {
        let bench = try await CollectorBench()
        let image = try bench.image(1)
        try await bench.push(image, to: bench.a)
        try await bench.sweep(SweepOptions(graceSeconds: 0))
        #expect(try await bench.has(image, bench.a))
    }

    // MARK: I2

    enum Damage: CaseIterable {
        case garbage, emptyLink, missingBytes, garbledLink, unknownType, unreadable
    }

    @Test(
        "I2: what cannot be read pins what it may reference, by name, and stops nothing else",
        arguments: Damage.allCases)
    func failsClosed(_ damage: Damage) async throws {
        let driver = FaultyDriver()
        let bench = try await CollectorBench(driver)
        let image = try bench.image(1)
        let free = SampleImage.Blob(SampleImage.noise(99, seed: 7))
        for blob in image.blobs { try await bench.registry.push(blob: blob, to: bench.a) }
        try await bench.registry.push(blob: free, to: bench.b)
        let digest = image.manifest.digest
        let link = Layout.revisionLink(digest, in: bench.a)
        try await driver.tree.write(Layout.blobData(digest), image.manifest.bytes)
        try await driver.tree.write(link, Link.content(digest))
        switch damage {
        case .garbage: try await driver.tree.write(Layout.blobData(digest), Array("{".utf8))
        case .emptyLink: try await driver.tree.write(link, [])
        case .missingBytes: try await driver.tree.remove(Layout.blob(digest))
        case .garbledLink: try await driver.tree.write(link, Array("sha256:xyz".utf8))
        case .unknownType:
            try await driver.tree.write(Layout.blobData(digest), Array(#"{"schemaVersion":7,"hello":[]}"#.utf8))
        case .unreadable: driver.fail(with: EIO) { $0.path == Layout.blobData(digest) && $0.operation == .open }
        }
        let registry = try await bench.restarted()
        let plan = try await registry.collector.planSweep(CollectorBench.everything, by: .test)
        #expect(plan.damaged.map(\.path) == [link.text])
        let report = try await registry.collector.run(plan, by: .test)
        #expect(report.removed.contains { $0.item == .blob(free.digest) })
        for blob in image.blobs {
            #expect(!report.removed.contains { $0.digest == blob.digest })
            #expect(
                plan.spared.contains {
                    $0.item == .blob(blob.digest) && $0.reason.text(now: Date()).contains(link.text)
                })
        }
    }

    // MARK: I3

    @Test("I3: the same manifest, untagged in one repository and tagged in the other, stays whole there (Q6)")
    func manifestInTwoRepositories() async throws {
        let bench = try await CollectorBench()
        let image = try bench.image(1)
        for name in [bench.a, bench.b] { try await bench.push(image, to: name, "x") }
        try await bench.untag("x", bench.a)
        try await bench.sweep()
        #expect(try await bench.has(image, bench.b))
        #expect(await !bench.has(image.manifest, bench.a))
    }

    @Test("I3: the same index in two repositories, a child missing in one, stays whole in the other (Q7)")
    func indexInTwoRepositories() async throws {
        var sparse = Registry.Configuration()
        sparse.requiresIndexEntries = false
        let bench = try await CollectorBench(configuration: sparse)
        let (amd, arm) = (try bench.image(1), try bench.image(2, architecture: "arm64"))
        let index = try SampleImage.index([("amd64", amd), ("arm64", arm)])
        try await bench.push(amd, to: bench.a)
        try await bench.push(index, to: bench.a, "multi")
        for image in [amd, arm] { try await bench.push(image, to: bench.b) }
        try await bench.push(index, to: bench.b, "multi")
        let report = try await bench.sweep()
        #expect(report.removed == [])
        for image in [amd, arm] { #expect(try await bench.has(image, bench.b)) }
    }

    @Test("I3: an entry of an index may be a blob, or absent")
    func entriesThatAreNoManifests() async throws {
        var sparse = Registry.Configuration()
        sparse.requiresIndexEntries = false
        let bench = try await CollectorBench(configuration: sparse)
        let cache = SampleImage.Blob(SampleImage.noise(64, seed: 9))
        try await bench.registry.push(blob: cache, to: bench.a)
        let absent = Digest.of(Array("absent".utf8))
        let index = try rawIndex([(.ociLayerGzip, cache.digest, 64), (.ociManifest, absent, 6)])
        try await bench.push(index, to: bench.a, "cache")
        #expect(try await bench.sweep().removed == [])
        #expect(try await bench.registry.blob(cache.digest, in: bench.a, by: .test).size == 64)
    }

    // MARK: I4

    @Test("I4: a referrer lives as long as its subject, at any depth, or as long as a tag holds it")
    func referrers() async throws {
        let bench = try await CollectorBench()
        let subject = try bench.image(1)
        let signature = try bench.image(2, subject: subject.descriptor)
        let seal = try bench.image(3, subject: signature.descriptor)
        let named = try bench.image(4, subject: subject.descriptor)
        try await bench.push(subject, to: bench.a, "v1")
        for image in [signature, seal] { try await bench.push(image, to: bench.a) }
        try await bench.push(named, to: bench.a, "sbom")
        #expect(try await bench.sweep().removed == [])
        try await bench.untag("v1", bench.a)
        try await bench.sweep()
        for image in [subject, signature, seal] { #expect(await !bench.has(image.manifest, bench.a)) }
        #expect(try await bench.has(named, bench.a))
    }

    @Test("I4: a referrer without its subject stays for its time, and goes after it")
    func missingSubject() async throws {
        let bench = try await CollectorBench()
        let signature = try bench.image(2, subject: try bench.image(1).descriptor)
        try await bench.push(signature, to: bench.a)
        var patient = CollectorBench.everything
        patient.referrerSeconds = 3600
        try await bench.sweep(patient)
        #expect(try await bench.has(signature, bench.a))
        let report = try await bench.sweep()
        let missing = try bench.image(1).manifest.digest
        #expect(report.removed.contains { $0.reason == .subjectMissing(missing) })
        #expect(await !bench.has(signature.manifest, bench.a))
    }

    @Test("I4: a fallback tag holds its index while the subject is there, and dies with it")
    func fallbackTag() async throws {
        let bench = try await CollectorBench()
        let subject = try bench.image(1)
        let signature = try bench.image(2)
        try await bench.push(subject, to: bench.a, "v1")
        try await bench.push(signature, to: bench.a)
        let list = try rawIndex([(.ociManifest, signature.manifest.digest, signature.manifest.bytes.count)])
        let fallback = Tag(referrersOf: subject.manifest.digest)
        try await bench.push(list, to: bench.a, fallback.text)
        #expect(try await bench.sweep().removed == [])
        try await bench.untag("v1", bench.a)
        let report = try await bench.sweep()
        #expect(report.removed.contains { $0.item == .tag(fallback, bench.a) })
        #expect(try await bench.stored().isEmpty)
    }

    // MARK: I5

    enum Touch: CaseIterable {
        case head, mount, commit
    }

    @Test("I5: HEAD, mount and commit renew the grace before they answer", arguments: Touch.allCases)
    func grace(_ touch: Touch) async throws {
        let bench = try await CollectorBench()
        let blob = SampleImage.Blob(SampleImage.noise(50, seed: 3))
        try await bench.registry.push(blob: blob, to: bench.a)
        // As old as a day: the lease of that push is over.
        try bench.index.write { change in
            try change.layerUnlinked(blob.digest, in: bench.a)
            try change.blobAbsent(blob.digest)
        }
        let registry = Registry(storage: bench.storage, index: bench.index)
        try bench.index.write { try $0.blobPresent(blob.digest, size: 50, leased: 1) }
        try bench.index.write { try $0.layerLinked(blob.digest, in: bench.a, leased: 1) }
        try await registry.collector.reconcile(by: .test)
        let gracious = SweepOptions(untagged: true, graceSeconds: 600)
        #expect(
            try await registry.collector.planSweep(gracious, by: .test).lines.map(\.item).contains(.blob(blob.digest)))
        switch touch {
        case .head: _ = try await registry.promiseBlob(blob.digest, in: bench.a, by: .test)
        case .mount: _ = try await registry.mountBlob(blob.digest, from: bench.a, into: bench.b, by: .test)
        case .commit: try await registry.push(blob: blob, to: bench.a)
        }
        let plan = try await registry.collector.planSweep(gracious, by: .test)
        #expect(!plan.lines.map(\.item).contains(.blob(blob.digest)))
        #expect(plan.spared.contains { $0.item == .blob(blob.digest) })
    }

    // MARK: I6

    @Test("I6: a line is judged again under its lock, which a push in flight holds")
    func pushInFlight() async throws {
        let driver = GatedDriver()
        let bench = try await CollectorBench(driver)
        let image = try bench.image(1)
        for blob in image.blobs { try await bench.registry.push(blob: blob, to: bench.a) }
        let plan = try await bench.plan()
        driver.close { $0.name == "link" && $0.text.contains("/revisions/") }
        async let pushed: Void = bench.push(image.manifest, to: bench.a, "v1")
        await driver.arrival()
        let report = try await bench.collector.run(plan, by: .test)
        #expect(report.spared.ofContent.map(\.reason) == image.blobs.map { _ in .pushInFlight })
        driver.open()
        try await pushed
        #expect(try await bench.has(image, bench.a))
    }

    // MARK: I7

    @Test("I7: what goes is out of every registry's sight at once, and can come back byte for byte")
    func quarantine() async throws {
        let bench = try await CollectorBench()
        let image = try bench.image(1)
        try await bench.push(image, to: bench.a, "v1")
        try await bench.push(try bench.image(2), to: bench.a, "v2")
        try await bench.untag("v1", bench.a)
        let before = try await Tree.content(of: bench.storage, below: Layout.version)
        let report = try await bench.sweep(CollectorBench.everything, SweepRunSettings(quarantineSeconds: 3600))
        #expect(report.bytesFreed == 0 && report.bytesQuarantined > 0)
        #expect(await !bench.has(image.manifest, bench.a))
        #expect(try await Tree.content(of: bench.storage, below: Layout.version).keys.allSatisfy { before[$0] != nil })

        let run = try #require(try await bench.collector.quarantinedRuns(by: .test).first)
        #expect(run.lines == report.removed.filter { $0.kind != .repository })
        let undo = try await bench.collector.undoRun(run.id, by: .test)
        #expect(undo.kept == [])
        #expect(try await Tree.content(of: bench.storage, below: Layout.version) == before)
        #expect(try await bench.has(image, bench.a))
        #expect(try await bench.collector.quarantinedRuns(by: .test) == [])
        #expect(try await bench.collector.reconcile(by: .test).corrections == 0)
    }

    @Test("I7: one line comes back with what it needs to be whole, and nothing else")
    func undoOneLine() async throws {
        let bench = try await CollectorBench()
        let (one, two) = (try bench.image(1), try bench.image(2, architecture: "arm64"))
        for (image, tag) in [(one, "1"), (two, "2")] {
            try await bench.push(image, to: bench.a, tag)
            try await bench.untag(tag, bench.a)
        }
        let run = try await bench.sweep(CollectorBench.everything, SweepRunSettings(quarantineSeconds: 3600)).plan
        let item = SweepPlan.Item.revision(one.manifest.digest, bench.a)
        let undo = try await bench.collector.undoRun(run, only: [item], by: .test)
        #expect(undo.kept == [])
        #expect(try await bench.has(one, bench.a))
        #expect(try await bench.stored() == Set(one.blobs.map(\.digest) + [one.manifest.digest]))
        #expect(try await bench.collector.purgeRun(run, by: .test) > 0)
        await #expect(throws: RegistryError.runUnknown(run)) { try await bench.collector.undoRun(run, by: .test) }
    }

    // MARK: I8

    @Test("I8: links go before bytes: wherever a run ends, no link leads to nothing, and the next one converges")
    func order() async throws {
        var call = 0
        while true {
            let driver = FaultyDriver()
            let bench = try await CollectorBench(driver)
            for seed in 1...2 {
                try await bench.push(try bench.image(UInt64(seed)), to: bench.a, "t\(seed)")
                try await bench.untag("t\(seed)", bench.a)
            }
            let plan = try await bench.plan()
            _ = driver.takeCalls()
            let number = call
            let calls = CallCount()
            driver.fail(with: EIO) { _ in calls.next() >= number }
            _ = try? await bench.collector.run(plan, SweepRunSettings(quarantineSeconds: 60), by: .test)
            let wasWhole = calls.count <= number
            driver.recover()
            let registry = try await bench.restarted(keepingIndex: call % 2 == 0)
            let dangling = try await registry.collector.check(CheckOptions(), by: .test).findings.map(\.kind)
            #expect(
                !dangling.contains { [.danglingLink, .danglingTag, .missingReference].contains($0) },
                "after \(call) calls: \(dangling)")
            try await registry.collector.run(
                try await registry.collector.planSweep(CollectorBench.everything, by: .test), by: .test)
            #expect(try await bench.stored().isEmpty, "after \(call) calls")
            if wasWhole { break }
            call += 1
        }
        #expect(call > 20)
    }

    // MARK: I9

    @Test("I9: the preview is the plan: the same each time, with a reason for every line, and read back it is itself")
    func previewIsPlan() async throws {
        let bench = try await CollectorBench()
        let subject = try bench.image(1)
        try await bench.push(subject, to: bench.a, "v1")
        try await bench.push(try bench.image(2, subject: subject.descriptor), to: bench.a)
        try await bench.push(try bench.image(3), to: bench.b, "v3")
        try await bench.untag("v1", bench.a)
        let first = try await bench.plan()
        let second = try await bench.plan()
        #expect(first.lines == second.lines && first.id != second.id)
        #expect(first.lines.allSatisfy { !$0.reason.text.isEmpty })
        let data = try CollectorJSON.encode(first)
        let read = try CollectorJSON.decode(SweepPlan.self, from: data)
        #expect(read.id == first.id && read.options == first.options)
        #expect(try CollectorJSON.encode(read) == data)
        let report = try await bench.collector.run(read, by: .test)
        #expect(report.removed.map(\.item) == first.lines.map(\.item))
    }

    // MARK: I10

    @Test("I10: what went is gone from memory too")
    func caches() async throws {
        let bench = try await CollectorBench()
        let image = try bench.image(1)
        try await bench.push(image, to: bench.a, "v1")
        #expect(try await bench.has(image, bench.a))
        try await bench.untag("v1", bench.a)
        try await bench.sweep()
        await #expect(throws: RegistryError.manifestUnknown(.digest(image.manifest.digest), bench.a)) {
            try await bench.registry.manifest(.digest(image.manifest.digest), in: bench.a, by: .test)
        }
        await #expect(throws: RegistryError.blobUnknown(image.blobs[0].digest, bench.a)) {
            try await bench.registry.promiseBlob(image.blobs[0].digest, in: bench.a, by: .test)
        }
        // And it can be pushed again.
        try await bench.push(image, to: bench.a, "v1")
        #expect(try await bench.has(image, bench.a))
    }

    // MARK: I11

    @Test("I11: where a registry of another kind may be writing nothing is swept, unless the user says it is stopped")
    func otherWriters() async throws {
        var settings = Collector.Settings()
        settings.otherWriters = { "somebody else is here" }
        let bench = try await CollectorBench(collecting: settings)
        try await bench.push(try bench.image(1), to: bench.a, "v1")
        try await bench.untag("v1", bench.a)
        let plan = try await bench.plan()
        await #expect(throws: RegistryError.otherWriters("somebody else is here")) {
            try await bench.collector.run(plan, by: .test)
        }
        #expect(try await bench.plan().lines == plan.lines)
        let insisted = SweepRunSettings(othersAreStopped: true)
        #expect(try await bench.collector.run(plan, insisted, by: .test).removed == plan.lines)
    }

    // MARK: I12

    @Test("I12: one sweep at a time; it can be paused, goes on, and can be told to stop")
    func oneAtATime() async throws {
        let bench = try await CollectorBench()
        for seed in UInt64(1)...4 {
            try await bench.registry.push(blob: .init(SampleImage.noise(40, seed: seed)), to: bench.a)
        }
        let plan = try await bench.plan()
        let collector = bench.collector
        let (lines, feed) = AsyncStream<SweepProgress>.makeStream()
        async let report = collector.run(plan, by: .test) { progress in
            if progress.linesDone == 2 { try? collector.steer(.pause, by: .test) }
            feed.yield(progress)
            return true
        }
        for await progress in lines where progress.linesDone == 2 { break }
        #expect(collector.isSweeping)
        #expect(collector.sweepProgress?.isPaused == true)
        // Nor may another collector on the same ground begin one.
        for collector in [collector, Collector(bench.registry.ground)] {
            await #expect(throws: RegistryError.sweepRunning) { try await collector.run(plan, by: .test) }
        }
        try collector.steer(.stop, by: .test)
        let outcome = try await report
        #expect(outcome.removed == Array(plan.lines.prefix(2)))
        #expect(outcome.spared.allSatisfy { $0.reason == .stopped })
        #expect(!collector.isSweeping)
    }

    @Test("I12: a rate is kept")
    func rate() async throws {
        let bench = try await CollectorBench()
        for seed in UInt64(1)...5 {
            try await bench.registry.push(blob: .init(SampleImage.noise(40, seed: seed)), to: bench.a)
        }
        let report = try await bench.sweep(
            CollectorBench.everything, SweepRunSettings(quarantineSeconds: 60, linesPerSecondMax: 20))
        #expect(report.seconds >= 0.2)
    }

    // MARK: I13

    @Test("I13: an upload is abandoned by its last write, and never while somebody has it open")
    func uploads() async throws {
        let bench = try await CollectorBench()
        let open = try await bench.registry.startUpload(in: bench.a, by: .test)
        let left = try await bench.registry.startUpload(in: bench.a, by: .test)
        let session = try await bench.registry.openUpload(open.id, in: bench.a, by: .test)
        var patient = CollectorBench.everything
        patient.uploadSeconds = 3600
        let spared = try await bench.plan(patient).spared
        #expect(spared.map(\.item) == [.upload(left.id, bench.a)])
        let report = try await bench.sweep()
        #expect(report.removed.map(\.item) == [.upload(left.id, bench.a)])
        try Array("hello".utf8).withUnsafeBytes { try session.append($0) }
        _ = try await session.finish(Digest.of(Array("hello".utf8)), by: .test)
        await #expect(throws: RegistryError.uploadUnknown(left.id)) {
            try await bench.registry.uploadStatus(left.id, in: bench.a, by: .test)
        }
    }

    // MARK: I14

    @Test("I14: a manifest that names a layer by sha512 keeps the bytes that lie under sha256 (Q5)")
    func aliases() async throws {
        let bench = try await CollectorBench()
        let bytes = SampleImage.noise(70, seed: 5)
        let (long, short) = (Digest.of(bytes, .sha512), Digest.of(bytes))
        try await bench.registry.push(blob: .init(bytes), to: bench.a)
        try await bench.storage.write(Layout.layerLink(long, in: bench.a), Link.content(short))
        try await bench.collector.reconcile(by: .test)
        let index = try rawIndex([(.ociLayerGzip, long, 70)])
        try await bench.push(index, to: bench.a, "v1")
        #expect(try await bench.sweep().removed == [])
        #expect(try await bench.registry.blob(long, in: bench.a, by: .test).size == 70)
    }

    // MARK: I15

    @Test("I15: freed bytes are what the medium counts, and an empty repository leaves the catalogue and the tree")
    func measured() async throws {
        let folder = NSTemporaryDirectory() + "berth-\(UUID())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let driver = try FileSystemDriver(root: folder)
        let bench = try await CollectorBench(driver)
        let image = try bench.image(1)
        try await bench.push(image, to: bench.a, "v1")
        try await bench.push(try bench.image(2), to: bench.b, "v1")
        try await bench.untag("v1", bench.a)
        var allocated: Int64 = 0
        for digest in image.blobs.map(\.digest) + [image.manifest.digest] {
            allocated += try #require(try await driver.stat(Layout.blobData(digest))).allocated
        }
        #expect(allocated >= 3 * 512)
        let report = try await bench.sweep()
        // The links had a size too.
        #expect(report.bytesFreed >= allocated)
        #expect(try await bench.registry.repositoryNames(after: nil, limit: 9, by: .test) == [bench.b])
        #expect(try await driver.stat(Layout.repository(bench.a)) == nil)
        // Somebody comes back at once.
        try await bench.push(image, to: bench.a, "v2")
        #expect(try await bench.has(image, bench.a))
    }
}

/// Counts the calls of a storage.
final class CallCount: Sendable {
    private let value = Atomic<Int>(0)
    var count: Int { value.load(ordering: .acquiring) }
    /// The number of this call.
    func next() -> Int { value.wrappingAdd(1, ordering: .acquiringAndReleasing).oldValue }
}
