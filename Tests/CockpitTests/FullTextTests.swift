import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore
import Testing

@testable import Cockpit

/// What a list cuts can be read, keys that do nothing say so, and what is not possible is said before it is asked for.
@Suite struct FullTextTests {
    private static let reason =
        "the manifest names a layer that was never sent, and nobody can pull what is not here at all"

    @Test(arguments: [(80, 24), (120, 40), (40, 10)])
    func aReasonThatIsCutIsReadWithEnter(_ columns: Int, _ rows: Int) throws {
        var session = try Session(columns: columns, rows: rows)
        let docker = Client(address: "10.0.0.4:51234", userAgent: "docker/27.3")
        let action = RegistryEvent.Action.refused(
            try RepositoryName("team/app"), code: "MANIFEST_BLOB_UNKNOWN", message: Self.reason)
        session.type("4")
        session.sample(events: [RegistryEvent(time: noon, client: docker, action: action)])
        session.press(.enter)
        var read = ""
        for _ in 0..<12 {
            read += " " + session.screen().joined(separator: " ")
            session.press(.down)
        }
        let words = Set(read.split { " │".contains($0) }.map(String.init))
        #expect(Self.reason.split(separator: " ").allSatisfy { words.contains(String($0)) }, "\(session)")
        session.press(.escape)
        #expect(session.isPlain)
        #expect(session.model.screen == .activity)
    }

    @Test func aLongMessageIsWhole() throws {
        var session = try Session()
        let name = try RepositoryName("team/app")
        session.press(.down, .enter)
        session.send(.tagsDeleted(name, [(try Tag("1.9"), Failure(Self.reason))], undo: []))
        let all = session.screen().joined(separator: " ").split(separator: " ").joined(separator: " ")
        #expect(all.contains(Self.reason), "\(session)")
    }

    @Test(arguments: Screen.allCases)
    func everySelectedRowIsShownInFull(_ screen: Screen) throws {
        var session = try Session(try .wounded())
        session.sample(events: try sampleEvents(), log: sampleLog())
        session.press(.down, .enter, .down, .enter)
        session.type("\(screen.rawValue)")
        if screen == .sweep { session.type("t") }
        session.type("i")
        #expect(!session.isPlain, "\(session)")
        session.type("q")
        #expect(session.isPlain && !session.hasQuit)
    }

    @Test func keysThatDoNothingHereSaySo() throws {
        var session = try Session()
        session.type("P")
        #expect(session.shows("P does nothing here, only on sweep (5); ? lists the keys"))
        session.press(.f(9))
        #expect(session.shows("F9 does nothing; ? lists the keys"))
        session.type("8")
        #expect(session.shows("8 does nothing; ? lists the keys"))
    }

    @Test func deletionThatIsDisabledIsSaidBeforeTheQuestion() throws {
        for isReadOnly in [false, true] {
            var setup = fixtureSetup()
            setup = Setup(
                title: setup.title, address: setup.address, storageRoot: setup.storageRoot, themes: setup.themes,
                timeZone: setup.timeZone,
                deletionRefusal: RegistryError.deletionDisabled.message,
                changeRefusal: isReadOnly ? RegistryError.readOnly.message : nil)
            var session = try Session(setup: setup)
            session.press(.down, .enter)
            session.type("d")
            #expect(!session.isAsking)
            let words = isReadOnly ? "the registry is read-only" : "storage.delete.enabled turns it on"
            #expect(session.shows(words), "\(session)")
        }
    }

    @Test func whatLiesInTheQuarantineIsNotCalledGone() throws {
        var registry = try FakeRegistry.sample()
        let app = try RepositoryName("team/app")
        registry.runs[0].lines.append(
            SweepPlan.Line(.revision(try digest("gone"), app), mediaType: .ociManifest, reason: .untagged))
        registry.departures = [try sampleDeparture("0.9", canReturn: false)]
        var session = try Session(registry)
        session.press(.down, .enter)
        session.type("D")
        #expect(session.shows("◆ in the quarantine"), "\(session)")
        #expect(!session.shows("gone"))
        session.press(.enter)
        session.press(.escape)
        #expect(session.shows("5, then h, and z on its run"), "\(session)")
        registry.runs = []
        session = try Session(registry)
        session.press(.down, .enter)
        session.type("D")
        #expect(session.shows("○ gone, deleted by"))
    }

    /// A bar in the colour of the letters of a selection would be a hole in it.
    @Test func theBarOfTheSelectedLineKeepsItsLook() throws {
        var session = try Session()
        session.press(.down, .enter, .down, .enter, .down, .down, .down, .down)
        let canvas = session.canvas()
        func role(_ cell: Cell?) -> UInt8 { cell.map { UInt8(truncatingIfNeeded: $0.style) } ?? 0 }
        let y = try #require(
            (1..<canvas.size.rows).first { role(canvas.cell(x: 4, y: $0)) == Role.selection.rawValue }, "\(session)")
        let bars = (0..<canvas.size.columns).compactMap { canvas.cell(x: $0, y: y) }
            .filter { (0x2588...0x258F).contains($0.scalar) }
        #expect(!bars.isEmpty)
        #expect(bars.allSatisfy { role($0) != Role.selection.rawValue })
    }
}
