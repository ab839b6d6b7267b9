import Foundation
import Glibc
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryStorage
import StorageProbes
import Testing

/// What is at the place of something that is to come back: decided by its content, never by a directory; and nothing that
/// was quarantined is lost to it.
@Suite struct UndoPlaceTests {
    private static let kept = SweepRunSettings(quarantineSeconds: 3600)

    /// An image with its tag in the quarantine, and another that stays.
    private struct Swept {
        let driver = FaultyDriver()
        let bench: CollectorBench
        let image: SampleImage
        let run: SweepPlan
        /// The tree before.
        let before: [String: [UInt8]]

        init() async throws {
            var settings = Collector.Settings()
            settings.retention = RetentionPolicy(rules: [.init(tags: ["goes"], keepSeconds: 0)])
            bench = try await CollectorBench(driver, collecting: settings)
            image = try bench.image(1)
            try await bench.push(image, to: bench.a, "goes")
            try await bench.push(try bench.image(2), to: bench.a, "stays")
            before = try await Tree.content(of: driver.tree, below: Layout.version)
            var options = CollectorBench.everything
            options.retention = true
            run = try await bench.plan(options)
            _ = try await bench.collector.run(run, kept, by: .test)
        }

        var storage: any StorageDriver { driver.tree }
        var tree: [String: [UInt8]] {
            get async throws { try await Tree.content(of: driver.tree, below: Layout.version) }
        }

        /// Paths of the tree that are not as they were.
        var difference: [String] {
            get async throws {
                let now = try await tree
                return Set(now.keys).union(before.keys).filter { now[$0] != before[$0] }.sorted()
            }
        }

        func quarantined() async throws -> [String: [UInt8]] {
            try await Tree.content(of: driver.tree, below: Layout.trash).filter { $0.key.contains("/docker/") }
        }
    }

    @Test func emptyDirectoriesAreNothing() async throws {
        let swept = try await Swept()
        for line in swept.run.lines {
            switch line.item {
            case .blob(let digest): try await swept.storage.createDirectory(Layout.blob(digest))
            case .revision(let digest, let name):
                try await swept.storage.createDirectory(try #require(Layout.revisionLink(digest, in: name).parent))
            case .tag(let tag, let name):
                try await swept.storage.createDirectory(Layout.tag(tag, in: name).appending("current"))
            case .layerLink, .upload, .repository: break
            }
        }
        for blob in swept.image.blobs {
            let link = Layout.layerLink(blob.digest, in: swept.bench.a)
            try await swept.storage.createDirectory(try #require(link.parent))
        }
        let undo = try await swept.bench.collector.undoRun(swept.run.id, by: .test)
        #expect(undo.kept.map(\.item.text) == [])
        let isAsBefore = try await swept.tree == swept.before
        #expect(isAsBefore)
        #expect(try await swept.bench.collector.quarantinedRuns(by: .test).isEmpty)
        #expect(try await swept.bench.collector.reconcile(by: .test).corrections == 0)
    }

    /// A push that put the same bytes there meanwhile may not have come to its end: they are on the disk before those in the
    /// quarantine go.
    @Test func whatIsThereAlreadyIsMadeDurableFirst() async throws {
        let swept = try await Swept()
        let blob = swept.image.blobs[0]
        let place = Layout.blobData(blob.digest)
        try await swept.storage.write(place, blob.bytes)
        _ = swept.driver.takeCalls()
        let undo = try await swept.bench.collector.undoRun(swept.run.id, by: .test)
        #expect(undo.kept.map(\.item.text) == [])
        let calls = swept.driver.takeCalls()
        let preserved = try #require(calls.firstIndex(of: .init(operation: .preserve, path: place)))
        let removed = try #require(
            calls.firstIndex { $0.operation == .remove && $0.path != place && $0.path.text.hasSuffix(place.text) })
        #expect(preserved < removed)
    }

    /// What a push leaves that ended between its groups: the history of a tag and not the tag.
    @Test func aHalfPlaceIsFilledIn() async throws {
        let swept = try await Swept()
        let (tag, name, digest) = (try Tag("goes"), swept.bench.a, swept.image.manifest.digest)
        try await swept.storage.write(Layout.tagIndex(digest, tag, in: name), Link.content(digest))
        // And files that a crash cut short.
        try await swept.storage.write(Layout.revisionLink(digest, in: name), [])
        let blob = swept.image.blobs[0]
        try await swept.storage.write(Layout.blobData(blob.digest), Array(blob.bytes.prefix(100)))
        let undo = try await swept.bench.collector.undoRun(swept.run.id, by: .test)
        #expect(undo.kept.map(\.item.text) == [])
        let isAsBefore = try await swept.tree == swept.before
        #expect(isAsBefore)
        #expect(try await swept.bench.registry.manifest(.tag(tag), in: name, by: .test).digest == digest)
    }

    @Test func whatDiffersStaysInBothPlaces() async throws {
        let swept = try await Swept()
        let blob = swept.image.blobs[0]
        let place = Layout.blobData(blob.digest)
        let other = Array("something else".utf8)
        try await swept.storage.write(place, other)
        let undo = try await swept.bench.collector.undoRun(swept.run.id, by: .test)
        let reason = undo.kept.first { $0.item == .blob(blob.digest) }?.reason.text(now: .init())
        #expect(reason?.contains(place.text) == true, "\(reason ?? "it was not kept")")
        #expect(try await swept.storage.read(place, limit: 100) == other)
        let held = try await swept.quarantined()
        let isHeld = held.contains { $0.key.hasSuffix(place.text) && $0.value == blob.bytes }
        #expect(isHeld)
        // When the other is out of the way, all of it comes back.
        try await swept.storage.remove(Layout.blob(blob.digest))
        let again = try await swept.bench.collector.undoRun(swept.run.id, by: .test)
        #expect(again.kept.map(\.item.text) == [])
        let isAsBefore = try await swept.tree == swept.before
        #expect(isAsBefore)
    }

    /// What became of bytes while they lay in the quarantine.
    enum Damage: CaseIterable, Sendable {
        case emptied, cut, grown, directory, directoryWithFile
    }

    @Test(arguments: Damage.allCases, [false, true])
    func bytesThatAreNotWhatWasTakenStay(_ damage: Damage, ofManifest: Bool) async throws {
        let swept = try await Swept()
        let (digest, bytes) =
            ofManifest
            ? (swept.image.manifest.digest, swept.image.manifest.bytes)
            : (swept.image.blobs[0].digest, swept.image.blobs[0].bytes)
        let place = Layout.trash.appending(swept.run.id.uuidString.lowercased())
            .appending(Layout.blobData(digest).components)
        try await swept.storage.remove(place)
        switch damage {
        case .emptied: try await swept.storage.write(place, [])
        case .cut: try await swept.storage.write(place, bytes.dropLast())
        case .grown: try await swept.storage.write(place, bytes + [0])
        case .directory: try await swept.storage.createDirectory(place)
        case .directoryWithFile: try await swept.storage.write(place.appending("x"), bytes)
        }
        let found: String
        switch damage {
        case .emptied: found = "0 bytes"
        case .cut: found = "\(bytes.count - 1) bytes"
        case .grown: found = "\(bytes.count + 1) bytes"
        case .directory, .directoryWithFile: found = "a directory"
        }
        let undo = try await swept.bench.collector.undoRun(swept.run.id, by: .test)
        let reason = undo.kept.first { $0.item == .blob(digest) }?.reason.text(now: .init()) ?? "it was not kept"
        #expect(reason.contains("\(bytes.count) bytes") && reason.contains(found), "\(reason)")
        // In the tree nothing has come of it, and nothing leads to it.
        #expect(try await swept.storage.stat(Layout.blob(digest)) == nil)
        let manifest = SweepPlan.Item.revision(swept.image.manifest.digest, swept.bench.a)
        let isManifestKept = undo.kept.contains { $0.item == manifest }
        #expect(isManifestKept)
        #expect(try await swept.storage.stat(place) != nil)
        // Everything else that needs none of it is back.
        let others = swept.run.lines.filter { $0.kind == .blob && $0.item != .blob(digest) }
        let areBack = !others.isEmpty && Set(others.map(\.item)).isSubset(of: undo.restored.map(\.item))
        #expect(areBack)
        #expect(try await swept.bench.collector.reconcile(by: .test).corrections == 0)
        // With what was taken back at its place, all of it comes back.
        try await swept.storage.remove(place)
        try await swept.storage.write(place, bytes)
        let again = try await swept.bench.collector.undoRun(swept.run.id, by: .test)
        #expect(again.kept.map(\.item.text) == [])
        let difference = try await swept.difference.filter { !$0.contains("/team/a/_manifests/tags/") }
        #expect(difference == [])
    }

    /// A pipe has no size, as an empty blob has none, and whoever opens it might wait for ever.
    @Test func aPipeInPlaceOfAnEmptyBlobStays() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "berth-test-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let registry = try await Registry.sample(FileSystemDriver(root: folder))
        let (name, empty) = (try RepositoryName("team/app"), Digest.of([]))
        let image = try SampleImage(layers: [[]])
        try await registry.push(image, to: name, tag: Tag("goes"))
        try await registry.deleteTag(Tag("goes"), in: name, by: .test)
        let plan = try await registry.collector.planSweep(SweepOptions(untagged: true, graceSeconds: 0), by: .test)
        let run = try await registry.collector.run(plan, Self.kept, by: .test).plan
        let path = "\(folder)/berth/trash/\(run.uuidString.lowercased())/\(Layout.blobData(empty).text)"
        try #require(unlink(path) == 0 && mkfifo(path, 0o644) == 0)
        let undo = try await registry.collector.undoRun(run, by: .test)
        let isKept = undo.kept.contains { $0.item == .blob(empty) }
        #expect(isKept)
        #expect(try await registry.storage.stat(Layout.blobData(empty)) == nil)
        try #require(unlink(path) == 0 && FileManager.default.createFile(atPath: path, contents: nil))
        #expect(try await registry.collector.undoRun(run, by: .test).kept.map(\.item.text) == [])
        try await registry.setTag(Tag("goes"), to: image.manifest.digest, in: name, by: .test)
        #expect(try await registry.isPullable(image, from: name, tag: Tag("goes")))
    }

    @Test func whatIsThereByteForByteIsBack() async throws {
        let swept = try await Swept()
        try await swept.bench.push(swept.image, to: swept.bench.a, "goes")
        let undo = try await swept.bench.collector.undoRun(swept.run.id, by: .test)
        #expect(undo.kept.map(\.item.text) == [])
        let isAsBefore = try await swept.tree == swept.before
        #expect(isAsBefore)
        let left = try await swept.quarantined()
        #expect(left.isEmpty)
    }

    /// Wherever an undo ends, the next one brings back the rest: at every moment each file is in one place at least.
    @Test func anUndoThatACrashEndedGoesOn() async throws {
        var call = 0
        while true {
            let swept = try await Swept()
            // Some of it is there already, whole and in part.
            let blob = swept.image.blobs[0]
            try await swept.storage.write(Layout.blobData(blob.digest), blob.bytes)
            try await swept.storage.write(Layout.blobData(swept.image.manifest.digest), [])
            swept.driver.fail(with: EIO, after: call)
            let first = try? await swept.bench.collector.undoRun(swept.run.id, by: .test)
            swept.driver.recover()
            let registry = try await swept.bench.restarted(keepingIndex: call % 2 == 0)
            if try await !registry.collector.quarantinedRuns(by: .test).isEmpty {
                let undo = try await registry.collector.undoRun(swept.run.id, by: .test)
                #expect(undo.kept.map(\.item.text) == [], "after \(call) calls")
            }
            let difference = try await swept.difference
            #expect(difference == [], "after \(call) calls")
            #expect(try await registry.collector.reconcile(by: .test).corrections == 0, "after \(call) calls")
            if first?.kept.isEmpty == true, first?.restored.count ?? 0 > 0 { break }
            call += 3
        }
        #expect(call > 20)
    }
}

extension FaultyDriver {
    /// From now on every call after `number` others fails.
    fileprivate func fail(with code: CInt, after number: Int) {
        let calls = CallCount()
        fail(with: code) { _ in calls.next() >= number }
    }
}
