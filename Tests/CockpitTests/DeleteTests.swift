import Drawing
import Foundation
import OCI
import RegistryCore
import Testing

@testable import Cockpit

/// Deleting tags: never by habit, never more than was meant.
@Suite struct DeleteTests {
    /// The tags of `team/app`, the second one selected.
    private func tags() throws -> Session {
        var session = try Session()
        session.press(.down, .enter, .down)
        return session
    }

    private func deletions(_ session: Session) -> [Effect] {
        session.asked.filter { if case .deleteTags = $0 { true } else { false } }
    }

    @Test func theDialogSaysWhatStays() throws {
        var session = try tags()
        session.type("d")
        #expect(session.shows("Delete tag team/app:1.10?"))
        #expect(session.shows("The same digest stays as: latest"))
        #expect(session.shows("A later sweep of untagged manifests frees 604 MiB; 8.00 MiB stays shared "))
        #expect(session.shows("with team/app:latest, team/app:broken, base/alpine:3.20 and 12 more."))
    }

    @Test func theLastTagOfADigestIsCalledThat() throws {
        var session = try tags()
        session.press(.up)
        session.type("d")
        #expect(session.shows("the manifest becomes untagged"))
        #expect(session.shows("A later sweep of untagged manifests frees 604 MiB"))
    }

    /// What was typed before the dialog could be read is not for it, but leaving changes nothing.
    @Test func aDialogHearsEscAtOnceAndNothingElse() throws {
        var session = try tags()
        session.type("d")
        session.type("y", after: 0.1)
        session.press(.tab, .enter, after: 0.05)
        #expect(session.shows("Delete tag team/app:1.10?") && deletions(session).isEmpty)
        session.press(.escape, after: 0.05)
        #expect(session.isPlain && deletions(session).isEmpty)
    }

    @Test func enterCancelsBecauseCancelHasTheFocus() throws {
        var session = try tags()
        session.type("d")
        session.press(.enter)
        #expect(!session.isAsking && deletions(session).isEmpty)
        session.type("d")
        session.press(.escape)
        #expect(!session.isAsking && deletions(session).isEmpty)
    }

    @Test func keysTypedAheadAreIgnored() throws {
        var session = try tags()
        session.type("d")
        session.type("y", after: 0.1)
        session.press(.enter, after: 0.1)
        #expect(session.isAsking && deletions(session).isEmpty)
        session.type("y", after: 0.2)
        #expect(!session.isAsking)
        #expect(deletions(session) == [.deleteTags([try Tag("1.10")], in: try RepositoryName("team/app"))])
        #expect(session.shows("deleted team/app:1.10"))
    }

    @Test func tabReachesDeleteAndEnterPressesIt() throws {
        var session = try tags()
        session.type("d")
        session.press(.tab, .enter)
        #expect(deletions(session).count == 1)
    }

    @Test func marksMakeItAList() throws {
        var session = try tags()
        session.press(.up)
        session.type("  ")
        session.press(.bottomKey)
        session.type("d")
        #expect(session.shows("Delete 2 tags of team/app?"))
        #expect(session.shows("1.9  manifest becomes untagged"))
        #expect(session.shows("1.10  digest stays"))
        #expect(session.shows("frees 604 MiB"))
        session.type("y")
        #expect(
            deletions(session) == [
                .deleteTags([try Tag("1.9"), try Tag("1.10")], in: try RepositoryName("team/app"))
            ])
        #expect(session.model.tags.marks.isEmpty)
    }

    @Test func theListIsReadAgainAfterwards() throws {
        var session = try tags()
        let app = try RepositoryName("team/app")
        session.registry.tags[app]?.removeAll { $0.tag.text == "1.10" }
        session.type("dy")
        #expect(session.model.tags.list.rows.map(\.tag.text) == ["1.9", "broken", "latest"])
    }

    @Test func aRefusalIsSaid() throws {
        var session = try tags()
        let app = try RepositoryName("team/app")
        session.send(
            .tagsDeleted(
                app, [(tag: try Tag("1.9"), failure: Failure("the registry is read-only"))], undo: []))
        #expect(session.shows("team/app:1.9 not deleted: the registry is read-only"))
    }

    @Test func theButtonIsClicked() throws {
        var session = try tags()
        session.type("d")
        let row = try #require(session.screen().firstIndex { $0.contains("[y Delete]") })
        let line = session.screen()[row]
        let start = try #require(line.range(of: "[y Delete]")?.lowerBound)
        session.click(x: line.distance(from: line.startIndex, to: start) + 1, y: row)
        #expect(deletions(session).count == 1)
    }
}
