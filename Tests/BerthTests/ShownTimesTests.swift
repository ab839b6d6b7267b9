import Foundation
import ImageBuilder
import OCI
import PlainHTTP
import RegistryStorage
import SeededRandom
import Testing

extension EndToEndTests {
    /// When tags were pushed and pulled, as the screens say it: against the dates of files, which the test has set, and the
    /// watch of a client.
    @Suite(.enabled(if: Tool.areUsable(.tmux))) struct ShownTimesTests {
        @Test func whenTagsWerePushedAndPulled() async throws {
            var random = SeededGenerator()
            print("BERTH_SEED=\(random.seed)")
            let tree = try await GarbageTree()
            // Of an earlier day, and of an earlier year: they are written in different ways.
            let ages = [86_400.0 * 400, 86_400 * 1200].map { $0 + Double(Int.random(in: 0...86_400, using: &random)) }
            let dates = ages.map { Date(timeIntervalSince1970: (Date().timeIntervalSince1970 - $0).rounded(.down)) }
            let images = [(tree.stays, tree.two.stays.descriptor.digest), (tree.goes, tree.two.goes.descriptor.digest)]
            for ((tag, digest), date) in zip(images, dates) {
                for link in [Layout.tagCurrent(tag, in: tree.name), Layout.revisionLink(digest, in: tree.name)] {
                    let path = tree.folder.path("\(tree.data)/\(link)")
                    try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
                }
            }
            let address = "127.0.0.1:\(try FreePort.take())"
            let terminal = try await Terminal(
                .init(columns: 200, rows: 60), ["--data", tree.folder.path(tree.data), "--listen", address],
                in: tree.folder, environment: ["TZ": "Asia/Kathmandu"])
            let newest = Self.text(dates.max() ?? .distantPast, Self.day)
            try await terminal.wait(for: "last push \(newest)", "last pull -")
            let before = Date()
            let answer = try PlainClient(address: address)("GET", "/v2/\(tree.name)/manifests/\(tree.stays)")
            #expect(answer.status == 200)
            let watch = [before, Date()].map { Self.text($0, Self.time) }
            let home = try await terminal.wait("the pull") { screen in
                watch.contains { screen.contains("last pull \($0)") }
            }
            try await terminal.press("Enter")
            let rows = [tree.stays, tree.goes].map { tag in
                { (screen: String) in
                    screen.split(separator: "\n").first { $0.contains(" \(tag.text) ") && $0.contains(" KiB ") } ?? ""
                }
            }
            let tags = try await terminal.wait("the pull in the list of tags") { screen in
                screen.contains("┌─ tags 2 ─") && watch.contains { rows[0](screen).contains($0) }
            }
            for (row, date) in zip(rows.map { $0(tags) }, dates) {
                #expect(row.contains(" \(Self.text(date, Self.day))  "), "\(row)\n\(home)")
            }
            #expect(rows[1](tags).contains("   -   "), "\(tags)")
            try await terminal.press("q")
            try await terminal.wait(for: "ended with status 0")
        }

        private static let (day, time) = ("yyyy-MM-dd", "HH:mm:ss")

        private static func text(_ date: Date, _ form: String) -> String {
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.timeZone = TimeZone(identifier: "Asia/Kathmandu")
            formatter.dateFormat = form
            return formatter.string(from: date)
        }
    }
}
