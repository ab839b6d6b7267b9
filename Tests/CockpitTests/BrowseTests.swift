import Drawing
import Foundation
import OCI
import RegistryCore
import Testing

@testable import Cockpit

/// Finding one's way: lists, filter, graph, history, mouse, copying.
@Suite struct BrowseTests {
    @Test func enterLeadsFromRepositoryToTagToGraphAndEscBack() throws {
        var session = try Session()
        session.press(.down, .enter)
        #expect(session.model.place == .tags(try RepositoryName("team/app")))
        session.press(.down, .enter)
        #expect(session.model.place == .graph(try RepositoryName("team/app"), .tag(try Tag("1.10"))))
        #expect(session.shows("index"))
        session.press(.escape)
        #expect(session.model.screen == .tags)
        session.press(.backspace)
        #expect(session.model.place == .repositories)
        session.press(.escape)
        #expect(session.model.place == .repositories)
        #expect(!session.hasQuit)
    }

    @Test func tagsStandInNaturalOrder() throws {
        var session = try Session()
        session.press(.down, .enter)
        #expect(session.model.tags.list.rows.map(\.tag.text) == ["1.9", "1.10", "broken", "latest"])
        session.type("S")
        #expect(session.model.tags.list.rows.map(\.tag.text) == ["latest", "broken", "1.10", "1.9"])
        session.type("s")
        #expect(session.model.tags.list.rows.map(\.tag.text).first == "1.10")
    }

    @Test func aFilterIsAppliedWhileItIsTypedKeptPerScreenAndClearedByEsc() throws {
        var session = try Session()
        session.type("/ALP")
        #expect(session.model.repositories.list.rows.map(\.name.text) == ["base/alpine"])
        #expect(session.shows("1 of 3"))
        session.press(.enter, .enter)
        #expect(session.model.screen == .tags)
        #expect(session.model.tags.list.rows.count == 1)
        session.press(.escape)
        #expect(session.model.repositories.list.rows.count == 1)
        session.press(.escape)
        #expect(session.model.repositories.list.rows.count == 3)
        session.type("/!app")
        #expect(session.model.repositories.list.rows.map(\.name.text) == ["base/alpine", "tools/ci"])
        session.press(.escape)
        session.type("/nothing")
        #expect(session.shows("0 of 3 match 'nothing' · esc clears"))
        session.press(.escape)
        #expect(session.isPlain && !session.model.filter.isActive)
    }

    @Test func theSelectionStaysOnItsRowWhenOthersCome() throws {
        var session = try Session()
        session.press(.down)
        #expect(session.model.repositories.list.selected?.name.text == "team/app")
        session.registry.repositories.append(
            RepositorySummary(
                name: try RepositoryName("aaa"), tagCount: 1, manifestCount: 1, bytes: 1, bytesUnique: 1))
        session.registry.generation += 1
        session.sample()
        #expect(session.model.repositories.list.rows.first?.name.text == "aaa")
        #expect(session.model.repositories.list.selected?.name.text == "team/app")
    }

    @Test func listsAreAskedForOnceAGenerationAndAgainAfterIt() throws {
        var session = try Session()
        let before = session.asked.filter { $0 == .loadRepositories(since: 0) }.count
        session.wait(1)
        session.sample()
        session.press(.down, .up)
        #expect(session.asked.filter { $0 == .loadRepositories(since: 0) }.count == before)
        session.registry.generation += 1
        session.sample()
        #expect(session.asked.filter { $0 == .loadRepositories(since: 0) }.count == before + 1)
    }

    @Test func aPushFlashesItsRowForASecond() throws {
        var session = try Session()
        session.sample(events: try sampleEvents())
        #expect(session.model.repositories.flashes.keys.map(\.text) == ["team/app"])
        #expect(session.model.isTicking)
        session.wait(1.5)
        #expect(session.model.repositories.flashes.isEmpty)
    }

    @Test func theGraphNamesTheUsersOfABlobAndEnterGoesThere() throws {
        var session = try Session()
        session.press(.down, .enter, .down, .enter, .down, .down, .down, .down)
        #expect(session.model.graph.selectedNode?.digest == (try digest("base")))
        #expect(session.shows("used by 4 tags"))
        session.type("u")
        #expect(session.model.focus == .users)
        session.press(.enter)
        #expect(session.model.place == .graph(try RepositoryName("base/alpine"), .tag(try Tag("3.20"))))
        session.type("[")
        #expect(session.model.place == .graph(try RepositoryName("team/app"), .tag(try Tag("1.10"))))
        session.type("]")
        #expect(session.model.place == .graph(try RepositoryName("base/alpine"), .tag(try Tag("3.20"))))
    }

    @Test func nodesFoldAndUnfold() throws {
        var session = try Session()
        session.press(.down, .enter, .down, .enter)
        let all = session.model.graph.lines.count
        session.press(.down, .left)
        #expect(session.model.graph.lines.count == 2)
        session.press(.right)
        #expect(session.model.graph.lines.count == all)
        session.press(.right, .down)
        session.press(.left)
        #expect(session.model.graph.selectedPath == [0, 0])
        session.type("x")
        let folded = session.model.graph.lines.count
        #expect(folded < all)
        session.type("x")
        #expect(session.model.graph.lines.count == all)
    }

    @Test func aFilterInTheGraphKeepsTheWayToWhatMatches() throws {
        var session = try Session()
        session.press(.down, .enter, .down, .enter)
        session.type("/arm64")
        #expect(session.model.graph.lines.map(\.id) == [[], [0], [0, 1]])
        session.press(.enter)
        session.type("n")
        #expect(session.model.graph.selectedPath == [0, 1])
    }

    @Test func missingBlobsAreMarked() throws {
        var session = try Session()
        session.press(.down, .enter, .bottomKey, .up, .enter)
        #expect(session.shows("✖ layer"))
        #expect(session.shows("missing"))
    }

    @Test func theEmptyStoreSaysWhatToTypeWithTheRealPort() throws {
        var registry = try FakeRegistry.sample()
        registry.repositories = []
        var session = try Session(registry, server: .serving(address: "0.0.0.0:5443", since: noon))
        #expect(session.shows("docker push localhost:5443/alpine:3.20"))
        session.type("y")
        #expect(session.copied.first?.split(separator: "\n").count == 3)
        session.registry = try FakeRegistry.sample()
        session.registry.generation += 1
        session.sample()
        #expect(session.shows("team/app"))
    }

    @Test func pullCommandsAreCopiedByTagAndByDigest() throws {
        var session = try Session()
        session.press(.down, .enter, .down)
        session.type("yY")
        let app = "docker pull localhost:5000/team/app"
        #expect(session.copied == ["\(app):1.10", "\(app)@\(try digest("index"))"])
        #expect(session.shows("copied: \(app)@sha256:"))
        session.now += 1
        session.send(.input(.outcome(.copyFailed("There is no clipboard.")), at: session.now))
        #expect(session.shows("There is no clipboard. Text: \(app)@sha256:"))
        session.wait(6)
        #expect(session.model.toast == nil)
    }

    @Test func severalTagsAreMarkedAndCopied() throws {
        var session = try Session()
        session.press(.down, .enter)
        session.type("  y")
        #expect(session.model.tags.marks.count == 2)
        #expect(session.copied.first?.split(separator: "\n").count == 2)
        session.press(.up)
        session.type(" ")
        #expect(session.model.tags.marks.map(\.text) == ["1.9"])
    }

    @Test func theMouseSelectsOpensScrollsAndSorts() throws {
        var session = try Session()
        session.click(x: 5, y: 4)
        #expect(session.model.repositories.list.selected?.name.text == "team/app")
        session.click(x: 5, y: 4, .doublePress(.left))
        #expect(session.model.screen == .tags)
        session.click(x: 45, y: 2)
        session.click(x: 38, y: 2)
        #expect(session.model.tags.sort == .bytes)
        session.click(x: 2, y: 0)
        #expect(session.model.place == .repositories)
        let row = try #require(session.screen().last?.range(of: "5 sweep"))
        let line = try #require(session.screen().last)
        session.click(x: line.distance(from: line.startIndex, to: row.lowerBound), y: 23)
        #expect(session.model.screen == .sweep)
        session.click(x: 40, y: 3, .wheelDown)
        #expect(session.model.sweep.list.state.selection == 0)
    }

    @Test func screensAreOpenedByNumber() throws {
        var session = try Session()
        session.type("3")
        #expect(session.model.screen == .repositories && session.shows("choose a tag first"))
        for screen in [Screen.tags, .activity, .sweep, .server, .check, .repositories] {
            session.type("\(screen.rawValue)")
            #expect(session.model.screen == screen)
        }
    }

    @Test func whatCannotBeReadAnyMoreIsNotShownAsIfItCould() throws {
        var session = try Session()
        session.press(.down, .enter)
        session.registry.tags = [:]
        session.registry.generation += 1
        session.sample()
        #expect(session.shows("✖ repository team/app is not known"))
        #expect(session.model.tags.list.rows.isEmpty)
    }

    @Test func aFailureIsShownAndReadAgainOnRequest() throws {
        var session = try Session()
        session.press(.down, .enter, .bottomKey, .enter)
        #expect(session.shows("✖ team/app has no manifest latest"))
        let app = try RepositoryName("team/app")
        let latest = Reference.tag(try Tag("latest"))
        let same = session.registry.graphs[app]?[.tag(try Tag("1.10"))]
        session.registry.graphs[app]?[latest] = same
        session.press(.ctrl("r"))
        #expect(session.shows("index"))
    }
}
