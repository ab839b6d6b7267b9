import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore
import SeededRandom
import Testing

@testable import Cockpit

/// Any keys, any sizes, any text: nothing breaks, and nothing is drawn beside its place.
@Suite struct RandomTests {
    private static let keys: [Key] =
        "jkghlnNsSdyYuxpfrt+-oRLeTm:/?1234567H[] aqwzDKPc\u{E9}".map { .character($0) } + [
            .enter, .enter, .escape, .backspace, .tab, .backTab, .up, .down, .left, .right, .pageUp, .pageDown, .home,
            .end, .ctrl("d"), .ctrl("u"), .ctrl("l"), .ctrl("c"), .ctrl("r"), .f(1), .delete, .insert,
        ]

    @Test func anyKeysAtAnySizeAreSurvived() throws {
        var random = SeededGenerator()
        let seed = random.seed
        print("BERTH_SEED=\(seed)")
        var session = try Session(.wounded())
        for step in 0..<3_000 {
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
                let size = Size(
                    columns: .random(in: 0...140, using: &random), rows: .random(in: 0...50, using: &random))
                session.send(.input(.resize(size), at: session.now))
            case 1:
                let transfers = Bool.random(using: &random) ? try sampleTransfers() : []
                session.sample(
                    transfers: transfers, events: try sampleEvents(), log: sampleLog(),
                    capacity: StorageCapacity(bytesFree: 1, bytesTotal: 2))
            case 2:
                let x = Int.random(in: -2...150, using: &random)
                let y = Int.random(in: -2...60, using: &random)
                let actions: [Mouse.Action] = [.press(.left), .doublePress(.left), .wheelUp, .wheelDown, .release]
                session.click(x: x, y: y, actions.randomElement(using: &random) ?? .release)
            case 3:
                session.registry.generation += 1
                session.sample()
            case 4:
                session.isAnswering.toggle()
                session.sample(
                    check: try sampleProgress(.random(in: 0...50 << 30, using: &random), at: 3),
                    reconciling: Bool.random(using: &random) ? sampleReconciling() : nil,
                    isReconciled: .random(using: &random))
                session.send(.checked(.success(session.registry.checkReport)))
                session.send(.repaired(.success(session.registry.repairReport)))
                let progress = SweepProgress(
                    linesDone: 2, lines: .random(in: 0...3, using: &random), bytesDone: 1,
                    isPaused: .random(using: &random), isStopping: .random(using: &random))
                session.sample(sweep: Bool.random(using: &random) ? progress : nil)
                session.registry.evidence = Bool.random(using: &random) ? "an upload" : nil
                session.send(.swept(.success(session.registry.report)))
            default:
                session.press(
                    Self.keys.randomElement(using: &random) ?? .escape, after: .random(in: 0...1, using: &random))
            }
            if step.isMultiple(of: 3) { _ = session.canvas() }
        }
    }

    /// A screen drawn into a corner of a larger canvas leaves the rest as it was.
    @Test func nothingIsDrawnOutside() throws {
        var random = SeededGenerator()
        let seed = random.seed
        print("BERTH_SEED=\(seed)")
        for scene in GoldenTests.Scene.allCases {
            for _ in 0..<12 {
                let size = Size(
                    columns: .random(in: 0...130, using: &random), rows: .random(in: 0...45, using: &random))
                let session = try scene.session(columns: size.columns, rows: size.rows)
                var canvas = Canvas(columns: size.columns + 4, rows: size.rows + 4)
                canvas.fill(canvas.bounds, .text, character: "~")
                canvas.within(Rect(x: 2, y: 2, width: size.columns, height: size.rows)) { canvas in
                    canvas.fill(canvas.bounds)
                    session.model.view(on: &canvas)
                }
                let frame = Rect(x: 2, y: 2, width: size.columns, height: size.rows)
                let isClean = (0..<canvas.size.rows).allSatisfy { y in
                    (0..<canvas.size.columns).allSatisfy { x in
                        frame.contains(x: x, y: y) || canvas.cell(x: x, y: y)?.scalar == UInt32(UInt8(ascii: "~"))
                    }
                }
                #expect(isClean, "\(scene.rawValue) at \(size), seed \(seed)")
                let alone = session.canvas()
                let isSame = (0..<size.rows).allSatisfy { y in
                    (0..<size.columns).allSatisfy { alone.cell(x: $0, y: y) == canvas.cell(x: $0 + 2, y: y + 2) }
                }
                #expect(isSame, "\(scene.rawValue) at \(size), seed \(seed)")
            }
        }
    }

    @Test(arguments: [
        (0, 0), (1, 1), (1, 30), (300, 1), (39, 9), (40, 10), (69, 15), (70, 16), (119, 29), (120, 30), (250, 70),
    ])
    func awkwardSizesDraw(_ size: (columns: Int, rows: Int)) throws {
        for scene in GoldenTests.Scene.allCases {
            let session = try scene.session(columns: size.columns, rows: size.rows)
            #expect(session.canvas().size == Size(columns: size.columns, rows: size.rows))
        }
    }

    /// What a client sent reaches the screen without its control characters.
    @Test func hostileTextIsHarmless() throws {
        var session = try Session()
        let client = Client(address: "10.0.0.4:1\u{1B}[2J", userAgent: "evil\u{1B}]0;title\u{7}\u{202E}")
        let event = RegistryEvent(
            time: noon, client: client, action: .refused(nil, code: "UNKNOWN", message: "a\nb\u{9B}31m\u{0}"))
        session.sample(events: [event], log: [LogLine(time: noon, level: .error, message: "x\r\u{1B}[31m")])
        let path = "a\u{1B}[2J\n\u{202E}"
        session.registry.damage = [SweepPlan.Damage(path: path, reason: "b\u{9B}31m\u{7}")]
        session.registry.checkReport.findings = [CheckFinding(kind: .foreignPlace, path: path, reason: "c\r\u{0}")]
        session.registry.evidence = "d\u{1B}[2J\u{0}"
        session.registry.runs[0].by = "e\u{1B}[2J\u{202E}"
        session.registry.plan.lines[3].lastTag?.by = "f\u{9B}31m"
        session.registry.plan.lines[3].mediaType = MediaType("g\u{1B}[2J")
        session.registry.departures[0].by = "h\u{1B}[2J"
        session.type("5t")
        session.press(.down, .down)
        #expect(session.shows("f�31m"))
        expectClean(session)
        session.press(.enter)
        session.type("y")
        #expect(session.shows("d�[2J"))
        expectClean(session)
        session.press(.escape, .left)
        #expect(session.shows("e�[2J"))
        expectClean(session)
        session.type("1")
        session.press(.enter)
        session.type("D")
        #expect(session.shows("h�[2J"))
        expectClean(session)
        session.press(.escape)
        session.type("1:reclaim i")
        session.send(.input(.paste("\u{1B}[2J"), at: session.now))
        session.press(.enter)
        expectClean(session)
        session.press(.escape)
        session.isAnswering = false
        session.type("7H")
        session.sample(check: CheckProgress(phase: .links, place: path))
        #expect(session.shows("a�[2J"))
        expectClean(session)
        session.isAnswering = true
        session.send(.checked(.success(session.registry.checkReport)))
        session.type("y")
        #expect(session.copied == ["a�[2J��"])
        for screen in "467" {
            session.type(String(screen))
            expectClean(session)
        }
    }

    /// Damage that the index names is as foreign as what clients send.
    @Test func hostilePathsAreHarmless() throws {
        var session = try Session()
        session.registry.damage = [SweepPlan.Damage(path: "a\u{1B}[2J\n\u{202E}", reason: "b\u{9B}31m\u{7}")]
        session.type("7")
        #expect(session.shows("a�[2J��"))
        expectClean(session)
    }

    private func expectClean(_ session: Session) {
        let isClean = session.canvas().cells.allSatisfy { cell in
            cell.scalar >= 0x20 && !(0x7F...0x9F).contains(cell.scalar) && cell.scalar != 0x202E
        }
        #expect(isClean)
    }
}
