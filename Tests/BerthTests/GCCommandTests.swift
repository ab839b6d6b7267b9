import Foundation
import Glibc
import ImageBuilder
import OCI
import Patience
import PlainHTTP
import RegistryCore
import RegistryStorage
import Testing

extension EndToEndTests {
    /// `berth gc` as a person and a script use it, with and without a registry that serves.
    @Suite struct GCCommandTests {
        private struct Run: Decodable {
            var run: UUID
            var lines: [Line]

            struct Line: Decodable {
                var item: Item
            }

            struct Item: Decodable {
                var kind: String
            }
        }

        private func runs(_ tree: GarbageTree) async throws -> [Run] {
            let result = try await tree.berth("gc", "--runs", "--json")
            #expect(result.exit == .status(0), "\(result.errors)")
            return try JSONDecoder().decode([Run].self, from: Data(result.output))
        }

        /// Does the same alone on the tree and through a registry that serves it.
        private func bothWays(_ tree: GarbageTree, isServed: Bool, _ body: () async throws -> Void) async throws {
            if isServed { try await tree.serving { _ in try await body() } } else { try await body() }
        }

        @Test(arguments: [false, true]) func aPreviewRemovesNothing(isServed: Bool) async throws {
            let tree = try await GarbageTree()
            try await tree.untag()
            let before = try tree.files
            try await bothWays(tree, isServed: isServed) {
                #expect(try await tree.berth("gc").text == "nothing to remove\n")
                let result = try await tree.berth("gc", "--untagged")
                #expect(result.exit == .status(0), "\(result.errors)")
                #expect(result.text.hasPrefix("\(tree.two.exclusiveBytes) B in 1 manifests, "))
                #expect(result.text.contains("team/app@\(tree.two.goes.manifest.digest.short)  no tag holds it"))
                #expect(result.text.hasSuffix("nothing was removed; --run removes it\n"))
                let refused = try await tree.berth("gc", "--untagged", "--run")
                #expect(refused.exit == .status(2))
                #expect(refused.errors.contains("--yes"))
            }
            #expect(try tree.files == before)
        }

        /// Whole, and byte for byte: with its tags, its history and its links.
        @Test(arguments: [false, true]) func undoBringsEverythingBack(isServed: Bool) async throws {
            let tree = try await GarbageTree()
            try await tree.untag()
            let before = try tree.files
            try await bothWays(tree, isServed: isServed) {
                let result = try await tree.berth("gc", "--untagged", "--run", "--yes")
                #expect(result.exit == .status(0), "\(result.errors)")
                #expect(result.text.contains("in the quarantine until"))
                #expect(tree.isClean)
                let run = try #require(try await runs(tree).first)
                let undo = try await tree.berth("gc", "--undo", String(run.run.uuidString.lowercased().prefix(4)))
                #expect(undo.exit == .status(0), "\(undo.errors)")
                #expect(undo.text == "\(run.lines.count) are back\n")
                #expect(try await runs(tree).isEmpty)
            }
            #expect(try tree.files == before)
        }

        @Test func oneItemComesBackWithWhatItNeeds() async throws {
            let tree = try await GarbageTree()
            try await tree.untag()
            try await tree.serving { registry in
                #expect(try await tree.berth("gc", "--untagged", "--run", "--yes").exit == .status(0))
                let run = try #require(try await runs(tree).first).run.uuidString
                let image = "team/app@\(tree.two.goes.manifest.digest)"
                let unknown = try await tree.berth("gc", "--undo", run, "--item", "team/app:none")
                #expect(unknown.exit == .status(1))
                let undo = try await tree.berth("gc", "--undo", run, "--item", image)
                #expect(undo.exit == .status(0), "\(undo.errors)")
                let client = try PlainClient(address: registry.address)
                let digest = tree.two.goes.manifest.digest
                #expect(
                    try client("GET", "/v2/team/app/manifests/\(digest)").body == tree.two.goes.manifest.bytes)
                for blob in tree.two.goes.blobs {
                    #expect(try client("GET", "/v2/team/app/blobs/\(blob.digest)").body == blob.bytes)
                }
            }
        }

        /// What became garbage after the plan stays, what came alive is spared.
        @Test(arguments: [false, true]) func aPlanIsRunExactly(isServed: Bool) async throws {
            let tree = try await GarbageTree()
            try await tree.untag()
            let plan = try await tree.berth("gc", "--untagged", "--json")
            try tree.folder.write(plan.output, to: "plan.json")
            let later = try SampleImage(layers: [SampleImage.noise(700, seed: 77)], architecture: "later")
            try await tree.registry.push(later, to: tree.name, tag: nil)
            try await bothWays(tree, isServed: isServed) {
                let result = try await tree.berth(
                    "gc", "--plan", tree.folder.path("plan.json"), "--run", "--yes", "--json")
                #expect(result.exit == .status(0), "\(result.errors)")
                #expect(tree.isClean)
                let storage = try tree.storage
                for blob in later.blobs { #expect(try await storage.stat(Layout.blobData(blob.digest)) != nil) }
                // A second time nothing is left to remove, and what the first took can come back all the same.
                let first = try await runs(tree)
                let again = try await tree.berth("gc", "--plan", tree.folder.path("plan.json"), "--run", "--yes")
                #expect(again.text.hasPrefix("removed 0 of "), "\(again.text)\(again.errors)")
                #expect(try await runs(tree).map(\.run) == first.map(\.run))
            }
            for text in ["no plan", "{}"] {
                try tree.folder.write(text, to: "plan.json")
                let result = try await tree.berth("gc", "--plan", tree.folder.path("plan.json"), "--run", "--yes")
                #expect(result.exit == .status(2))
            }
        }

        /// The process that serves is killed in the middle of a run; the next one, here the command itself, goes on with it.
        @Test func whatACrashEndedGoesOn() async throws {
            let tree = try await GarbageTree()
            try await tree.untag()
            let server = try BerthProgram.start(["serve", tree.folder.path("config.yml")], in: tree.folder)
            defer { server.signal(SIGKILL) }
            for await line in server.errors.lines where line.contains("listening on ") { break }
            let run = try BerthProgram.start(
                ["gc", "--untagged", "--run", "--yes", "--rate", "1", tree.folder.path("config.yml")], in: tree.folder)
            defer { run.signal(SIGKILL) }
            try await until { try await tree.berth("gc", "--runs").text.contains("  running  ") }
            let second = try await tree.berth("gc", "--untagged", "--run", "--yes")
            #expect(second.exit == .status(3))
            #expect(second.errors == "berth: a sweep is running already\n")
            server.signal(SIGKILL)
            _ = await server.exit
            let broken = await run.result(within: .seconds(30))
            #expect(broken.exit == .status(3))
            #expect(broken.errors.contains("ended before its answer did"))
            #expect(try await tree.berth("gc", "--runs").text.contains("  interrupted  "))
            let id = try #require(try await runs(tree).first).run.uuidString
            let resumed = try await tree.berth("gc", "--resume", id)
            #expect(resumed.exit == .status(0), "\(resumed.errors)")
            #expect(tree.isClean)
            #expect(try await tree.berth("gc", "--undo", id).exit == .status(0))
            #expect(tree.hasGarbage)
        }

        @Test(arguments: [false, true]) func whatAPurgeFreesIsGone(isServed: Bool) async throws {
            let tree = try await GarbageTree()
            try await tree.untag()
            try await bothWays(tree, isServed: isServed) {
                #expect(
                    try await tree.berth("gc", "--untagged", "--run", "--yes", "--quarantine", "1h").exit == .status(0))
                let run = try #require(try await runs(tree).first).run.uuidString
                let purge = try await tree.berth("gc", "--purge", run)
                #expect(purge.exit == .status(0), "\(purge.errors)")
                #expect(purge.text.hasSuffix(" freed\n"))
                #expect(try await runs(tree).isEmpty)
                let undo = try await tree.berth("gc", "--undo", run)
                #expect(undo.exit == .status(1))
            }
        }

        @Test(arguments: [false, true]) func whatATagWouldGiveBack(isServed: Bool) async throws {
            let tree = try await GarbageTree()
            try await bothWays(tree, isServed: isServed) {
                let result = try await tree.berth("gc", "--reclaim", "team/*:goes")
                #expect(result.exit == .status(0), "\(result.errors)")
                #expect(
                    result.text.hasPrefix("\(tree.two.exclusiveBytes) B would come back: 1 tags, 1 manifests, 3 blobs"))
                #expect(result.text.contains("team/app:stays\n"))
            }
            #expect(tree.hasGarbage)
        }

        /// The numbers of `--json` where everything is shared, against a sum over what was pushed.
        @Test(arguments: [false, true]) func whatAnImageUnderThreeNamesWouldGiveBack(isServed: Bool) async throws {
            struct Answer: Decodable { var bytesFreed, bytesShared, bytesSpared: Int64; var sharers: [Sharer] }
            struct Sharer: Decodable { var repository, tag: String; var bytes: Int64 }
            let tree = try await GarbageTree()
            let image = tree.two.stays
            try await tree.registry.push(image, to: tree.name, tag: try Tag("again"))
            try await tree.registry.push(image, to: try RepositoryName("prod/app"), tag: try Tag("v1"))
            let base = Int64(tree.two.base.bytes.count)
            let whole = Int64(image.manifest.bytes.count) + image.blobs.reduce(0) { $0 + Int64($1.bytes.count) }
            func ask(_ pattern: String) async throws -> Answer {
                let result = try await tree.berth("gc", "--json", "--reclaim", pattern)
                #expect(result.exit == .status(0), "\(result.errors)")
                let decoder = JSONDecoder()
                decoder.keyDecodingStrategy = .convertFromSnakeCase
                return try decoder.decode(Answer.self, from: Data(result.text.utf8))
            }
            try await bothWays(tree, isServed: isServed) {
                let one = try await ask("team/app:stays")
                #expect(one.bytesFreed == 0 && one.bytesShared == whole && one.bytesSpared == 0)
                #expect(one.sharers.map(\.bytes) == [whole, whole, base])
                #expect(
                    one.sharers.map { "\($0.repository):\($0.tag)" } == [
                        "prod/app:v1", "team/app:again", "team/app:goes",
                    ])
                let repository = try await ask("team/app")
                #expect(repository.bytesFreed == Int64(tree.two.exclusiveBytes) && repository.bytesShared == whole)
                let all = try await ask("*")
                #expect(all.bytesFreed == whole + Int64(tree.two.exclusiveBytes) && all.bytesShared == 0)
            }
            #expect(tree.hasGarbage)
        }

        @Test(arguments: [false, true]) func aTagGoesBackToWhatItWas(isServed: Bool) async throws {
            let tree = try await GarbageTree()
            try await tree.registry.push(tree.two.goes.manifest, to: tree.name, tag: tree.stays)
            let (new, old) = (tree.two.goes.manifest.digest, tree.two.stays.manifest.digest)
            func rollback(_ arguments: String...) async throws -> Tool.Result {
                try await BerthProgram.result(
                    ["rollback", "--config", tree.folder.path("config.yml"), "team/app:stays"] + arguments,
                    in: tree.folder)
            }
            try await bothWays(tree, isServed: isServed) {
                let list = try await rollback()
                #expect(list.exit == .status(0), "\(list.errors)")
                #expect(list.text.split(separator: "\n").map { $0.prefix(73) } == ["* \(new)", "  \(old)"])
                let back = try await rollback(old.short)
                #expect(back.exit == .status(0), "\(back.errors)")
                #expect(back.text.hasPrefix("* \(old)"))
                #expect(try await rollback("ffffffffffff").exit == .status(1))
            }
            let link = try await tree.storage.link(at: Layout.tagCurrent(tree.stays, in: tree.name))
            #expect(link == .digest(old))
        }

        @Test(arguments: [
            ["--undo", "a", "--purge", "b"], ["--runs", "--run"], ["--item", "x"], ["--plan", "x", "--untagged"],
            ["--grace", "soon"], ["--grace", "5"], ["--quarantine", "24"], ["--rate", "0"],
        ])
        func whatMakesNoSenseIsWrongUsage(arguments: [String]) async throws {
            let folder = try TemporaryFolder()
            let result = try await BerthProgram.result(["gc", "--data", folder.path("data")] + arguments, in: folder)
            #expect(result.exit == .status(2), "\(result.errors)")
        }
    }
}
