import Foundation
import RegistryCollector
import RegistryCore

/// How the values of the collector are written and read.
enum WrittenJSON {
    static func text(_ item: SweepPlan.Item) throws -> String { try line(item) }
    static func text(_ line: SweepPlan.Line) throws -> String { try self.line(line) }

    static func text(_ spared: SweepPlan.Spared, now: Date) throws -> String {
        try line(spared.told(at: now))
    }

    static func text(_ damage: SweepPlan.Damage) throws -> String {
        try line(damage)
    }

    static func text(_ options: SweepOptions) throws -> String { try line(options) }
    static func head(of plan: SweepPlan) throws -> String { try line(SweepPlan.Head(plan)) }
    static func text(_ plan: SweepPlan) throws -> String { try line(plan) }
    static func text(_ report: SweepReport) throws -> String { try line(report) }

    static func indented(_ plan: SweepPlan) throws -> String {
        String(decoding: try CollectorJSON.encode(plan), as: UTF8.self)
    }

    private static func line(_ value: some Encodable) throws -> String {
        String(decoding: try CollectorJSON.line(value), as: UTF8.self)
    }

    // MARK: Reading

    static func options(_ json: String) throws -> SweepOptions {
        try CollectorJSON.decode(SweepOptions.self, from: Data(json.utf8))
    }

    static func plan(_ json: String) throws -> SweepPlan {
        try CollectorJSON.decode(SweepPlan.self, from: Data(json.utf8))
    }

    static func item(_ json: String) throws -> SweepPlan.Item {
        try CollectorJSON.decode(SweepPlan.Item.self, from: Data(json.utf8))
    }

    /// What is wrong with a line, as half a sentence; nil for a line of ours.
    static func complaint(of line: String) -> String? {
        do throws(PlanInvalid) {
            _ = try SweepPlan.Line(json: Array(line.utf8))
            return nil
        } catch {
            return error.reason
        }
    }

    /// The same for any text.
    static func complaint(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch let invalid as PlanInvalid {
            return invalid.reason
        } catch {
            return CollectorJSON.text(of: error)
        }
    }
}
