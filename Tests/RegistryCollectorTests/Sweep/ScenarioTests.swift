import Foundation
import Glibc
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import RegistryStorage
import StorageProbes
import Testing

/// What goes wrong elsewhere: a test for each scenario that other registries were compared by, named after it. Most lose data
/// in distribution, or leave garbage, or end the run.
@Suite("Scenarios of the collector")
struct ScenarioTests {
    // MARK: While serving

    @Test("HEAD blob → sweep → PUT manifest: with a grace the blob is there; without, the push is refused and heals")
    func headThenPut() async throws {
        let bench = try await CollectorBench()
        let image = try bench.image(1)
        for blob in image.blobs { try await bench.registry.push(blob: blob, to: bench.a) }
        for blob in image.blobs { _ = try await bench.registry.promiseBlob(blob.digest, in: bench.a, by: .test) }
        try await bench.sweep(SweepOptions(untagged: true, graceSeconds: 600))
        try await bench.push(image.manifest, to: bench.a, "v1")
        #expect(try await bench.has(image, bench.a))

        // Without a grace the promise is broken, and the client is told before it believes that its image is there.
        let other = try bench.image(2)
        for blob in other.blobs { try await bench.registry.push(blob: blob, to: bench.a) }
        try await bench.sweep()
        await #expect(throws: RegistryError.self) { try await bench.push(other.manifest, to: bench.a, "v2") }
        await #expect(throws: RegistryError.self) {
            try await bench.registry.promiseBlob(other.blobs[0].digest, in: bench.a, by: .test)
        }
        try await bench.push(other, to: bench.a, "v2")
        #expect(try await bench.has(other, bench.a))
    }

    @Test("mount during sweep: the mounted blob stays, or the client uploads")
    func mountDuringSweep() async throws {
        let driver = GatedDriver()
        let bench = try await CollectorBench(driver)
        let image = try bench.image(1)
        for blob in image.blobs { try await bench.registry.push(blob: blob, to: bench.a) }
        let plan = try await bench.plan()
        let layer = image.blobs[0].digest
        driver.close { $0 == Layout.layerLink(layer, in: bench.b) }
        async let mounted = bench.registry.mountBlob(layer, from: bench.a, into: bench.b, by: .test)
        await driver.arrival()
        let report = try await bench.collector.run(plan, by: .test)
        #expect(report.spared.contains { $0.item == .blob(layer) && $0.reason == .pushInFlight })
        driver.open()
        #expect(try await mounted?.digest == layer)
        #expect(try await bench.registry.blob(layer, in: bench.b, by: .test).size == 300)
        // What went from the source meanwhile cannot be mounted.
        #expect(
            try await bench.registry.mountBlob(image.blobs[1].digest, from: bench.a, into: bench.b, by: .test) == nil)
    }

    @Test("commit of an existing orphan digest during sweep: the bytes are there when the commit is acknowledged")
    func commitDuringSweep() async throws {
        let driver = GatedDriver()
        let bench = try await CollectorBench(driver)
        let orphan = SampleImage.Blob(SampleImage.noise(80, seed: 1))
        try await bench.registry.push(blob: orphan, to: bench.a)
        let plan = try await bench.plan()
        driver.close { $0 == Layout.layerLink(orphan.digest, in: bench.b) }
        async let committed: Void = bench.registry.push(blob: orphan, to: bench.b)
        await driver.arrival()
        let report = try await bench.collector.run(plan, by: .test)
        #expect(report.spared.contains { $0.item == .blob(orphan.digest) && $0.reason == .pushInFlight })
        driver.open()
        try await committed
        #expect(try await bench.registry.blob(orphan.digest, in: bench.b, by: .test).size == 80)
    }

    @Test("pushed between mark and sweep: what came alive is spared and said")
    func pushedBetween() async throws {
        let bench = try await CollectorBench()
        let image = try bench.image(1)
        for blob in image.blobs { try await bench.registry.push(blob: blob, to: bench.a) }
        let plan = try await bench.plan()
        try await bench.push(image, to: bench.a, "v1")
        let report = try await bench.collector.run(plan, by: .test)
        #expect(report.removed.ofContent == [])
        #expect(report.spared.ofContent.map(\.reason) == image.blobs.map { _ in .cameAlive })
        #expect(try await bench.has(image, bench.a))
    }

    @Test(
        "tag deleted or re-pointed during the run: a manifest that is tagged again stays, one that lost its tag waits")
    func retaggedDuringRun() async throws {
        let bench = try await CollectorBench()
        let (one, two) = (try bench.image(1), try bench.image(2))
        try await bench.push(one, to: bench.a, "x")
        try await bench.push(two, to: bench.a, "y")
        try await bench.untag("x", bench.a)
        let plan = try await bench.plan()
        try await bench.registry.setTag(try Tag("y"), to: one.manifest.digest, in: bench.a, by: .test)
        let report = try await bench.collector.run(plan, by: .test)
        #expect(report.removed.ofContent == [])
        #expect(try await bench.has(one, bench.a))
        // The other has no tag now; the plan did not know, so it is still there.
        #expect(try await bench.has(two, bench.a))
        #expect(try await bench.sweep().removed.contains { $0.item == .revision(two.manifest.digest, bench.a) })
    }

    // MARK: Indexes

    @Test("child of a tagged index, with untagged removal: it stays")
    func childOfTaggedIndex() async throws {
        let bench = try await CollectorBench()
        let (amd, arm) = (try bench.image(1), try bench.image(2, architecture: "arm64"))
        for image in [amd, arm] { try await bench.push(image, to: bench.a) }
        try await bench.push(try SampleImage.index([("amd64", amd), ("arm64", arm)]), to: bench.a, "multi")
        #expect(try await bench.sweep().removed == [])
        for image in [amd, arm] { #expect(try await bench.has(image, bench.a)) }
    }

    @Test("nested index: everything below it stays")
    func nestedIndex() async throws {
        let bench = try await CollectorBench()
        let leaf = try bench.image(1)
        try await bench.push(leaf, to: bench.a)
        let inner = try SampleImage.index([("amd64", leaf)])
        try await bench.push(inner, to: bench.a)
        let outer = try rawIndex([(.ociIndex, inner.digest, inner.bytes.count)])
        try await bench.push(outer, to: bench.a, "outer")
        #expect(try await bench.sweep().removed == [])
        #expect(try await bench.has(leaf, bench.a))
        try await bench.untag("outer", bench.a)
        try await bench.sweep()
        #expect(try await bench.stored().isEmpty)
    }

    @Test("same index in two repositories, child missing in one: the other stays whole", arguments: [true, false])
    func sameIndexTwice(missingInFirst: Bool) async throws {
        var sparse = Registry.Configuration()
        sparse.requiresIndexEntries = false
        let bench = try await CollectorBench(configuration: sparse)
        let child = try bench.image(1)
        let index = try SampleImage.index([("amd64", child)])
        let (whole, lacking) = missingInFirst ? (bench.b, bench.a) : (bench.a, bench.b)
        try await bench.push(child, to: whole)
        for name in [whole, lacking] { try await bench.push(index, to: name, "multi") }
        try await bench.sweep()
        #expect(try await bench.has(child, whole))
        #expect(await bench.has(index, lacking))
    }

    @Test(
        "same manifest, untagged in one repository and tagged in the other: the first loses it, the second has it whole"
    )
    func sameManifestTwice() async throws {
        let bench = try await CollectorBench()
        let image = try bench.image(1)
        for name in [bench.a, bench.b] { try await bench.push(image, to: name, "x") }
        try await bench.untag("x", bench.a)
        let report = try await bench.sweep()
        #expect(report.bytesFreed < 4096 && report.removed.ofContent.count == 1)
        #expect(try await bench.has(image, bench.b))
        // Neither manifest nor a link to a layer is left behind, nor the repository.
        #expect(try await bench.storage.stat(Layout.repository(bench.a)) == nil)
    }

    // MARK: Referrers

    @Test("untagged referrer of a live subject: it stays")
    func untaggedReferrer() async throws {
        let bench = try await CollectorBench()
        let subject = try bench.image(1)
        let signature = try bench.image(2, subject: subject.descriptor)
        try await bench.push(subject, to: bench.a, "v1")
        try await bench.push(signature, to: bench.a)
        #expect(try await bench.sweep().removed == [])
        #expect(try await bench.has(signature, bench.a))
    }

    @Test("referrer of a dead subject: it goes with it, also when the subject was deleted by hand")
    func referrerOfDeadSubject() async throws {
        let bench = try await CollectorBench()
        let subject = try bench.image(1)
        let signature = try bench.image(2, subject: subject.descriptor)
        try await bench.push(subject, to: bench.a, "v1")
        try await bench.push(signature, to: bench.a)
        try await bench.registry.deleteManifest(subject.manifest.digest, in: bench.a, by: .test)
        var options = SweepOptions(graceSeconds: 0)
        #expect(try await bench.sweep(options).removed.contains { $0.kind == .revision } == false)
        options.referrerSeconds = 0
        try await bench.sweep(options)
        #expect(try await bench.stored().isEmpty)
    }

    // MARK: Crashes and damage

    @Test("crash mid-sweep: the run is found, and goes on from where it was")
    func crashMidSweep() async throws {
        let driver = FaultyDriver()
        let bench = try await CollectorBench(driver)
        let images = try (1...3).map { try bench.image(UInt64($0), architecture: "m\($0)") }
        for (number, image) in images.enumerated() {
            try await bench.push(image, to: bench.a, "t\(number)")
            try await bench.untag("t\(number)", bench.a)
        }
        let kept = try bench.image(9, architecture: "kept")
        try await bench.push(kept, to: bench.a, "kept")
        let plan = try await bench.plan()
        _ = try? await bench.collector.run(plan, SweepRunSettings(quarantineSeconds: 60), by: .test) { progress in
            if progress.linesDone == 5 { driver.fail(with: EIO) { _ in true } }
            return true
        }
        driver.recover()
        let registry = try await bench.restarted()
        let run = try #require(try await registry.collector.quarantinedRuns(by: .test).first)
        #expect(run.state == .interrupted && run.lines == Array(plan.lines.prefix(5)))
        let report = try await registry.collector.resumeRun(run.id, by: .test)
        #expect(report.removed == plan.lines && report.spared == [])
        #expect(try await registry.collector.quarantinedRuns(by: .test).first?.state == .finished)
        #expect(try await bench.stored() == Set(kept.blobs.map(\.digest) + [kept.manifest.digest]))
        #expect(try await registry.collector.planSweep(CollectorBench.everything, by: .test).lines == [])
    }

    @Test("corrupt manifest: its repository is spared, the others are swept")
    func corruptManifest() async throws {
        let bench = try await CollectorBench()
        let (broken, dead) = (try bench.image(1), try bench.image(2))
        try await bench.push(broken, to: bench.a, "v1")
        try await bench.push(dead, to: bench.b, "v1")
        try await bench.untag("v1", bench.b)
        try await bench.storage.write(Layout.blobData(broken.manifest.digest), Array("{broken".utf8))
        let registry = try await bench.restarted(keepingIndex: false)
        let report = try await registry.collector.run(
            try await registry.collector.planSweep(CollectorBench.everything, by: .test), by: .test)
        #expect(report.removed.contains { $0.item == .revision(dead.manifest.digest, bench.b) })
        for blob in broken.blobs {
            #expect(try await bench.storage.stat(Layout.blobData(blob.digest)) != nil)
        }
    }

    @Test("zero-length or dangling revision link: what it may pin stays, the run goes on", arguments: [true, false])
    func brokenLink(isEmpty: Bool) async throws {
        let bench = try await CollectorBench()
        let (broken, dead) = (try bench.image(1), try bench.image(2))
        try await bench.push(broken, to: bench.a, "v1")
        try await bench.push(dead, to: bench.b, "v1")
        try await bench.untag("v1", bench.b)
        if isEmpty {
            try await bench.storage.write(Layout.revisionLink(broken.manifest.digest, in: bench.a), [])
        } else {
            try await bench.storage.remove(Layout.blob(broken.manifest.digest))
        }
        let registry = try await bench.restarted(keepingIndex: false)
        let report = try await registry.collector.run(
            try await registry.collector.planSweep(CollectorBench.everything, by: .test), by: .test)
        #expect(report.removed.contains { $0.item == .revision(dead.manifest.digest, bench.b) })
        for blob in broken.blobs {
            #expect(try await bench.storage.stat(Layout.blobData(blob.digest)) != nil)
        }
        // Pushed again it is whole, and nothing of it was lost.
        try await registry.push(broken.manifest, to: bench.a, tag: try Tag("v1"))
        #expect(try await registry.isPullable(broken, from: bench.a, tag: try Tag("v1")))
    }

    @Test("schema 1 manifest: what it references stays")
    func schema1() async throws {
        let bench = try await CollectorBench()
        let layer = SampleImage.Blob(SampleImage.noise(60, seed: 1))
        try await bench.registry.push(blob: layer, to: bench.a)
        let old = Array(
            """
            {"schemaVersion":1,"name":"team/a","tag":"old","architecture":"amd64",\
            "fsLayers":[{"blobSum":"\(layer.digest)"}],"history":[{"v1Compatibility":"{}"}]}
            """.utf8)
        let digest = Digest.of(old)
        try await bench.storage.write(Layout.blobData(digest), old)
        try await bench.storage.write(Layout.revisionLink(digest, in: bench.a), Link.content(digest))
        try await bench.storage.write(Layout.tagCurrent(try Tag("old"), in: bench.a), Link.content(digest))
        let registry = try await bench.restarted(keepingIndex: false)
        try await registry.collector.run(
            try await registry.collector.planSweep(CollectorBench.everything, by: .test), by: .test)
        #expect(try await bench.storage.stat(Layout.blobData(layer.digest)) != nil)
        #expect(try await bench.storage.stat(Layout.blobData(digest)) != nil)
    }

    @Test("sha512: a layer that is named by it stays, and what is pushed by it is collected when it dies")
    func sha512() async throws {
        let bench = try await CollectorBench()
        let config = SampleImage.Blob(Array("{}".utf8))
        let layer = SampleImage.Blob(SampleImage.noise(90, seed: 4), .sha512)
        for blob in [config, layer] { try await bench.registry.push(blob: blob, to: bench.a) }
        let text = """
            {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)",\
            "config":{"mediaType":"\(MediaType.ociConfig)","digest":"\(config.digest)","size":2},\
            "layers":[{"mediaType":"\(MediaType.ociLayerGzip)","digest":"\(layer.digest)","size":90}]}
            """
        try await bench.push(try Manifest(bytes: Array(text.utf8)), to: bench.a, "v1")
        #expect(try await bench.sweep().removed == [])
        #expect(try await bench.registry.blob(layer.digest, in: bench.a, by: .test).size == 90)
        try await bench.untag("v1", bench.a)
        try await bench.sweep()
        #expect(try await bench.stored().isEmpty)
    }

    @Test("stale upload: it goes by its age, and a young one stays")
    func staleUpload() async throws {
        let bench = try await CollectorBench()
        let upload = try await bench.registry.startUpload(in: bench.a, by: .test)
        #expect(try await bench.sweep(SweepOptions(graceSeconds: 0)).removed == [])
        let report = try await bench.sweep()
        // With it the last of the repository.
        #expect(report.removed.map(\.item) == [.upload(upload.id, bench.a), .repository(bench.a)])
        #expect(try await bench.storage.stat(Layout.repository(bench.a)) == nil)
    }

    @Test("memory on huge registries: a preview takes from the index what is garbage, and looks at nothing else")
    func memory() async throws {
        let driver = FaultyDriver()
        let bench = try await CollectorBench(driver)
        let image = try bench.image(1)
        try await bench.push(image, to: bench.a, "v1")
        for number in 0..<200 {
            // Tagged, listed and about something: everything that can hold a manifest.
            let other = try bench.image(UInt64(number + 10), subject: image.descriptor)
            try await bench.push(other, to: bench.a, number.isMultiple(of: 2) ? "t\(number)" : nil)
        }
        let dead = try bench.image(2)
        try await bench.push(dead, to: bench.b, "v1")
        try await bench.untag("v1", bench.b)
        _ = driver.takeCalls()
        // Of the tree at what else the repositories have that lose something: one that is damaged may need what goes.
        let own = [Layout.revisionLink(dead.manifest.digest, in: bench.b), Layout.blobData(dead.manifest.digest)]
        let plan = try await bench.plan()
        #expect(Set(driver.takeCalls().map(\.path)) == Set(own + [Layout.manifests(bench.b)]))
        #expect(try await bench.plan().lines.count == plan.lines.count)
        #expect(driver.takeCalls().filter { $0.operation != .list } == own.map { .init(operation: .stat, path: $0) })
        let garbage = dead.blobs.map(\.digest).filter { $0 != image.blobs[1].digest } + [dead.manifest.digest]
        #expect(Set(plan.lines.filter { $0.kind == .blob }.compactMap(\.digest)) == Set(garbage))
        let (loose, rest) = try bench.index.read { view in
            (try view.looseRevisions().map(\.digest), try view.unreferenced().count + view.idleLayers().count)
        }
        #expect(loose == [dead.manifest.digest] && rest == 0)
    }
}
