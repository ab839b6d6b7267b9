import Drawing
import Foundation
import OCI
import RegistryCore
import Testing

@testable import Cockpit

/// What tags were before, and deleted ones that come back.
@Suite struct TagPastTests {
    private func tags() throws -> Session {
        var session = try Session()
        session.press(.down, .enter)
        return session
    }

    private func restored(_ session: Session) -> [String] {
        session.asked.flatMap { effect -> [String] in
            if case .restoreTags(let departures) = effect { departures.map(\.tag.text) } else { [] }
        }
    }

    @Test func theHistoryShowsWhatIsStillThere() throws {
        var session = try tags()
        session.type("H")
        #expect(session.asked.last == .loadHistory(try Tag("1.9"), try RepositoryName("team/app")))
        #expect(session.shows("history of team/app:1.9"))
        #expect(session.shows("● current") && session.shows("○ its manifest is gone"))
        session.press(.enter)
        #expect(session.shows("the tag points at it already") && !session.isAsking)
        session.press(.down, .down, .enter)
        #expect(session.shows("its manifest is gone: deleted, or swept and no longer kept") && !session.isAsking)
        #expect(session.shows("only a push"), "\(session)")
        session.press(.escape)
        #expect(session.isPlain)
    }

    @Test func rollingBackAsksFirst() throws {
        var session = try tags()
        session.type("H")
        session.press(.down, .enter)
        #expect(session.shows("Roll team/app:1.9 back?") && session.shows("598 MiB"))
        session.press(.enter)
        #expect(session.isPlain && !session.asked.contains { if case .setTag = $0 { true } else { false } })
        session.type("H")
        session.press(.down, .enter)
        session.type("y")
        #expect(
            session.asked.contains(.setTag(try Tag("1.9"), try digest("before"), try RepositoryName("team/app"))))
        #expect(session.shows("team/app:1.9 points at \(try digest("before").short)"))
    }

    @Test func anAnswerAboutAnotherTagIsDropped() throws {
        var session = try tags()
        session.isAnswering = false
        session.type("H")
        session.send(.history(try Tag("latest"), try RepositoryName("team/app"), .success(session.registry.history)))
        #expect(session.shows("reading …"))
        session.send(.history(try Tag("1.9"), try RepositoryName("team/app"), .failure(Failure("no disk"))))
        #expect(session.shows("✖ no disk"))
    }

    @Test func zPutsBackWhatWasJustDeleted() throws {
        var session = try tags()
        session.type("z")
        #expect(session.shows("nothing was deleted here") && restored(session).isEmpty)
        session.type("dy")
        #expect(session.shows("deleted team/app:1.9; z puts it back"))
        session.wait(20)
        session.type("z")
        #expect(restored(session) == ["1.9"])
        #expect(session.shows("team/app:1.9 is back at"))
        session.type("z")
        #expect(restored(session).count == 1)
    }

    @Test func severalComeBackTogetherAndOnlyForAWhile() throws {
        var session = try tags()
        session.type("  dy")
        #expect(session.shows("deleted 2 tags of team/app; z puts them back"))
        session.wait(TagUndo.seconds + 1)
        session.type("z")
        #expect(session.shows("D lists deleted tags") && restored(session).isEmpty)
    }

    @Test func theyComeBackOnlyWhereTheyWere() throws {
        var session = try tags()
        session.type("dy")
        session.press(.escape, .up, .enter)
        session.type("z")
        #expect(restored(session).isEmpty)
    }

    /// People know versions and not digests.
    @Test func theHistorySaysWhichTagsAreTheSame() throws {
        var registry = try FakeRegistry.sample()
        registry.history = [
            TagHistoryEntry(
                digest: try digest("single"), since: noon, isCurrent: true, isThere: true, bytes: 612 << 20),
            TagHistoryEntry(
                digest: try digest("index"), since: nil, isCurrent: false, isThere: true, bytes: 840 << 20),
        ]
        var session = try Session(registry)
        session.press(.down, .enter)
        session.type("H")
        #expect(session.shows("840 MiB = 1.10, latest"), "\(session)")
        #expect(session.shows("612 MiB ● current  ") && !session.shows("= 1.9"), "\(session)")
    }

    /// What a client deletes goes with its manifest: no sweep took it, and who it was stands there all the same.
    @Test func whoDeletedATagWithItsManifestIsSaid() throws {
        var registry = try FakeRegistry.sample()
        registry.departures = [
            TagDeparture(
                repository: try RepositoryName("team/app"), tag: try Tag("3.0"), digest: try digest("gone"), at: noon,
                by: "10.203.118.24", cause: .manifestDeleted, canReturn: false)
        ]
        var session = try Session(registry)
        session.press(.down, .enter)
        session.type("D")
        #expect(session.shows("○ gone, deleted by 10.203.118.24"), "\(session)")
        session.press(.enter)
        #expect(session.shows("3.0 was deleted with its manifest by 10.203.118.24"), "\(session)")
        #expect(!session.shows("a sweep"))
    }

    @Test func deletedTagsAreListedAndPutBackLater() throws {
        var session = try tags()
        session.type("D")
        #expect(session.shows("deleted tags of team/app") && session.shows("1.8"))
        #expect(session.shows("deleted by 10.0.0.4") && session.shows("○ gone, deleted by 10.0.0.4"))
        session.press(.down, .enter)
        #expect(restored(session).isEmpty && session.shows("only a push"))
        session.press(.tab)
        #expect(session.shows("history of team/app:1.9"))
        session.press(.tab, .enter)
        #expect(session.isPlain && restored(session) == ["1.8"])
    }

    @Test func aRefusalIsSaid() throws {
        var session = try tags()
        let failure = Failure("it has been set again since")
        session.send(.tagsRestored([(tag: try sampleDeparture("1.8"), failure: failure)]))
        #expect(session.shows("not put back: it has been set again since"))
        session.send(.tagSet(try Tag("1.8"), try digest("x"), try RepositoryName("team/app"), failure))
        #expect(session.shows("team/app:1.8 not changed: it has been set again since"))
    }
}
