import Drawing
import OCI
import RegistryCore
import Testing

@testable import Cockpit

/// Two Berths on one directory: said at once, on every screen, and before anything is asked that cannot be done.
@Suite struct AccompaniedTests {
    @Test(arguments: [(80, 24), (120, 40)]) func itIsSaidOnEveryScreen(_ columns: Int, _ rows: Int) throws {
        var session = try Session(columns: columns, rows: rows)
        #expect(!session.shows("2 Berths"))
        session.sample(isAccompanied: true)
        #expect(session.shows("another Berth has this directory open"))
        for screen in ["1", "2", "3", "4", "5", "6", "7"] {
            session.type(screen)
            #expect(session.screen()[0].contains("▲ 2 Berths"), "\(session)")
        }
        session.type("6")
        #expect(session.shows("▲ another Berth here too"))
        session.sample(isAccompanied: false)
        #expect(!session.shows("2 Berths") && !session.shows("another Berth here"))
    }

    @Test func whatNeedsToBeAloneSaysSoBeforeItAsks() throws {
        var session = try Session()
        session.type("5")
        session.sample(isAccompanied: true)
        session.press(.enter)
        #expect(!session.isAsking)
        #expect(session.shows("not possible: another Berth has this directory open; close one of the two"))
        session.press(.character("h"))
        for key in ["z", "P"] {
            session.wait(6)
            session.type(key)
            #expect(!session.isAsking && session.shows("not possible: another Berth"), "\(session)")
        }
        session.sample(isAccompanied: false)
        session.type("z")
        #expect(session.isAsking)
    }
}
