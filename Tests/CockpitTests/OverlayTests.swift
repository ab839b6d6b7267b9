import Drawing
import Foundation
import OCI
import Testing

@testable import Cockpit

/// Help and palette.
@Suite struct OverlayTests {
    @Test func everyKeyIsInTheHelp() throws {
        for screen in Screen.allCases {
            let lines = Help().lines(on: screen)
            for binding in Keymap.bindings {
                #expect(lines.contains(Help.Line(keys: binding.keyText, text: binding.help)), "\(binding.command)")
            }
        }
    }

    /// Whatever has no room in its line goes on in the next one.
    @Test(arguments: [(80, 24), (40, 10), (200, 60)])
    func everyWordOfTheHelpCanBeRead(_ columns: Int, _ rows: Int) throws {
        var session = try Session(columns: columns, rows: rows)
        for screen in ["1", "5"] {
            session.type("\(screen)?")
            var seen: Set<String> = []
            for _ in 0..<400 {
                // Beside the box is what it lies over.
                let box = session.screen().map { $0.dropFirst((columns - min(76, columns)) / 2).prefix(76) }
                #expect(!box.contains { $0.contains("…") }, "\(session)")
                seen.formUnion(box.flatMap { $0.split { !$0.isLetter && !$0.isNumber }.map(String.init) })
                session.press(.down)
            }
            let words = Keymap.bindings.flatMap { $0.help.split { !$0.isLetter && !$0.isNumber }.map(String.init) }
            #expect(words.filter { !seen.contains($0) } == [])
            session.press(.escape)
        }
    }

    @Test func helpIsSearchedAndEscLeavesStepByStep() throws {
        var session = try Session()
        session.type("?/grace")
        #expect(session.shows("longer grace") && !session.shows("next row"))
        session.press(.enter, .escape)
        #expect(session.shows("next row"))
        session.press(.escape)
        #expect(session.isPlain)
    }

    @Test func thePaletteCompletesAndGoes() throws {
        var session = try Session()
        session.type(":ta")
        session.press(.tab)
        session.type("alp")
        #expect(session.shows("tags base/alpine"))
        session.press(.tab, .enter)
        #expect(session.model.place == .tags(try RepositoryName("base/alpine")))
    }

    @Test(arguments: [
        (":repos", Screen.repositories), (":activity", .activity), (":act", .activity), (":sweep", .sweep),
        (":server", .server), (":check", .check), (":tags team/app", .tags), (":tags app", .tags),
    ])
    func wordsOpenScreens(_ text: String, _ screen: Screen) throws {
        var session = try Session()
        session.type("4" + text)
        session.press(.enter)
        #expect(session.model.screen == screen)
    }

    @Test func wordsAct() throws {
        var session = try Session()
        session.type(":theme nord")
        session.press(.enter)
        session.type(":stop")
        session.press(.enter)
        session.type(":q")
        session.press(.enter)
        #expect(
            session.outside == [
                .terminal(.theme(session.model.setup.themes[2])), .stopServer, .terminal(.quit),
            ])
    }

    @Test(arguments: [
        (":nonsense", "no such command: nonsense"), (":theme none", "no theme none; there are night, day, nord"),
        (":tags zzz", "no repository matches zzz"), (":start", "the server is serving already"),
    ])
    func mistakesAreSaid(_ text: String, _ answer: String) throws {
        var session = try Session()
        session.type(text)
        session.press(.enter)
        #expect(session.shows(answer))
    }

    @Test func pastedTextGoesToWhatIsTypedAndNowhereElse() throws {
        var session = try Session()
        session.send(.input(.paste("qqq"), at: session.now))
        #expect(!session.hasQuit)
        session.type("/")
        session.send(.input(.paste("app"), at: session.now))
        #expect(session.model.repositories.list.rows.count == 1)
    }
}
