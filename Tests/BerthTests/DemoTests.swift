import Cockpit
import Foundation
import ImageBuilder
import Logging
import OCI
import Patience
import RegistryCollector
import RegistryCore
import RegistryHTTP
import RegistryStorage
import Testing

@testable import berth

/// A registry to look at for who has none: everything is in it, and it goes on for as long as somebody looks.
@Suite struct DemoTests {
    @Test func whatIsMadeUpHasSomethingForEveryScreen() async throws {
        let registry = try await Registry.sample(try DemoTree.planted())
        let repositories = try await registry.repositories(by: .test)
        #expect(repositories.count >= 8 && repositories.allSatisfy { $0.tagCount > 0 })
        // Layers and whole images are shared.
        #expect(repositories.contains { $0.bytesUnique < $0.bytes && $0.bytesUnique > 0 })
        #expect(repositories.contains { $0.bytesUnique == 0 })

        var (damaged, platforms, ages, same) = ([String](), 0, [TimeInterval](), 0)
        for repository in repositories {
            for tag in try await registry.tags(in: repository.name, by: .test) {
                if tag.isDamaged { damaged.append("\(repository.name):\(tag.tag)") }
                platforms = max(platforms, tag.platforms.count)
                same = max(same, tag.sameDigest)
                if let updated = tag.updated { ages.append(-updated.timeIntervalSinceNow / 86_400) }
            }
        }
        #expect(damaged.sorted() == ["legacy/billing:2.2", "legacy/billing:2.3"])
        #expect(platforms >= 3 && same >= 2)
        #expect((ages.min() ?? 9) < 1 && (ages.max() ?? 0) > 150, "\(ages)")
        let newest = try await registry.graph(
            of: .tag(try Tag("latest")), in: try RepositoryName("shop/api"), by: .test)
        #expect(newest.root.children.count { $0.role == .referrer } == 2)

        let plan = try await registry.collector.planSweep(SweepOptions(untagged: true, graceSeconds: 600), by: .test)
        #expect(plan.lines.contains { $0.kind == .blob && $0.bytes > 100_000 })
        #expect(!plan.damaged.isEmpty && plan.bytesShared > 0)
    }

    /// Every part of every image that is not damaged is what its digest says, and a layer is an archive that tar reads.
    @Test func whatIsMadeUpCanBePulled() async throws {
        let registry = try await Registry.sample(try DemoTree.planted())
        for name in try await registry.repositoryNames(after: nil, limit: 100, by: .test)
        where name.text != "legacy/billing" {
            for tag in try await registry.tagNames(in: name, after: nil, limit: 100, by: .test) {
                var nodes = [try await registry.graph(of: .tag(tag), in: name, by: .test).root]
                while let node = nodes.popLast() {
                    nodes += node.children
                    let blob = try await registry.storage.read(Layout.blobData(node.digest), limit: 1 << 30)
                    #expect(blob.map { Digest.of($0) == node.digest } == true, "\(name):\(tag) \(node.digest.short)")
                }
            }
        }
    }

    /// By the checksum and the size of its header (POSIX.1-2017, pax, "ustar Interchange Format").
    @Test func aLayerIsAnArchiveOfOneFile() throws {
        let bytes = DemoTree.base[0].bytes
        func field(_ range: Range<Int>) -> String { String(decoding: bytes[range].prefix { $0 != 0 }, as: UTF8.self) }
        #expect(field(0..<100) == "usr/share/demo/alpine-3.21-amd64" && field(257..<263) == "ustar")
        let sum = bytes.prefix(512).enumerated().reduce(0) {
            $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element))
        }
        #expect(Int(field(148..<155), radix: 8) == sum)
        let size = try #require(Int(field(124..<135), radix: 8))
        #expect(size == 3_400 << 10 && bytes.count == 512 + size + 1024)
    }

    /// Through the server, by requests: pulls, pushes, a deletion and a refusal; and room is made before the medium is full.
    @Test(.timeLimit(.minutes(2))) func lifeGoesOnInBoundedMemory() async throws {
        let logger = Logger(label: "demo") { _ in SwiftLogNoOpLogHandler() }
        let assembly = try Assembly(
            try Demo.configuration(), logger: logger, memory: try DemoTree.planted())
        let registry = assembly.registry
        try await registry.collector.reconcile(by: .test)
        let controller = ServerController(assembly, logger: logger)
        await controller.start()
        let events = registry.events.subscribe(by: .test, capacity: 100_000)
        let life = DemoLife(registry: registry, collector: registry.collector, server: controller, haste: 300)
        var (seen, fullest) = (Set<String>(), Int64.max)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: BlockingExecutor(threads: 8)) { await life.run() }
            defer { life.end() }
            try await until(within: .seconds(100)) {
                for event in events.take().events {
                    switch event.action {
                    case .manifestPushed: seen.insert("push")
                    case .manifestPulled: seen.insert("pull")
                    case .tagDeleted: seen.insert("deletion")
                    case .refused: seen.insert("refusal")
                    case .sweepFinished: seen.insert("sweep")
                    default: break
                    }
                }
                fullest = min(fullest, registry.capacity?.bytesFree ?? 0)
                return seen.count == 5
            }
        }
        await controller.stop()
        #expect(fullest > DemoTree.bytesMax / 5)
    }

    @Test(arguments: [["--data", "x"], ["--config", "x"], ["--listen", "/run/x.sock"]])
    func whatADemonstrationHasOfItsOwnIsNotTaken(_ arguments: [String]) async throws {
        let result = try await BerthProgram.result(["--demo"] + arguments, in: TemporaryFolder())
        #expect(result.exit == .status(2) && result.errors.contains("--demo"), "\(result.errors)")
    }
}
