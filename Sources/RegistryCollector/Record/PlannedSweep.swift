import Foundation

/// A plan as a run takes it: what it is about, and its lines, which need not be held.
struct PlannedSweep: Sendable {
    var id: UUID
    var options: SweepOptions
    var made: Date
    var lines: PlannedLines

    init(id: UUID, options: SweepOptions, made: Date, lines: PlannedLines) {
        self.id = id
        self.options = options
        self.made = made
        self.lines = lines
    }
}

/// Lines of a plan in their order: in memory, or in the record of their run, of which a block is read at a time.
enum PlannedLines: Sendable {
    case list([SweepPlan.Line])
    case document(ListedDocument)

    var count: Int {
        switch self {
        case .list(let lines): lines.count
        case .document(let document): document.count(of: RecordHead.lines)
        }
    }

    /// Gives the lines of each block, from the first to the last.
    func forEachBlock(_ body: ([SweepPlan.Line]) async -> Void) async throws {
        switch self {
        case .list(let lines): await body(lines)
        case .document(let document):
            for block in document.blocks where block.list == RecordHead.lines {
                await body(try await document.elements(of: block).map { try SweepPlan.Line(json: $0) })
            }
        }
    }
}
