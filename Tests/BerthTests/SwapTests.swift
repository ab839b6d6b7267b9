import Foundation
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryHTTP
import RegistryIndex
import RegistryStorage
import Testing

extension EndToEndTests {
    /// A data directory of hundreds of images that changes hands: each of the two registries serves what the other wrote,
    /// changed, deleted and swept, to the letter, and neither's collector takes what the other needs.
    @Suite(.enabled(if: Tool.areUsable(.dockerRegistry))) struct SwapTests {
        private let folder: TemporaryFolder

        init() throws {
            folder = try TemporaryFolder()
            try RegistrySide.writeConfiguration(in: folder)
        }

        /// One that once failed; the environment adds another.
        private static let seeds: [UInt64] =
            [13_578_916_572_077_860_385]
            + (ProcessInfo.processInfo.environment["BERTH_SEED"].flatMap { UInt64($0) }.map { [$0] } ?? [])

        /// Requests block, so they have threads of their own.
        private static let executor = BlockingExecutor(threads: 4)

        // MARK: Steps

        private func write(
            images: Int, indexes: Int, by side: RegistrySide, _ writer: inout TreeWriter
        ) async throws {
            let before = writer
            writer = try await side.serving(in: folder) { registry in
                var writer = before
                try writer.write(images: images, indexes: indexes, deletingTags: side == .berth, to: registry)
                return writer
            }
        }

        /// Both serve exactly what the model says, and so the same.
        private func expectBothServe(_ writer: TreeWriter, at location: SourceLocation = #_sourceLocation) async throws
        {
            for side in RegistrySide.allCases { try await expectServes(side, writer, at: location) }
        }

        private func expectServes(
            _ side: RegistrySide, _ writer: TreeWriter, at location: SourceLocation = #_sourceLocation
        ) async throws {
            let answers = try await side.serving(in: folder) {
                try await RegistryAnswers(of: $0, about: writer.model)
            }
            let difference = answers.difference(from: RegistryAnswers(of: writer.model))
            #expect(difference == nil, "seed \(writer.seed), \(side): \(difference ?? "")", sourceLocation: location)
        }

        /// Has distribution's collector mark and sweep while nothing serves, and returns the blobs that it takes.
        private func collectGarbage(dryRun: Bool) async throws -> Set<Digest> {
            let text = try await Tool.dockerRegistry.run(
                ["garbage-collect"] + (dryRun ? ["--dry-run"] : []) + [folder.path("config.yml")], in: folder)
            #expect(!text.contains("manifest eligible for deletion"))
            let start = "blob eligible for deletion: "
            return Set(
                try text.split(separator: "\n").filter { $0.hasPrefix(start) }
                    .map { try Digest($0.dropFirst(start.count)) })
        }

        /// The data directory as a command opens it that works on it while nothing serves.
        private func openTree() async throws -> Registry {
            let driver = try FileSystemDriver(root: folder.path("data"))
            let index = try ReferenceIndex(path: folder.path("data/berth/index.sqlite"))
            let lock = try DirectoryLock(root: driver.root)
            try #require(lock != nil)
            let registry = Registry(storage: driver, index: index, lock: lock)
            try await registry.collector.reconcile(by: .test)
            return registry
        }

        private func sweep(untagged: Bool, _ writer: inout TreeWriter) async throws {
            let registry = try await openTree()
            let plan = try await registry.collector.planSweep(
                SweepOptions(untagged: untagged, graceSeconds: 0), by: .test)
            #expect(plan.spared == [] && plan.damaged == [], "seed \(writer.seed)")
            let removed = untagged ? writer.model.untagged : []
            writer.follow { model in
                for revision in removed { model.repositories[revision.name]?.remove(revision.digest) }
            }
            let planned = plan.lines.filter { $0.kind == .revision }.flatMap { line in
                line.digest.map { digest in line.repositories.map { TreeModel.Revision(name: $0, digest: digest) } }
                    ?? []
            }
            #expect(Set(planned) == removed, "seed \(writer.seed)")
            let garbage = writer.model.garbage
            #expect(Set(plan.lines.filter { $0.kind == .blob }.compactMap(\.digest)) == garbage, "seed \(writer.seed)")
            // With the bytes go the links to them; those to bytes that stay are lines of their own.
            let idle = writer.model.idleLinks
            #expect(Self.layerLinks(plan) == idle.filter { !garbage.contains($0.digest) }, "seed \(writer.seed)")
            let report = try await registry.collector.run(plan, by: .test) { _ in true }
            #expect(report.removed == plan.lines, "seed \(writer.seed)")
            writer.follow { model in
                model.sweep(garbage)
                for link in idle {
                    model.repositories[link.name]?.links.remove(link.digest)
                    model.repositories[link.name]?.deletedBlobs.insert(link.digest)
                }
            }
        }

        private static func layerLinks(_ plan: SweepPlan) -> Set<TreeModel.Revision> {
            Set(
                plan.lines.compactMap { line in
                    guard case .layerLink(let digest, let name) = line.item else { return nil }
                    return TreeModel.Revision(name: name, digest: digest)
                })
        }

        /// Nothing is wrong with the tree but what the other collector leaves, and indexes whose parts were deleted.
        private func expectSound(_ writer: TreeWriter, at location: SourceLocation = #_sourceLocation) async throws {
            let report = try await openTree().collector.check(CheckOptions(hashesBytes: true), by: .test)
            func paths(_ kind: CheckFinding.Kind) -> Set<String> {
                Set(report.findings.filter { $0.kind == kind }.map(\.path))
            }
            let dangling = Set(writer.model.danglingLinks.map(\.text))
            #expect(paths(.danglingLink) == dangling, "seed \(writer.seed)", sourceLocation: location)
            let sparse = Set(writer.model.sparseIndexes.map(\.text))
            #expect(paths(.missingReference) == sparse, "seed \(writer.seed)", sourceLocation: location)
            let others = report.findings.filter { ![.danglingLink, .missingReference].contains($0.kind) }
            #expect(others == [], "seed \(writer.seed)", sourceLocation: location)
            #expect(report.blobs == writer.model.stored.count, "seed \(writer.seed)", sourceLocation: location)
            #expect(report.blobsHashed == report.blobs, "seed \(writer.seed)", sourceLocation: location)
        }

        // MARK: Who comes first

        @Test(arguments: seeds) func weTakeOverFromDistributionAndItTakesOverFromUs(seed: UInt64) async throws {
            try await withTaskExecutorPreference(Self.executor) {
                var writer = try TreeWriter(seed: seed)
                try await write(images: 300, indexes: 20, by: .distribution, &writer)
                let tree = try folder.tree("data")
                try await expectBothServe(writer)
                #expect(try folder.tree("data", except: "berth") == tree)

                try await write(images: 60, indexes: 5, by: .berth, &writer)
                #expect(try await collectGarbage(dryRun: true) == writer.model.garbage, "seed \(writer.seed)")
                #expect(!writer.model.garbage.isEmpty && !writer.model.untagged.isEmpty, "seed \(writer.seed)")
                for untagged in [false, true] {
                    try await sweep(untagged: untagged, &writer)
                    #expect(try await collectGarbage(dryRun: true) == [], "seed \(writer.seed)")
                }
                try await expectSound(writer)
                try await expectBothServe(writer)
            }
        }

        @Test(arguments: seeds) func distributionTakesOverFromUsAndWeTakeOverFromIt(seed: UInt64) async throws {
            try await withTaskExecutorPreference(Self.executor) {
                var writer = try TreeWriter(seed: seed)
                try await write(images: 300, indexes: 20, by: .berth, &writer)
                try await expectBothServe(writer)

                try await write(images: 60, indexes: 5, by: .distribution, &writer)
                let garbage = writer.model.garbage
                #expect(!garbage.isEmpty, "seed \(writer.seed)")
                #expect(try await collectGarbage(dryRun: false) == garbage, "seed \(writer.seed)")
                writer.follow { $0.sweep(garbage) }
                try await expectSound(writer)
                let plan = try await openTree().collector.planSweep(SweepOptions(graceSeconds: 0), by: .test)
                // What the other collector leaves is all that is left to do.
                #expect(Self.layerLinks(plan) == writer.model.idleLinks, "seed \(writer.seed)")
                #expect(plan.lines.ofContent == [] && plan.spared == [] && plan.damaged == [], "seed \(writer.seed)")
                try await expectBothServe(writer)
            }
        }
    }
}
