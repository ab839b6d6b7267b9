import Foundation
import ImageBuilder
import OCI
import PlainHTTP
import RegistryStorage
import Testing

extension EndToEndTests {
    /// Sweeps that nobody asked for, in the rhythm of the configuration.
    @Suite struct SweepScheduleTests {
        @Test func garbageGoesByItself() async throws {
            let tree = try await GarbageTree("gc: {interval: 1s, grace: 0s, untagged: true}")
            try await tree.untag()
            try await tree.serving { registry in
                let line = await registry.logLine(with: "msg=\"swept\"", "by=schedule")
                #expect(line?.contains("bytesfreed=0") == true, "it is in the quarantine: \(line ?? "no line")")
                #expect(tree.isClean)
                let isServed = try tree.isServed(at: registry.address)
                #expect(isServed)
            }
            #expect(try await tree.berth("gc", "--runs").text.contains("by schedule"))
        }

        @Test func withoutARhythmNothingGoes() async throws {
            let tree = try await GarbageTree("gc: {grace: 0s, untagged: true}\nlog: {level: debug}")
            try await tree.untag()
            try await tree.serving { registry in
                #expect(await registry.logLine(with: "index compared with the tree") != nil)
                #expect(!registry.process.errors.text.contains("scheduled"))
            }
            #expect(tree.hasGarbage)
        }

        /// Until a person has run it once; then by itself, and after another word in the policy not any more.
        @Test func tagsGoByThemselvesOnceAPersonHasSeenIt() async throws {
            let policy = "gc:\n  interval: 1s\n  grace: 0s\n  retention:\n  - {tags: [goes, next], keep: {newest: 1}}"
            let tree = try await GarbageTree(policy)
            let next = try SampleImage(layers: [SampleImage.noise(400, seed: 8)], architecture: "next")
            let warning = "the retention removes no tags by itself until it was confirmed"
            // The times of tags are whole seconds: the one that is pushed has to be the newer.
            let link = tree.folder.path("\(tree.data)/\(Layout.tagCurrent(tree.goes, in: tree.name))")
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -100)], ofItemAtPath: link)
            let confirmed = tree.folder.path("\(tree.data)/\(Layout.retentionConfirmed)")
            try await tree.serving { registry in
                let client = try PlainClient(address: registry.address)
                func push(_ tag: String) throws {
                    for blob in next.blobs {
                        let session = try client.ask("POST", "/v2/team/app/blobs/uploads/", expecting: 202)
                        try client.ask(
                            "PUT", "\(session.location ?? "")&digest=\(blob.digest)",
                            ["Content-Type": "application/octet-stream"], body: blob.bytes, expecting: 201)
                    }
                    try client.ask(
                        "PUT", "/v2/team/app/manifests/\(tag)", ["Content-Type": next.manifest.mediaType.text],
                        body: next.manifest.bytes, expecting: 201)
                }
                func status(_ tag: String) throws -> Int {
                    try client("HEAD", "/v2/team/app/manifests/\(tag)").status
                }
                try push("next")
                #expect(await registry.logLine(with: warning, "berth gc --retention") != nil)
                #expect(try status("goes") == 200)
                #expect(!FileManager.default.fileExists(atPath: confirmed))

                let preview = try await tree.berth("gc", "--retention")
                #expect(
                    preview.text.contains("not retained: not among the newest 1"), "\(preview.text)\(preview.errors)")
                #expect(try status("goes") == 200)
                let run = try await tree.berth("gc", "--retention", "--run", "--yes")
                #expect(run.exit == .status(0), "\(run.errors)")
                #expect(try status("goes") == 404)
                #expect(FileManager.default.fileExists(atPath: confirmed))

                // Into the next second, for the same reason.
                try await ContinuousClock().sleep(for: .seconds(1.1))
                try push("goes")
                #expect(await registry.logLine(with: "msg=\"swept\"", "by=schedule") != nil)
                #expect(try (status("next"), status("goes")) == (404, 200))
            }
            let text = try tree.folder.text("config.yml")
            try tree.folder.write(text.replacing("newest: 1", with: "newest: 2"), to: "config.yml")
            try await tree.serving { registry in
                #expect(await registry.logLine(with: warning) != nil)
            }
        }
    }
}
