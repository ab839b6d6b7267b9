import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryStorage
import StorageProbes
import Synchronization
import Testing

/// Who holds nothing changes nothing: neither where no hold is given nor where one is lost meanwhile.
@Suite struct HoldTests {
    private static let one: Set<HoldKey> = [.digest(.of([1]))]

    @Test func aHoldEndsWithTheBlockThatHasIt() async throws {
        let coordination = LocalCoordination()
        do {
            let hold = try await coordination.hold(Self.one, .exclusive)
            try hold.confirm()
            let isRefused = if case .none = try coordination.holdNow(Self.one, .shared) { true } else { false }
            #expect(isRefused)
            #expect(coordination.kind(of: .digest(.of([1]))) == .exclusive)
        }
        #expect(coordination.kind(of: .digest(.of([1]))) == nil)
        let late = try await coordination.hold(Self.one, .shared)
        let digests = late.digests()
        #expect(digests == [.of([1])])
    }

    @Test func keysAreTakenInOneOrder() throws {
        let name = try RepositoryName("a")
        let ordered: [HoldKey] = [
            .sweep, .planning, .comparison, .upload(UploadID()), .digest(.of([1])), .tag(try Tag("t"), name),
            .repository(name),
        ]
        #expect(ordered.shuffled().sorted() == ordered)
        #expect(HoldKey.tag(try Tag("z"), name) < .tag(try Tag("a"), try RepositoryName("b")))
    }

    // MARK: Verbs without a hold

    /// A verb that changes the tree, on a registry that has an image that is tagged, one that is not, and an open upload.
    struct Verb: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let call: @Sendable (Bench) async throws -> Void

        init(_ name: String, _ call: @escaping @Sendable (Bench) async throws -> Void) {
            testDescription = name
            self.call = call
        }
    }

    struct Bench {
        let coordination = ShakyCoordination()
        let bench: CollectorBench
        let (tag, tagged, untagged): (OCI.Tag, SampleImage, SampleImage)
        let upload: UploadID
        let blob = SampleImage.Blob(SampleImage.noise(300, seed: 9))
        /// In the repository, and no part of an image.
        let single = SampleImage.Blob(SampleImage.noise(300, seed: 8))
        var registry: Registry { bench.registry }
        var collector: Collector { bench.collector }

        init(_ storage: any StorageDriver = MemoryDriver()) async throws {
            bench = try await CollectorBench(storage, coordination: coordination)
            (tag, tagged, untagged) = (try Tag("v1"), try bench.image(1), try bench.image(2))
            try await bench.push(tagged, to: bench.a, "v1")
            try await bench.push(untagged, to: bench.a)
            try await bench.registry.push(blob: single, to: bench.a)
            upload = try await bench.registry.startUpload(in: bench.a, by: .test).id
            let session = try await bench.registry.openUpload(upload, in: bench.a, by: .test)
            try blob.bytes.withUnsafeBytes { try session.append($0) }
            _ = try await session.suspend()
        }

        func tree() async throws -> [String: [UInt8]] {
            try await Tree.content(of: bench.storage).filter { !$0.key.hasPrefix("berth/") }
        }

        /// Everything that is held is lost with a call of the storage that is still to come.
        func lose(at count: Int, of driver: FaultyDriver) {
            _ = driver.takeCalls()
            let left = Mutex(count)
            driver.fail { [coordination] _ in
                let isUp = left.withLock { left in
                    left -= 1
                    return left == -1
                }
                if isUp { coordination.turn(.lost) }
                return false
            }
        }

        /// True when the verb came to its end before that call.
        func expectNothing(after count: Int, of driver: FaultyDriver) async throws -> Bool {
            let calls = driver.takeCalls()
            driver.recover()
            #expect(HoldTests.changes(calls, after: count).isEmpty, "lost after \(count) calls: \(calls.suffix(9))")
            #expect(coordination.keysHeld == 0)
            coordination.turn(.sound)
            let findings = try await collector.check(CheckOptions(), by: .test).findings
            #expect(findings.isEmpty, "lost after \(count) calls: \(findings.map(\.path))")
            return calls.count <= count
        }

        func finish() async throws {
            let session = try await registry.openUpload(upload, in: bench.a, by: .test)
            _ = try await session.finish(blob.digest, by: .test)
        }

        /// Takes out what can go, and says as an error what stayed.
        func sweep() async throws {
            for spared in try await bench.sweep().spared {
                if case .failed(let why) = spared.reason { throw Stayed(why) }
            }
        }
    }

    struct Stayed: Error {
        let why: String
        init(_ why: String) { self.why = why }
    }

    static let verbs = [
        Verb("push of a manifest") { try await $0.registry.push($0.untagged.manifest, to: $0.bench.a, tag: $0.tag) },
        Verb("end of an upload") { try await $0.finish() },
        Verb("end of an upload that is given up") {
            try await $0.registry.cancelUpload($0.upload, in: $0.bench.a, by: .test)
        },
        Verb("mount") { bench in
            let digest = bench.tagged.blobs[0].digest
            let blob = try await bench.registry.mountBlob(digest, from: bench.bench.a, into: bench.bench.b, by: .test)
            #expect(blob?.digest == digest)
        },
        Verb("rollback") {
            try await $0.registry.setTag($0.tag, to: $0.untagged.manifest.digest, in: $0.bench.a, by: .test)
        },
        Verb("deletion of a tag") { try await $0.registry.deleteTag($0.tag, in: $0.bench.a, by: .test) },
        Verb("deletion of a manifest") {
            try await $0.registry.deleteManifest($0.tagged.manifest.digest, in: $0.bench.a, by: .test)
        },
        Verb("deletion of a blob") {
            try await $0.registry.deleteBlob($0.single.digest, in: $0.bench.a, by: .test)
        },
        Verb("purge of uploads") { bench in
            let count = try await bench.collector.purgeUploads(olderThan: -10, dryRun: false, by: .test)
            #expect(count == 1)
        },
        Verb("sweep") { try await $0.sweep() },
    ]

    @Test(arguments: verbs, [ShakyCoordination.Mood.refuses, .lost])
    func nothingChangesWithoutAHold(_ verb: Verb, _ mood: ShakyCoordination.Mood) async throws {
        let bench = try await Bench()
        let before = try await bench.tree()
        bench.coordination.turn(mood)
        await #expect(throws: (any Error).self) { try await verb.call(bench) }
        #expect(try await bench.tree() == before)
        #expect(bench.coordination.keysHeld == 0)
        bench.coordination.turn(.sound)
        try await verb.call(bench)
        #expect(try await bench.tree() != before)
        #expect(bench.coordination.keysHeld == 0)
    }

    /// Who looks for old uploads takes no young one from its client, not even for a moment.
    @Test func aPurgeHoldsNothingThatIsYoung() async throws {
        let bench = try await Bench()
        bench.coordination.turn(.refuses)
        #expect(try await bench.collector.purgeUploads(olderThan: 3600, dryRun: false, by: .test) == 0)
    }

    // MARK: Holds that are lost on the way

    /// What changes the tree.
    private static let changing: [FaultyDriver.Operation] = [
        .write, .take, .truncate, .move, .remove, .createDirectory,
    ]

    /// Calls behind the given one that change the tree. Several writes in a row are one call of the storage.
    private static func changes(_ calls: [FaultyDriver.Call], after count: Int) -> [FaultyDriver.Call] {
        guard calls.count > count else { return [] }
        var rest = calls.dropFirst(count + 1)
        let writes: [FaultyDriver.Operation] = [.write, .createDirectory]
        if writes.contains(calls[count].operation) { rest = rest.drop { writes.contains($0.operation) } }
        return rest.filter { call in
            // Records of runs are nobody else's, nor what is being freed; what is moved to a run or from it is the tree's.
            let (path, isOurs) = (call.path.text, call.path.text.hasPrefix("berth/"))
            let isRecord = isOurs && (!path.contains("/docker/") || path.contains(".purging/"))
            return changing.contains(call.operation) && !isRecord
        }
    }

    /// However far a verb is when what it holds is lost: it changes nothing more, and what it has changed is whole.
    @Test(arguments: verbs) func nothingChangesOnceAHoldIsLost(_ verb: Verb) async throws {
        var isThrough = false
        for count in 0..<1000 where !isThrough {
            let driver = FaultyDriver()
            let bench = try await Bench(driver)
            bench.lose(at: count, of: driver)
            try? await verb.call(bench)
            isThrough = try await bench.expectNothing(after: count, of: driver)
        }
        #expect(isThrough)
    }

    /// The same of what comes back, which comes back whole when the others can be asked again.
    @Test func nothingComesBackOnceAHoldIsLost() async throws {
        var isThrough = false
        for count in 0..<1000 where !isThrough {
            let driver = FaultyDriver()
            let bench = try await Bench(driver)
            let settings = SweepRunSettings(quarantineSeconds: 3600)
            let run = try await bench.bench.sweep(CollectorBench.everything, settings).plan
            bench.lose(at: count, of: driver)
            _ = try? await bench.collector.undoRun(run, by: .test)
            isThrough = try await bench.expectNothing(after: count, of: driver)
            _ = try? await bench.collector.undoRun(run, by: .test)
            #expect(try await bench.bench.has(bench.untagged, bench.bench.a), "lost after \(count) calls")
        }
        #expect(isThrough)
    }

    /// What a sweep took can be had back later, when the others can be asked again.
    @Test(arguments: [ShakyCoordination.Mood.refuses, .lost])
    func nothingComesBackWithoutAHold(_ mood: ShakyCoordination.Mood) async throws {
        let bench = try await Bench()
        let run = try await bench.bench.sweep(CollectorBench.everything, SweepRunSettings(quarantineSeconds: 3600)).plan
        let before = try await bench.tree()
        bench.coordination.turn(mood)
        let undo = try? await bench.collector.undoRun(run, by: .test)
        #expect(undo?.restored.isEmpty != false)
        #expect(try await bench.tree() == before)
        bench.coordination.turn(.sound)
        #expect(try await bench.collector.undoRun(run, by: .test).kept.isEmpty)
        #expect(try await bench.bench.has(bench.untagged, bench.bench.a))
        #expect(bench.coordination.keysHeld == 0)
    }

    /// A client is promised nothing that another could be taking away.
    @Test(arguments: [ShakyCoordination.Mood.refuses, .lost])
    func nothingIsPromisedWithoutAHold(_ mood: ShakyCoordination.Mood) async throws {
        let bench = try await Bench()
        let digest = bench.tagged.blobs[0].digest
        bench.coordination.note(.kept([digest], in: bench.bench.a))
        bench.coordination.turn(mood)
        await #expect(throws: RegistryError.notHeld(reason: "cut off")) {
            _ = try await bench.registry.promiseBlob(digest, in: bench.bench.a, by: .test)
        }
        #expect(throws: RegistryError.notHeld(reason: "cut off")) {
            _ = try bench.registry.promiseBlobNow(digest, in: bench.bench.a, by: .test)
        }
        #expect(bench.coordination.promised(digest) == Promised())
    }
}
