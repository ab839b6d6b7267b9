import Drawing
import Foundation
import OCI
import RegistryCore
import Testing

@testable import Cockpit

/// The server's switch, the log, and every way out.
@Suite struct ServerTests {
    @Test func stopDrainsAndStartServesAgain() throws {
        var session = try Session()
        session.type("6o")
        #expect(session.outside == [.stopServer])
        #expect(session.shows("◐ draining"))
        session.type("o")
        #expect(session.outside == [.stopServer])
        session.server = .stopped
        session.send(.serverSettled(.stopped))
        #expect(session.shows("○ stopped"))
        #expect(session.shows("o starts it on 127.0.0.1:5000"))
        session.type("o")
        #expect(session.outside == [.stopServer, .startServer])
        session.send(.serverSettled(.serving(address: "127.0.0.1:5000", since: session.now)))
        #expect(session.shows("● serving"))
        session.type("R")
        #expect(session.outside.last == .restartServer)
    }

    @Test func aStoppedServerLeavesTheListsToBeRead() throws {
        let session = try Session(server: .stopped)
        #expect(session.shows("○ stopped"))
        #expect(session.shows("team/app"))
    }

    @Test func aFailedStartOpensTheServerScreenWithTheReason() throws {
        var session = try Session(server: .starting)
        session.server = .failed("port 5000 is in use")
        session.sample()
        #expect(session.model.screen == .server)
        session.type("1")
        session.sample()
        #expect(session.model.screen == .repositories)
        session.type("6")
        #expect(session.shows("port 5000 is in use"))
        #expect(session.shows("o tries 127.0.0.1:5000 again"))
    }

    @Test func theLogFollowsUntilOneLooksBack() throws {
        var session = try Session()
        session.type("6")
        session.sample(log: sampleLog())
        #expect(session.model.serverScreen.log.selected?.line.level == .error)
        #expect(!session.shows("index opened"))
        #expect(session.shows("hostile �[31m text"))
        session.type("k")
        let more = sampleLog() + [LogLine(time: session.now, level: .info, message: "one more")]
        session.sample(log: more)
        #expect(session.model.serverScreen.log.selected?.line.level == .warning)
        session.type("G")
        session.sample(log: more + [LogLine(time: session.now, level: .info, message: "the last")])
        #expect(session.model.serverScreen.log.selected?.line.message == "the last")
        session.type("L")
        #expect(session.model.serverScreen.leastLevel == .notice)
        #expect(!session.shows("one more"))
    }

    // MARK: Leaving

    @Test func qQuitsWhenNothingRuns() throws {
        var session = try Session()
        session.type("q")
        #expect(session.hasQuit && !session.isAsking)
    }

    @Test func qAsksWhileTransfersRun() throws {
        var session = try Session()
        session.sample(transfers: try sampleTransfers())
        session.type("q")
        #expect(session.shows("2 transfers are running.") && !session.hasQuit)
        session.press(.escape)
        #expect(!session.isAsking && !session.hasQuit)
        session.type("q")
        session.press(.enter)
        #expect(!session.isAsking && !session.hasQuit)
        session.type("qq")
        #expect(session.hasQuit)
    }

    @Test func waitDrainsAndThenQuits() throws {
        var session = try Session()
        session.sample(transfers: try sampleTransfers())
        session.type("qw")
        #expect(session.outside == [.stopServer])
        session.sample(transfers: try sampleTransfers())
        #expect(!session.hasQuit)
        session.send(.serverSettled(.stopped))
        #expect(session.hasQuit)
    }

    @Test func ctrlCTwiceQuitsAtOnce() throws {
        var session = try Session()
        session.sample(transfers: try sampleTransfers())
        session.press(.ctrl("c"))
        #expect(session.isAsking && !session.hasQuit)
        session.press(.ctrl("c"), after: 0.1)
        #expect(session.hasQuit)
    }

    @Test func ctrlCLateAsksAgain() throws {
        var session = try Session()
        session.sample(transfers: try sampleTransfers())
        session.press(.ctrl("c"))
        session.press(.ctrl("c"), after: 5)
        #expect(session.isAsking && !session.hasQuit)
    }

    @Test(arguments: [EndSignal.terminate, .hangup, .interrupt])
    func signalsDrainAndQuit(_ signal: EndSignal) throws {
        var session = try Session()
        session.send(.input(.signal(signal), at: session.now))
        #expect(session.outside == [.stopServer])
        #expect(session.shows("◐ draining"))
        session.server = .stopped
        session.sample()
        #expect(session.hasQuit)
    }

    @Test(arguments: [Key.character("q"), .ctrl("c")])
    func whoDoesNotWantToWaitPressesAgain(_ key: Key) throws {
        var session = try Session()
        session.sample(transfers: try sampleTransfers())
        session.type("qw")
        #expect(!session.hasQuit)
        session.press(key)
        #expect(session.hasQuit)
    }

    @Test func aSignalWithAStoppedServerQuits() throws {
        var session = try Session(server: .stopped)
        session.send(.input(.signal(.terminate), at: session.now))
        #expect(session.hasQuit)
    }

    @Test func aSignalDuringASweepStopsItFirst() throws {
        var session = try Session(server: .stopped)
        session.type("5")
        session.press(.enter)
        session.isAnswering = false
        session.type("y")
        session.send(.input(.signal(.terminate), at: session.now))
        #expect(session.outside.contains(.stopSweep) && !session.hasQuit)
        session.send(.swept(.success(session.registry.report)))
        #expect(session.hasQuit)
    }

    // MARK: The terminal

    @Test func keysForTheTerminalAskForIt() throws {
        var session = try Session()
        session.press(.ctrl("l"), .ctrl("z"))
        session.type("m")
        #expect(session.outside.first == .terminal(.redraw))
        #expect(session.outside.last == .terminal(.mouse(false)))
        #expect(
            session.outside.contains {
                if case .terminal(.shell(let notice)) = $0 { notice.contains("serving") } else { false }
            })
        session.type("e")
        #expect(!session.model.isTickerShown)
    }

    @Test func themesArePreviewedAndEscReverts() throws {
        var session = try Session()
        let themes = session.model.setup.themes
        session.type("T")
        session.press(.down, .down)
        #expect(session.outside == [.terminal(.theme(themes[1])), .terminal(.theme(themes[2]))])
        session.press(.escape)
        #expect(session.outside.last == .terminal(.theme(themes[0])))
        session.type("T")
        session.press(.down, .enter)
        #expect(session.model.themeIndex == 1 && session.isPlain)
    }
}
