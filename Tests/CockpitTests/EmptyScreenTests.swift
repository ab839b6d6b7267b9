import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore
import Testing

@testable import Cockpit

/// A list without rows says why it is empty and what to press, whole at every width.
@Suite struct EmptyScreenTests {
    /// The text of a screen without borders and line ends.
    private func text(_ session: Session) -> String {
        let lines = session.screen().map { line -> String in
            let parts: [Substring] = line.split(separator: "│")
            return parts.max { $0.count < $1.count }.map { String($0) } ?? ""
        }
        return lines.joined(separator: " ").split(separator: " ").joined(separator: " ")
    }

    @Test(arguments: [(80, 24), (120, 40), (40, 24), (40, 10)])
    func aSweepWithNothingToRemoveSaysWhatTheGraceHolds(_ columns: Int, _ rows: Int) throws {
        var registry = try FakeRegistry.sample()
        registry.plan.lines = []
        var session = try Session(registry, columns: columns, rows: rows)
        session.type("5")
        let shown = text(session)
        for part in [
            "Nothing to remove now.", "The grace of 1 h holds back 1 line, 88.0 MiB, until 12:07:07;",
            "- shortens it, l lists them.", "t asks for untagged manifests too.",
        ] {
            #expect(shown.contains(part), "\(part)\(session.testDescription)")
        }
    }

    @Test func whatIsHeldForDifferentTimesIsARange() throws {
        var registry = try FakeRegistry.sample()
        registry.plan.lines = []
        registry.plan.spared.append(
            SweepPlan.Spared(
                .blob(try digest("single")), bytes: 12 << 20, reason: .leased(until: noon.addingTimeInterval(900))))
        var session = try Session(registry)
        session.type("5t")
        let shown = text(session)
        #expect(shown.contains("holds back 2 lines, 100 MiB, from 12:07:07 until 12:15:07;"), "\(session)")
        #expect(!shown.contains("t asks for"))
    }

    /// A shorter grace takes no upload, and its key does.
    @Test func uploadsAreNotHeldByTheGrace() throws {
        var registry = try FakeRegistry.sample()
        registry.plan.lines = []
        let upload = SweepPlan.Item.upload(UploadID(), try RepositoryName("team/app"))
        registry.plan.spared = [
            SweepPlan.Spared(upload, bytes: 12 << 20, reason: .mayContinue(until: noon.addingTimeInterval(900)))
        ]
        var session = try Session(registry)
        session.type("5t")
        let shown = text(session)
        #expect(
            shown.contains("Clients may go on with uploads: 1 line, 12.0 MiB, until 12:15:07; u takes"), "\(session)")
        #expect(!shown.contains("grace of") && !shown.contains("Tags hold everything"))
    }

    @Test func withNothingHeldTheWayToGarbageIsNamed() throws {
        var registry = try FakeRegistry.sample()
        (registry.plan.lines, registry.plan.spared) = ([], [])
        var session = try Session(registry)
        session.type("5t")
        #expect(text(session).contains("Tags hold everything: d on a tag (2) deletes it."), "\(session)")
    }

    @Test(arguments: [(80, 24), (40, 24), (40, 10)])
    func emptyListsAreSentencesThatAreWhole(_ columns: Int, _ rows: Int) throws {
        var session = try Session(columns: columns, rows: rows)
        session.type("4")
        #expect(text(session).contains("pushes, pulls and what was refused appear here."), "\(session)")
        session.type("f")
        #expect(text(session).contains("No push yet; f shows the other kinds."), "\(session)")
        session.press(.character("1"), .bottomKey, .enter)
        #expect(
            text(session).contains("No tags. D lists deleted ones; sweep (5) with t lists untagged manifests."),
            "\(session)")
    }
}
