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

/// Trees with links that lead nowhere or round in circles, with places that cannot be read, and with what is no file.
@Suite struct OddTreeTests {
    private let name: RepositoryName
    private let tag: OCI.Tag
    private let image: SampleImage
    private let garbage = SampleImage.Blob(SampleImage.noise(700, seed: 9))
    private let now = SweepOptions(untagged: true, graceSeconds: 0)

    init() throws {
        name = try RepositoryName("team/app")
        tag = try Tag("v1")
        image = try SampleImage(layers: [SampleImage.noise(900, seed: 1)])
    }

    /// A tree on the disk with an image and a blob that nothing references; the path is that of `repositories`.
    private func withTree(_ body: (Registry, _ repositories: String) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "berth-test-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        let registry = try await Registry.sample(try FileSystemDriver(root: root))
        try await registry.push(image, to: name, tag: tag)
        try await registry.push(blob: garbage, to: name)
        try await body(registry, "\(root)/\(Layout.repositories)")
    }

    /// The same tree with an index that knows nothing of it yet.
    private func fresh(_ registry: Registry) throws -> Registry {
        Registry(storage: registry.storage, index: try ReferenceIndex(path: nil))
    }

    // MARK: Links

    @Test func aLinkThatLeadsNowhereStopsNothing() async throws {
        try await withTree { registry, repositories in
            for (link, goal) in [
                ("loop", "loop"), ("gone", "/no/such"), ("team/ring", "../ring"), ("ring", "team/ring"),
            ] {
                try #require(symlink(goal, "\(repositories)/\(link)") == 0)
            }
            let late = try fresh(registry)
            #expect(try await late.repositoryNames(after: nil, limit: 9, by: .test) == [name])
            try await late.collector.reconcile(by: .test)
            #expect(try await late.repositoryNames(after: nil, limit: 9, by: .test) == [name])
            #expect(try await late.isPullable(image, from: name, tag: tag))
            let found = try await late.collector.check(CheckOptions(), by: .test).findings
            #expect(found.map(\.kind) == Array(repeating: .unreadablePlace, count: 4), "\(found.map(\.path))")
            let plan = try await late.collector.planSweep(now, by: .test)
            #expect(plan.lines.contains { $0.item == .blob(garbage.digest) })
            #expect(try await late.collector.run(plan, by: .test).spared == [])
        }
    }

    /// A disk that is not mounted: what the index remembers of what is there is all that anybody knows.
    @Test func whatIsBehindALinkThatLeadsNowhereNowIsKept() async throws {
        try await withTree { registry, repositories in
            let away = repositories + "/../../../../away"
            try FileManager.default.moveItem(atPath: "\(repositories)/team", toPath: away)
            try #require(symlink(away, "\(repositories)/team") == 0)
            try await registry.collector.reconcile(by: .test)
            try FileManager.default.moveItem(atPath: away, toPath: away + "-unmounted")
            try await registry.collector.reconcile(by: .test)
            for _ in 0..<2 {
                let plan = try await registry.collector.planSweep(now, by: .test)
                #expect(plan.lines.filter { $0.kind == .blob || $0.kind == .revision } == [])
                #expect(plan.damaged.contains { $0.reason.contains("leads nowhere") })
                try await registry.collector.run(plan, by: .test)
            }
            try FileManager.default.moveItem(atPath: away + "-unmounted", toPath: away)
            try await registry.collector.reconcile(by: .test)
            #expect(try await registry.isPullable(image, from: name, tag: tag))
            #expect(
                try await registry.collector.planSweep(now, by: .test).lines.contains {
                    $0.item == .blob(garbage.digest)
                })
        }
    }

    @Test(.timeLimit(.minutes(1))) func aLinkToADirectoryAboveItIsNoEndlessTree() async throws {
        try await withTree { registry, repositories in
            try #require(symlink("..", "\(repositories)/team/up") == 0)
            try #require(symlink("team", "\(repositories)/alias") == 0)
            let late = try fresh(registry)
            let names = try await late.repositoryNames(after: nil, limit: 99, by: .test).map(\.text)
            #expect(names == ["alias/app", "team/app"])
            try await late.collector.reconcile(by: .test)
            #expect(try await late.repositoryNames(after: nil, limit: 99, by: .test).map(\.text) == names)
            #expect(
                try await late.collector.check(CheckOptions(), by: .test).findings.map(\.kind).allSatisfy {
                    $0 == .foreignPlace
                })
            #expect(try await late.collector.purgeUploads(olderThan: 0, dryRun: true, by: .test) == 0)
            let plan = try await late.collector.planSweep(now, by: .test)
            #expect(plan.lines.map(\.item) == [.blob(garbage.digest)])
        }
    }

    /// Each level twice as many names as the one above: a thousand directories would have more than anybody can count.
    @Test(.timeLimit(.minutes(1))) func linksToEachOthersDirectoriesGiveFewNames() async throws {
        try await withTree { registry, repositories in
            for level in 0..<20 {
                try FileManager.default.createDirectory(
                    atPath: "\(repositories)/l\(level)", withIntermediateDirectories: true)
                for side in ["a", "b"] {
                    let goal = level == 19 ? "../team" : "../l\(level + 1)"
                    try #require(symlink(goal, "\(repositories)/l\(level)/\(side)") == 0)
                }
            }
            let late = try fresh(registry)
            #expect(try await late.repositoryNames(after: nil, limit: 10_000, by: .test).count < 400)
            try await late.collector.reconcile(by: .test)
            #expect(try await late.collector.planSweep(now, by: .test).lines.map(\.item) == [.blob(garbage.digest)])
        }
    }

    /// An upload that is a link to everything goes as a link.
    @Test func whatALinkLeadsToIsNotFreedWithIt() async throws {
        try await withTree { registry, repositories in
            let id = "11111111-2222-4333-8444-555555555555"
            let uploads = "\(repositories)/team/app/_uploads"
            try FileManager.default.createDirectory(atPath: uploads, withIntermediateDirectories: true)
            try #require(symlink("\(repositories)/..", "\(uploads)/\(id)") == 0)
            let late = try fresh(registry)
            try await late.collector.reconcile(by: .test)
            var options = now
            options.uploadSeconds = 0
            let plan = try await late.collector.planSweep(options, by: .test)
            #expect(plan.lines.contains { $0.kind == .upload })
            try await late.collector.run(plan, by: .test)
            #expect(try await late.isPullable(image, from: name, tag: tag))
            #expect(try await late.storage.list(Layout.uploads(name)) ?? [] == [])
        }
    }

    // MARK: Places that cannot be read

    private static let folders = [
        "", "team", "team/app", "team/app/_manifests", "team/app/_manifests/revisions",
        "team/app/_manifests/revisions/sha256", "team/app/_layers", "team/app/_layers/sha256",
    ]

    /// Nobody knows what is in it, so nothing goes that it may need; the rest goes on.
    @Test(arguments: folders) func aDirectoryThatCannotBeListedPinsWhatItMayHold(folder: String) async throws {
        let storage = FaultyDriver()
        let registry = try await Registry.sample(storage)
        let other = try RepositoryName("other")
        try await registry.push(image, to: name, tag: tag)
        try await registry.push(image, to: other, tag: tag)
        try await registry.push(try SampleImage(layers: []), to: name, tag: nil)
        try await registry.push(blob: garbage, to: other)
        let place = Layout.repositories.appending(folder.split(separator: "/"))
        // As the system has it for who may not enter: all below cannot be looked at, and the directory itself can.
        storage.fail(with: EACCES) {
            $0.path.text.hasPrefix(place.text + "/") || $0.operation == .list && $0.path == place
        }

        let late = try fresh(registry)
        let collector = late.collector
        if folder.isEmpty {
            // Of all that there is nothing can be said, and an empty list would say that there is nothing.
            await #expect(throws: RegistryError.self) {
                try await late.repositoryNames(after: nil, limit: 9, by: .test)
            }
        } else {
            _ = try await late.repositoryNames(after: nil, limit: 9, by: .test)
        }
        for _ in 0..<2 {
            try await collector.reconcile(by: .test)
            let plan = try await collector.planSweep(now, by: .test)
            #expect(plan.lines.allSatisfy { $0.kind == .repository }, "\(plan.lines.map(\.item.short))")
            #expect(plan.damaged.contains { $0.path.hasPrefix(place.text) }, "\(plan.damaged)")
            try await collector.run(plan, by: .test)
        }
        let findings = try await collector.check(CheckOptions(), by: .test).findings
        #expect(findings.contains { $0.kind == .unreadablePlace && $0.path.hasPrefix(place.text) })
        #expect(try await collector.purgeUploads(olderThan: 0, dryRun: true, by: .test) == 0)
        if !folder.isEmpty { #expect(try await late.isPullable(image, from: other, tag: tag)) }

        // Somebody mended it, and told nobody.
        storage.recover()
        #expect(try await collector.planSweep(now, by: .test).lines.contains { $0.item == .blob(garbage.digest) })
        #expect(try await late.isPullable(image, from: name, tag: tag))
    }

    @Test(arguments: [EACCES, EIO, ESTALE]) func bytesThatCannotBeReadEndNoCheck(code: CInt) async throws {
        let storage = FaultyDriver()
        let registry = try await Registry.sample(storage)
        try await registry.push(image, to: name, tag: tag)
        let layer = Layout.blobData(image.blobs[0].digest)
        storage.fail(with: code) { $0.operation == .read && $0.path == layer }
        let report = try await registry.collector.check(CheckOptions(hashesBytes: true), by: .test)
        #expect(report.findings.map(\.kind) == [.unreadablePlace])
        #expect(report.findings.map(\.path) == [layer.text])
        #expect(!report.isPartial && report.blobsHashed == 2)
    }

    @Test func anUploadThatCannotBeReadEndsNoPlanAndNoPurge() async throws {
        let storage = FaultyDriver()
        let registry = try await Registry.sample(storage)
        let (broken, whole) = (
            try await registry.startUpload(in: name, by: .test).id,
            try await registry.startUpload(in: name, by: .test).id
        )
        storage.fail(with: EACCES) { $0.path.text.contains("\(broken)/") }
        let options = SweepOptions(uploadSeconds: 0, graceSeconds: 0)
        #expect(
            try await registry.collector.planSweep(options, by: .test).lines.contains {
                $0.item == .upload(whole, name)
            })
        #expect(try await registry.collector.purgeUploads(olderThan: -9, dryRun: false, by: .test) == 1)
        #expect(try await registry.storage.list(Layout.uploads(name))?.map(\.name) == [broken.text])
    }

    @Test func whatIsNoFileIsDamageOfItsPlace() async throws {
        try await withTree { registry, repositories in
            let link = Layout.layerLink(image.blobs[0].digest, in: name)
            let path = "\(repositories)/\(link.text.dropFirst(Layout.repositories.text.count + 1))"
            try #require(unlink(path) == 0 && mkfifo(path, 0o600) == 0)
            let late = try fresh(registry)
            try await late.collector.reconcile(by: .test)
            #expect(try late.collector.damage(by: .test).map(\.path) == [link.text])
            #expect(
                try await late.collector.check(CheckOptions(), by: .test).findings.contains { $0.path == link.text })
        }
    }
}
