import Foundation
import ImageBuilder
import OCI
import RegistryCore
import RegistryStorage
import Testing

@testable import berth

extension EndToEndTests {
    /// `berth garbage-collect` in place of distribution's, alone on the tree and beside registries.
    @Suite struct GarbageCollectTests {
        @Test func withoutARegistryItWorksOnTheTree() async throws {
            let tree = try await GarbageTree()
            try await tree.untag()
            let dry = try await tree.berth("garbage-collect", "-d", "-m")
            #expect(dry.exit == .status(0), "\(dry.errors)")
            #expect(dry.text.contains("\n6 blobs marked, 3 blobs and 1 manifests eligible for deletion\n") == false)
            #expect(dry.text.contains(" blobs marked, 3 blobs and 1 manifests eligible for deletion\n"))
            #expect(tree.hasGarbage)

            let untouched = try await tree.berth("garbage-collect")
            #expect(untouched.text.contains(" blobs marked, 0 blobs and 0 manifests eligible for deletion\n"))
            #expect(tree.hasGarbage)

            let result = try await tree.berth("garbage-collect", "--delete-untagged=true")
            #expect(result.exit == .status(0), "\(result.errors)")
            #expect(result.text == dry.text)
            #expect(result.errors.hasPrefix("removed "))
            #expect(tree.isClean)
            // Freed at once: nothing is left to bring back.
            #expect(try await tree.berth("gc", "--runs").text == "the quarantine is empty\n")
        }

        @Test func quietPrintsNothing() async throws {
            let tree = try await GarbageTree()
            try await tree.untag()
            let result = try await tree.berth("garbage-collect", "-m", "-q")
            #expect((result.exit, result.text, result.errors) == (.status(0), "", ""))
            #expect(tree.isClean)
        }

        /// As distribution's documentation has it: read-only first, then collect.
        @Test func aReadOnlyConfigurationIsNoObstacle() async throws {
            let tree = try await GarbageTree()
            try await tree.untag()
            let variables = ["REGISTRY_STORAGE_MAINTENANCE_READONLY": "{enabled: true}"]
            let result = try await BerthProgram.result(
                ["garbage-collect", "-m", tree.folder.path("config.yml")], in: tree.folder, environment: variables)
            #expect(result.exit == .status(0), "\(result.errors)")
            #expect(tree.isClean)
        }

        /// The one that serves does the work, and goes on serving.
        @Test func besideBerthTheOneThatServesDoesIt() async throws {
            let tree = try await GarbageTree()
            try await tree.untag()
            try await tree.serving { registry in
                let result = try await tree.berth("garbage-collect", "-m")
                #expect(result.exit == .status(0), "\(result.errors)")
                #expect(result.text.contains(" 3 blobs and 1 manifests eligible for deletion\n"))
                #expect(tree.isClean)
                #expect(try tree.isServed(at: registry.address))
                let line = await registry.logLine(with: "msg=\"swept\"")
                #expect(line?.contains("by=\"command line\"") == true)
            }
        }

        /// A lease of an hour spares what was pushed a moment ago, where a client may be about to reference it.
        @Test func besideBerthTheGraceHolds() async throws {
            let tree = try await GarbageTree("")
            try await tree.untag()
            try await tree.serving { _ in
                let result = try await tree.berth("garbage-collect", "-m")
                #expect(result.exit == .status(0), "\(result.errors)")
                #expect(tree.hasGarbage)
            }
            #expect(try await tree.berth("garbage-collect", "-m").exit == .status(0))
            #expect(tree.isClean)
        }

        @Test(.enabled(if: Tool.areUsable(.dockerRegistry))) func besideDistributionItRefuses() async throws {
            let tree = try await GarbageTree()
            try await tree.untag()
            let before = try tree.files
            try await RegistryProcess.servingDistribution(configuration: "config.yml", in: tree.folder) { registry in
                let refused = try await tree.berth("garbage-collect", "-m")
                #expect(refused.exit == .status(2))
                #expect(refused.text.isEmpty)
                #expect(
                    refused.errors.contains("process \(registry.process.id) (docker-registry serve) serves the same"))
                #expect(refused.errors.hasSuffix("(--others-stopped)\n"))
                #expect(try tree.files == before)
                // Looking is allowed.
                #expect(try await tree.berth("garbage-collect", "-d", "-m").exit == .status(0))
                #expect(try tree.files == before)

                let insisted = try await tree.berth("garbage-collect", "-m", "--others-stopped")
                #expect(insisted.exit == .status(0), "\(insisted.errors)")
                #expect(tree.isClean)
            }
        }

        @Test(.enabled(if: Tool.areUsable(.dockerRegistry))) func aBerthThatServesSeesDistributionToo() async throws {
            let tree = try await GarbageTree()
            try await tree.untag()
            try await tree.serving { _ in
                try await RegistryProcess.servingDistribution(configuration: "config.yml", in: tree.folder) { _ in
                    let refused = try await tree.berth("gc", "--untagged", "--run", "--yes")
                    #expect(refused.exit == .status(2))
                    #expect(refused.errors.contains("(docker-registry serve) serves the same directory"))
                    #expect(tree.hasGarbage)
                }
                #expect(try await tree.berth("gc", "--untagged", "--run", "--yes").exit == .status(0))
                #expect(tree.isClean)
            }
        }

        @Test(.enabled(if: Tool.areUsable(.dockerRegistry))) func distributionElsewhereIsNoThreat() async throws {
            let tree = try await GarbageTree()
            try await tree.untag()
            try await RegistryProcess.servingDistribution(data: "other", in: tree.folder) { _ in
                let result = try await tree.berth("garbage-collect", "-m")
                #expect(result.exit == .status(0), "\(result.errors)")
            }
            #expect(tree.isClean)
        }

        /// A tree that distribution wrote over the years, read by both: every line in its place, but for what is to go, which
        /// distribution prints in no order.
        @Test(.enabled(if: Tool.areUsable(.dockerRegistry)))
        func whatScriptsReadIsWhatDistributionPrints() async throws {
            let folder = try TemporaryFolder()
            try RegistrySide.writeConfiguration(in: folder)
            try await RegistrySide.distribution.serving(in: folder) { registry in
                var writer = try TreeWriter(seed: 0x6c1e)
                try writer.write(images: 60, indexes: 6, deletingTags: false, to: registry)
            }
            let file = folder.path("config.yml")
            let theirs = try await Tool.dockerRegistry.run(["garbage-collect", "-d", file], in: folder)
            let ours = try await BerthProgram.result(["garbage-collect", "-d", file], in: folder)
            #expect(ours.exit == .status(0), "\(ours.errors)")
            // Links to layers are 3.x's and come last.
            let lines = ours.text.split(separator: "\n", omittingEmptySubsequences: false)
                .filter { !$0.contains(": layer link eligible for deletion: ") }
            expectSame(lines, theirs.split(separator: "\n", omittingEmptySubsequences: false))
        }

        @Test(.enabled(if: Tool.areUsable(.dockerRegistry)))
        func untaggedManifestsStandWhereDistributionPrintsThem() async throws {
            let tree = try await GarbageTree("gc: {layerlinks: false}")
            try await tree.untag()
            let file = tree.folder.path("config.yml")
            let theirs = try await Tool.dockerRegistry.run(["garbage-collect", "-d", "-m", file], in: tree.folder)
            let ours = try await tree.berth("garbage-collect", "-d", "-m")
            expectSame(
                ours.text.split(separator: "\n", omittingEmptySubsequences: false),
                theirs.split(separator: "\n", omittingEmptySubsequences: false))
        }

        private func expectSame(
            _ ours: [Substring], _ theirs: [Substring], at location: SourceLocation = #_sourceLocation
        ) {
            let isBlob = { (line: Substring) in line.hasPrefix("blob eligible for deletion: ") }
            #expect(ours.filter { !isBlob($0) } == theirs.filter { !isBlob($0) }, sourceLocation: location)
            #expect(ours.filter(isBlob).sorted() == theirs.filter(isBlob).sorted(), sourceLocation: location)
            #expect(ours.contains(where: isBlob), sourceLocation: location)
        }

        @Test(arguments: [
            (
                ["garbage-collect", "--delete-untagged=true", "-d=false", "c"],
                ["garbage-collect", "--delete-untagged", "c"]
            ),
            (["garbage-collect", "-q=1", "--quarantine=24h"], ["garbage-collect", "-q", "--quarantine=24h"]),
            (["garbage-collect", "-m=maybe"], ["garbage-collect", "-m=maybe"]),
            (["check", "--hash=true"], ["check", "--hash=true"]),
        ])
        func flagsMayBeSpelledAsInGo(typed: [String], meant: [String]) {
            #expect(GarbageCollectCommand.spelled(typed) == meant)
        }
    }
}
