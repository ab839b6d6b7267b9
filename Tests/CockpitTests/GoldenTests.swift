import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore
import Testing

@testable import Cockpit

/// Every screen at four sizes.
@Suite struct GoldenTests {
    /// A screen, and how to get there.
    enum Scene: String, CaseIterable, CustomTestStringConvertible {
        case repositories, empty, tags, graph, activity, sweep, report, server, stopped
        case check, checking, checked, repaired, comparing
        case quarantine, sweeping, history, reclaim, alone, purge, deleted, elsewhere
        case putBack = "put-back"
        case help, palette, themes, filter, delete, confirm, usedBy = "used-by", damaged, repair

        var testDescription: String { rawValue }

        /// The scenes that every size has; the others are drawn at 80x24.
        static let screens: [Scene] = [
            .repositories, .tags, .graph, .activity, .sweep, .server, .usedBy, .empty, .check, .checking, .checked,
            .repaired, .comparing, .quarantine, .sweeping, .history, .reclaim, .report, .confirm, .alone, .purge,
            .putBack, .deleted, .elsewhere, .delete,
        ]

        func session(columns: Int, rows: Int) throws -> Session {
            var registry = try FakeRegistry.sample()
            switch self {
            case .empty: registry.repositories = []
            case .check, .checking, .checked, .repair, .repaired, .comparing: registry = try .wounded()
            default: break
            }
            var session = try Session(registry, columns: columns, rows: rows)
            switch self {
            case .repositories:
                session.now += 1
                var counters = sampleCounters
                counters.bytesIn += 9 << 20
                session.sample(transfers: try sampleTransfers(), events: try sampleEvents(), counters: counters)
                session.press(.down)
            case .empty: break
            case .tags: session.press(.down, .enter, .down, .character(" "))
            case .graph: session.press(.down, .enter, .down, .enter, .down, .down, .down, .down, .down)
            case .usedBy:
                session.press(.down, .enter, .down, .enter, .down, .down, .down, .down, .character("u"))
            case .damaged: session.press(.down, .enter, .bottomKey, .up, .enter, .bottomKey)
            case .activity:
                session.press(.character("4"))
                session.sample(
                    transfers: try sampleTransfers(), events: try sampleEvents(), dropped: 1204)
            case .sweep:
                session.sample(capacity: StorageCapacity(bytesFree: 19 << 30, bytesTotal: 100 << 30))
                session.press(.character("5"), .character("t"), .down)
            case .quarantine: session.press(.character("5"), .left, .enter, .down)
            case .sweeping:
                session.press(.character("5"), .character("t"), .enter)
                session.isAnswering = false
                session.type("y")
                session.sample(sweep: SweepProgress(linesDone: 3, lines: 6, bytesDone: 210 << 20))
            case .elsewhere:
                session.type("5")
                session.sample(sweep: SweepProgress(linesDone: 12, lines: 37, bytesDone: 3 << 30, isPaused: true))
            case .alone:
                session.registry.evidence = "an upload in team/app that this registry did not begin was written to"
                session.press(.character("5"), .enter)
                session.type("y")
            case .purge: session.press(.character("5"), .left, .character("P"))
            case .putBack: session.press(.character("5"), .left, .enter, .down, .character("z"))
            case .history: session.press(.down, .enter, .character("H"), .down)
            case .deleted: session.press(.down, .enter, .character("D"))
            case .reclaim: session.press(.down, .enter, .character("w"))
            case .confirm: session.press(.character("5"), .character("t"), .enter)
            case .report: session.press(.character("5"), .character("t"), .enter, .character("y"))
            case .check: session.type("7")
            case .checking:
                session.type("7")
                session.isAnswering = false
                session.type("H")
                session.sample(check: try sampleProgress(0, at: 2))
                session.now += 44
                session.sample(check: try sampleProgress(18 << 30, at: 46))
            case .checked: session.press(.character("7"), .character("H"), .down)
            case .repair: session.type("7HR")
            case .repaired: session.type("7HRyjjj")
            case .comparing:
                session.type("6")
                session.sample(reconciling: sampleReconciling(), isReconciled: false)
            case .server, .stopped:
                if self == .stopped { session.server = .failed("port 5000 is in use") }
                session.sample(log: sampleLog())
                for second in 1...40 {
                    session.now += 1
                    var counters = sampleCounters
                    counters.bytesIn += UInt64(second * second) << 20
                    counters.bytesOut += UInt64(second) << 22
                    counters.requests += UInt64(second * 3)
                    session.sample(
                        log: sampleLog(), capacity: StorageCapacity(bytesFree: 4 << 30, bytesTotal: 100 << 30),
                        counters: counters)
                }
                session.press(.character("6"))
            case .help: session.press(.character("5"), .character("?"))
            case .palette: session.type(":t")
            case .themes: session.press(.character("T"), .down)
            case .filter: session.type("/app")
            case .delete: session.press(.down, .enter, .down, .character("d"))
            }
            return session
        }
    }

    @Test(arguments: Scene.screens, [(80, 24), (120, 40), (200, 60), (40, 10)])
    func everySizeIsAsItWas(_ scene: Scene, _ size: (columns: Int, rows: Int)) throws {
        let session = try scene.session(columns: size.columns, rows: size.rows)
        try Golden.expect(session.screen(), is: "\(scene.rawValue)-\(size.columns)x\(size.rows)")
    }

    @Test(arguments: Scene.allCases.filter { !Scene.screens.contains($0) })
    func overlaysAreAsTheyWere(_ scene: Scene) throws {
        try Golden.expect(try scene.session(columns: 80, rows: 24).screen(), is: "\(scene.rawValue)-80x24")
    }

    @Test(arguments: [Scene.repositories, .graph, .sweep, .repaired])
    func asciiScreensHoldNothingElse(_ scene: Scene) throws {
        let lines = try scene.session(columns: 80, rows: 24).screen(.ascii)
        let isPlain = lines.allSatisfy { $0.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }
        #expect(isPlain)
        try Golden.expect(lines, is: "\(scene.rawValue)-80x24-ascii")
    }

    @Test(arguments: [Scene.repositories, .graph, .sweep, .server, .repaired])
    func rolesAreAsTheyWere(_ scene: Scene) throws {
        let canvas = try scene.session(columns: 80, rows: 24).canvas()
        try Golden.expect(canvas.styleText, is: "\(scene.rawValue)-80x24-style")
    }

    @Test func tooSmallIsOneLine() throws {
        let session = try Session(columns: 39, rows: 9)
        #expect(session.screen().first == "● serving this machine only :5000 q")
        #expect(session.screen().dropFirst().joined().isEmpty)
    }

    /// Goldens that are being written prove nothing: a run that updates them is never green.
    @Test func goldensAreCompared() {
        #expect(!Golden.isUpdating, "\(Golden.variable) is set: look at the diff, unset it, and run again")
    }
}

extension Key {
    /// `G`.
    static let bottomKey = Key.character("G")
}

/// Totals after some work.
var sampleCounters: RegistryCounters {
    var counters = RegistryCounters()
    counters.pushes = 12
    counters.pulls = 345
    counters.bytesIn = 3 << 30
    counters.bytesOut = 40 << 30
    counters.requests = 6_789
    counters.errors = 2
    return counters
}
