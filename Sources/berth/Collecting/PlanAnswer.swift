import Drawing
import Foundation
import OCI
import RegistryControl
import RegistryCollector
import RegistryCore
import RegistryStorage

/// A plan as it was answered or read from a file: its lines in a spool, and what people are told of it.
final class PlanAnswer {
    private(set) var head: SweepPlan.Head?
    let spool = Spool()
    private(set) var lines = LineGroups()
    private(set) var spared = LineGroups()
    /// The first of what cannot be read, and how many there are.
    private(set) var damaged: [SweepPlan.Damage] = []
    private(set) var damagedCount = 0

    /// From when on what is spared for a time is told.
    private var made: Date { head?.made ?? Date() }

    func take(_ part: ControlPart) throws {
        switch part.kind {
        case .head: head = try part.decoded()
        case .line: try lines.add(part) { try part.decoded(SweepPlan.Line.self).row }
        case .spared: try spared.add(part) { try part.decoded(SweepPlan.Spared.self).row(now: made) }
        case .damaged:
            damagedCount += 1
            if damaged.count < LineGroups.rowsMax { damaged.append(try part.decoded()) }
        case .progress, .tail, .end, .error: return
        }
        if part.kind != .head { try spool.append(part) }
    }

    /// The work that runs it.
    func work(_ settings: SweepRunSettings, listsRemoved: Bool) throws -> SweepWork {
        guard let head else { throw Refusal("there was no plan in the answer", status: 3) }
        return SweepWork(head, settings, listsRemoved: listsRemoved)
    }

    /// Prints it as one JSON object, with a line of the plan on each line.
    func print() throws {
        guard let head else { return }
        try Output.print(
            fields: try CollectorJSON.line(head),
            lists: [("lines", .line), ("spared", .spared), ("damaged", .damaged)], of: spool)
    }

    // MARK: Files

    private static let lists: [String: ControlPart.Kind] = ["lines": .line, "spared": .spared, "damaged": .damaged]

    /// Reads a plan that was printed. Numbers of lines and bytes are those of its lines, whatever it says of them.
    ///
    /// - Throws: `Refusal` with what is wrong with it.
    static func read(_ path: String) async throws -> PlanAnswer {
        let answer = PlanAnswer()
        do {
            let document = try await ListedDocument(try LocalFile(path), lists: Set(lists.keys))
            var head = try ControlPart(.head, json: document.head).value(SweepPlan.Head.self)
            try Bounds.date(head.made, "made")
            try Bounds.bytes(head.totals.bytesShared, "bytes_shared")
            head.totals.lines = 0
            (head.totals.bytesRemovable, head.totals.bytesSpared) = (0, 0)
            answer.head = head
            for block in document.blocks {
                guard let kind = lists[block.list] else { continue }
                for element in try await document.elements(of: block) {
                    try answer.take(try part(kind, Array(element), &head.totals, made: head.made))
                }
            }
            head.totals.linesSpared = answer.spared.count
            answer.head = head
        } catch let damaged as ListedDocument.Damaged {
            throw unusable(path, damaged.reason)
        } catch let invalid as PlanInvalid {
            throw unusable(path, invalid.reason)
        } catch let error as ControlError {
            throw unusable(path, error.message)
        } catch let error as StorageError {
            throw Refusal("cannot read the plan \(path): \(error)")
        }
        return answer
    }

    private static func unusable(_ path: String, _ reason: String) -> Refusal {
        Refusal("\(path) is no plan: \(reason.printable); 'berth gc --json' prints one")
    }

    /// One element on one line, counted.
    private static func part(
        _ kind: ControlPart.Kind, _ json: [UInt8], _ totals: inout SweepPlan.Totals, made: Date
    ) throws -> ControlPart {
        let part = ControlPart(kind, json: json)
        switch kind {
        case .line:
            let line = try SweepPlan.Line(json: json)
            totals.lines += 1
            totals.bytesRemovable = totals.bytesRemovable.addingClamped(line.bytes)
            return try ControlPart(.line, line)
        case .spared:
            let spared = try part.value(SweepPlan.Spared.self)
            totals.bytesSpared = totals.bytesSpared.addingClamped(spared.bytes)
            return try ControlPart(.spared, spared.told(at: made))
        default: return try ControlPart(kind, try part.value(SweepPlan.Damage.self))
        }
    }
}

/// Lines by their kind: how many there are of each, and the first of them for people.
struct LineGroups {
    /// A line as people see it.
    struct Row {
        var item: SweepPlan.Item
        var bytes: Int64
        var repositories: [RepositoryName]
        var reason: String
    }

    /// Lines of one kind that are written out; the rest is counted. `--json` has all of them.
    static let rowsMax = 200

    private(set) var count = 0
    private(set) var counts: [SweepPlan.Kind: Int] = [:]
    private(set) var rows: [SweepPlan.Kind: [Row]] = [:]

    /// Reads no more of a line than its kind when enough of that kind are known.
    mutating func add(_ part: ControlPart, _ row: () throws -> Row) rethrows {
        count += 1
        if let kind = Self.kind(of: part.json), let known = counts[kind], known >= Self.rowsMax {
            counts[kind] = known + 1
            return
        }
        let row = try row()
        counts[row.item.kind, default: 0] += 1
        rows[row.item.kind, default: []].append(row)
    }

    private static let mark = Array("\"kind\":\"".utf8)

    /// The first kind that the JSON names, which is its item's in what we write.
    private static func kind(of json: [UInt8]) -> SweepPlan.Kind? {
        var position = 0
        while position + mark.count < json.count {
            if json[position] == mark[0], json[position..<position + mark.count].elementsEqual(mark) {
                let rest = json[(position + mark.count)...]
                return rest.firstIndex(of: mark[0]).flatMap {
                    SweepPlan.Kind(rawValue: String(decoding: rest[..<$0], as: UTF8.self))
                }
            }
            position += 1
        }
        return nil
    }
}

extension SweepPlan.Line {
    var row: LineGroups.Row {
        LineGroups.Row(item: item, bytes: bytes, repositories: repositories, reason: explanation)
    }

    /// Why it goes, with what held it last.
    private var explanation: String {
        guard let lastTag else { return reason.text }
        let how = lastTag.how.word.replacing("_", with: " ")
        return "\(reason.text); last \(lastTag.repository):\(lastTag.tag), \(how) \(lastTag.until.formatted(.iso8601))"
            + (lastTag.by.isEmpty ? "" : " by \(lastTag.by)")
    }
}

extension SweepPlan.Spared {
    /// - Parameter now: from when on times are told.
    func row(now: Date) -> LineGroups.Row {
        LineGroups.Row(item: item, bytes: bytes, repositories: repositories, reason: reason.text(now: now))
    }
}
