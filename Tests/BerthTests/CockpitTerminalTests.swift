import Foundation
import Glibc
import ImageBuilder
import OCI
import Testing

extension EndToEndTests {
    /// The cockpit as a person has it: a real terminal, keys, and clients beside it.
    @Suite(.enabled(if: Tool.areUsable(.tmux, .skopeo, .curl))) struct CockpitTerminalTests {
        private let folder: TemporaryFolder
        private let skopeo: Skopeo
        private let curl: Curl

        init() throws {
            folder = try TemporaryFolder()
            let address = "127.0.0.1:\(try FreePort.take())"
            skopeo = Skopeo(folder: folder, address: address)
            curl = Curl(folder: folder, origin: "http://\(address)")
        }

        private func open(_ size: Terminal.Size = .init(columns: 80, rows: 24)) async throws -> Terminal {
            try await Terminal(size, ["--data", folder.path("data"), "--listen", skopeo.address], in: folder)
        }

        /// The dialogs ignore what is typed in their first 300 ms. Nothing is drawn when that time is over, so that no
        /// event says so: it is waited out from when the dialog was seen, which is later than when it was opened.
        private func waitForDialog(_ terminal: Terminal, _ texts: String) async throws {
            try await terminal.wait(for: texts)
            try await ContinuousClock().sleep(for: .milliseconds(320))
        }

        private func expectTerminalLeft(_ terminal: Terminal) async throws {
            try await terminal.wait(for: "ended with status 0", "terminal left")
            #expect(try await terminal.property("#{alternate_on} #{cursor_flag} #{mouse_any_flag}") == "0 1 0")
            #expect(try folder.text("stty-after") == folder.text("stty-before"))
            #expect(terminal.errors.isEmpty, "\(terminal.errors)")
        }

        /// The main job of the cockpit from an empty store to a sweep and a restart.
        @Test(arguments: [Terminal.Size(columns: 80, rows: 24), Terminal.Size(columns: 120, rows: 40)])
        func aTagIsSeenDeletedAndSweptByKeysAlone(size: Terminal.Size) async throws {
            let image = try TwoTags()
            let terminal = try await open(size)
            try await terminal.wait(for: "No images yet.", "docker push localhost:\(skopeo.port)/", "this machine only")
            #expect(try await terminal.property("#{alternate_on}") == "1")

            // Pushes appear by themselves.
            try await skopeo.push(image.stays, as: "team/app:1")
            try await terminal.wait(for: "repositories 1", "team/app", within: .seconds(5))
            try await skopeo.push(image.goes, as: "team/app:2")
            try await terminal.wait(for: "push", "team/app:2", within: .seconds(5))

            try await seeWhatIsShared(terminal, image)
            try await deleteTag(terminal, image)
            let before = try folder.tree("data/docker")
            try await sweep(terminal, image)
            let gone = Set(before.keys).subtracting(try folder.tree("data/docker").keys)
            let files = image.exclusive.map(\.digest.hex).map { "registry/v2/blobs/sha256/\($0.prefix(2))/\($0)/data" }
            #expect(gone.filter { $0.hasSuffix("/data") } == Set(files))
            try await skopeo.expectPull(of: "team/app:1", is: image.stays)

            try await stopAndStart(terminal)
            try await skopeo.expectPull(of: "team/app:1", is: image.stays)
            try await terminal.press("q")
            try await expectTerminalLeft(terminal)
        }

        private func seeWhatIsShared(_ terminal: Terminal, _ image: TwoTags) async throws {
            try await terminal.press("Enter")
            try await terminal.wait(for: "tags 2")
            try await terminal.press("G")
            try await terminal.wait(for: "─ 2 ─", "sha256:\(image.goes.manifest.digest.short)")
            try await terminal.press("Enter")
            // The line of hints is the last that is drawn; it may be there before the graph is.
            let screen = try await terminal.wait(
                for: "tag 2", "\(image.exclusiveBytes) B exclusive", "×2", "u used by")
            // Two tags share the base layer; nothing else of the tag is shared.
            let shared = screen.split(separator: "\n").filter { $0.contains("×2") }
            #expect(shared.count == 1, "\(screen)")
            #expect(shared.first?.contains("layer \(image.base.digest.hex.prefix(8))") == true, "\(screen)")
            // Down to it: tag, manifest, config, base.
            try await terminal.press("g", "j", "j", "j", "u")
            try await terminal.wait(for: "shared by 2 tags", "used by 2 tags", "team/app:1", "team/app:2")
        }

        private func deleteTag(_ terminal: Terminal, _ image: TwoTags) async throws {
            try await terminal.press("2")
            try await terminal.wait(for: "tags 2", "─ 2 ─")
            try await terminal.press("d")
            try await waitForDialog(terminal, "A later sweep of untagged manifests frees \(image.exclusiveBytes) B")
            // Cancel has the focus.
            try await terminal.press("Enter")
            try await terminal.wait("the dialog to go") { !$0.contains("Delete tag") }
            #expect(try await skopeo.tags("team/app").contains(#""2""#))
            try await terminal.press("d")
            try await waitForDialog(terminal, "A later sweep of untagged manifests frees \(image.exclusiveBytes) B")
            try await terminal.press("y")
            try await terminal.wait(for: "tags 1")
            let tags = try await skopeo.tags("team/app")
            #expect(tags.contains(#""1""#))
            #expect(!tags.contains(#""2""#))
        }

        private func sweep(_ terminal: Terminal, _ image: TwoTags) async throws {
            try await terminal.press("5")
            // The manifest without a tag still holds its blobs.
            try await terminal.wait(for: "marked", "[ ] untagged", "[remove 0]")
            try await terminal.press("t")
            try await terminal.wait(for: "marked", "[x] untagged")
            try await terminal.press("-")
            try await terminal.wait(for: "marked", "grace 10 min")
            try await terminal.press("-")
            try await terminal.wait("what only the tag held, to the byte") { screen in
                let lines = screen.split(separator: "\n")
                // The link of the manifest, its document, its config and its own layer.
                let summary = ["marked", "grace none", "[remove 4]", "remove        4    \(image.exclusiveBytes) B"]
                return summary.allSatisfy(screen.contains)
                    && image.exclusive.allSatisfy { blob in
                        lines.contains { $0.contains(blob.digest.short) && $0.contains(" \(blob.bytes.count) B ") }
                    }
            }
            try await terminal.press("Enter")
            try await waitForDialog(terminal, "Run this sweep?")
            let dialog = try await terminal.capture().split(separator: "\n")
            #expect(dialog.contains { $0.contains("1 manifest link") })
            #expect(dialog.contains { $0.contains("3 blobs") && $0.contains(" \(image.exclusiveBytes) B ") })
            try await terminal.press("y")
            try await terminal.wait(for: "✔ swept", "[removed 4]", "\(image.exclusiveBytes) B")
        }

        private func stopAndStart(_ terminal: Terminal) async throws {
            try await terminal.press("6")
            try await terminal.wait(for: "● serving", skopeo.address)
            try await terminal.press("o")
            try await terminal.wait(for: "○ stopped", "o starts it")
            // Status 7 of curl: it could not connect.
            let refused = try await Tool.curl.result(["-sS", "\(curl.origin)/v2/"], in: folder)
            #expect(refused.exit == .status(7))
            try await terminal.press("o")
            try await terminal.wait(for: "● serving", skopeo.address)
            #expect(try await curl("GET", "/v2/").status == 200)
        }

        /// A tag that a crash has emptied is found, asked about and mended, and can be pulled again.
        @Test(arguments: [Terminal.Size(columns: 80, rows: 24), Terminal.Size(columns: 120, rows: 40)])
        func aDamagedTagIsRepairedByKeysAlone(size: Terminal.Size) async throws {
            let image = try TwoTags().stays
            let terminal = try await open(size)
            try await terminal.wait(for: "this machine only")
            try await skopeo.push(image, as: "team/app:1")
            let link = "data/docker/registry/v2/repositories/team/app/_manifests/tags/1/current/link"
            let content = try folder.text(link)
            try folder.write("", to: link)

            try await terminal.press("7")
            try await terminal.wait(for: "not checked yet", "r check")
            try await terminal.press("H")
            try await terminal.wait(for: "✖ 1 wrong", "1 can be repaired R", "damaged-link", "team/app:1", "relink")
            #expect(try folder.text(link).isEmpty)
            try await terminal.press("R")
            try await waitForDialog(terminal, "Repair 1 finding?")
            // Cancel has the focus.
            try await terminal.press("Enter")
            try await terminal.wait("the dialog to go") { !$0.contains("Repair 1 finding?") }
            #expect(try folder.text(link).isEmpty)
            try await terminal.press("R")
            try await waitForDialog(terminal, "Repair 1 finding?")
            try await terminal.press("y")
            try await terminal.wait(for: "✔ 1 repaired", "Repaired.")
            #expect(try folder.text(link) == content)
            try await skopeo.expectPull(of: "team/app:1", is: image)
            try await terminal.press("r")
            try await terminal.wait(for: "✔ nothing is wrong")
            try await terminal.press("q")
            try await expectTerminalLeft(terminal)
        }

        @Test func aSignalGivesTheTerminalBack() async throws {
            let terminal = try await open()
            try await terminal.wait(for: "this machine only")
            #expect(try await terminal.property("#{alternate_on}") == "1")
            kill(try terminal.processID, SIGTERM)
            try await expectTerminalLeft(terminal)
        }

        /// After a crash the runtime of Swift would ask for a key and wait half a minute for it. It reads its settings from the
        /// environment that the program began with.
        @Test func aCrashAsksForNothing() async throws {
            let terminal = try await open()
            try await terminal.wait(for: "this machine only")
            let process = try terminal.processID
            let environment = try Data(contentsOf: URL(filePath: "/proc/\(process)/environ"))
            #expect(
                environment.split(separator: 0).contains { Data($0) == Data("SWIFT_BACKTRACE=interactive=no".utf8) })
            #expect(try String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8) == "berth\n")
            try await terminal.press("q")
            try await expectTerminalLeft(terminal)
        }

        /// Nor does it go on without its screen, when the crash is a signal that nothing raises again.
        @Test func aCrashEndsTheProgramAndGivesTheTerminalBack() async throws {
            let terminal = try await Terminal(
                .init(columns: 80, rows: 24), ["--data", folder.path("data"), "--listen", skopeo.address], in: folder,
                environment: ["SWIFT_BACKTRACE": "enable=yes,interactive=no,symbolicate=off,images=none"])
            try await terminal.wait(for: "this machine only")
            kill(try terminal.processID, SIGSEGV)
            try await terminal.wait(for: "ended with status 139", "terminal left", within: .seconds(60))
            #expect(try await terminal.property("#{alternate_on} #{cursor_flag} #{mouse_any_flag}") == "0 1 0")
            #expect(try folder.text("stty-after") == folder.text("stty-before"))
            #expect(terminal.errors.contains("berth crashed"), "\(terminal.errors)")
        }

        /// Without an image, a client or a directory there is something on every screen, and nothing is left of it.
        @Test(arguments: [Terminal.Size(columns: 80, rows: 24), Terminal.Size(columns: 120, rows: 40)])
        func aDemonstrationIsAliveOnEveryScreenAndMakesNoFile(size: Terminal.Size) async throws {
            let terminal = try await Terminal(
                size, ["--demo"], in: folder,
                environment: ["HOME": folder.path("home"), "XDG_DATA_HOME": folder.path("share")])
            try await terminal.wait(for: "berth demo", "a demonstration", "shop/api", "library/node")
            try await terminal.wait(for: "⇣")
            try await terminal.press("4")
            try await terminal.wait(for: "berth demo", "history", "⇣ pull", "127.0.0.")
            try await terminal.press("5", "t")
            try await terminal.wait(for: "berth demo", "[x] untagged", "marked", "damaged 2", "link no tag")
            try await terminal.press("6")
            try await terminal.wait(for: "berth demo", "in memory, made up", "● serving", "free")
            try await terminal.press("7")
            try await terminal.wait(for: "berth demo", "legacy/billing")
            try await terminal.press("1", "/", "n", "o", "d", "e", "Enter", "Enter")
            try await terminal.wait(for: "berth demo", "22-alpine", "amd64 arm64")
            // Whatever moves: nobody is asked to wait for it.
            try await terminal.press("q")
            try await expectTerminalLeft(terminal)
            for made in ["home", "share", "data"] {
                #expect(!FileManager.default.fileExists(atPath: folder.path(made)))
            }
        }

        /// Two on one directory know of each other at once.
        @Test func twoOnOneDirectorySaySo() async throws {
            let terminal = try await open()
            try await terminal.wait(for: "this machine only")
            #expect(try await !terminal.capture().contains("2 Berths"))
            let other = "127.0.0.1:\(try FreePort.take())"
            try await RegistryProcess.serving(["--data", folder.path("data"), "--listen", other], in: folder) { _ in
                _ = try await terminal.wait(for: "▲ 2 Berths", "another Berth has this directory open")
            }
            try await terminal.wait("the other to be gone") { !$0.contains("2 Berths") }
            try await terminal.press("q")
            try await expectTerminalLeft(terminal)
        }

        @Test func aPortInUseIsShownAndStartsWhenItIsFree() async throws {
            let terminal = try await RegistryProcess.serving(
                ["--data", folder.path("other"), "--listen", skopeo.address], in: folder
            ) { _ in
                let terminal = try await open()
                try await terminal.press("6")
                try await terminal.wait(for: "✖ failed", "is in use", "o tries")
                return terminal
            }
            try await terminal.press("o")
            try await terminal.wait(for: "● serving", "address  \(skopeo.address)")
            #expect(try await curl("GET", "/v2/").status == 200)
            try await terminal.press("q")
            try await expectTerminalLeft(terminal)
        }

        @Test(arguments: [
            (["TERM": "dumb"], [], "dumb"),
            (["TERM": "none-such"], ["--theme", "none-such"], "there is no theme none-such"),
            ([:], ["--theme", "broken"], "the theme broken has errors"),
            ([:], ["--color", "sometimes"], "--color"),
        ])
        func whatCannotBeIsSaidInOneLine(
            environment: [String: String], arguments: [String], reason: String
        ) async throws {
            try folder.write("none of this is a theme\n", to: "config/berth/themes/broken.theme")
            let terminal = try await Terminal(
                .init(columns: 80, rows: 24), ["--data", folder.path("data"), "--listen", skopeo.address] + arguments,
                in: folder, environment: environment.merging(["XDG_CONFIG_HOME": folder.path("config")]) { $1 })
            let screen = try await terminal.wait(for: "terminal left")
            #expect(screen.contains("ended with status 2"))
            #expect(try await terminal.property("#{alternate_on}") == "0")
            #expect(terminal.errors.hasPrefix("berth: "))
            #expect(terminal.errors.contains(reason), "\(terminal.errors)")
            #expect(terminal.errors.split(separator: "\n").count == 1, "\(terminal.errors)")
        }
    }
}
