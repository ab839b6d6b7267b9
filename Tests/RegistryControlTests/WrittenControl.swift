import Foundation
import RegistryCollector
import RegistryCore

@testable import RegistryControl

/// How what passes over the control socket is written.
enum WrittenControl {
    static func text(_ run: QuarantinedRun) throws -> String { try line(run) }

    static func tail(linesHeld: Int, bytes: Int64, problem: String?) throws -> String {
        try line(QuarantinedTail(linesHeld: linesHeld, bytes: bytes, problem: problem))
    }

    static func text(_ error: ControlError) throws -> String { try line(error) }

    static func work(_ plan: SweepPlan, _ settings: SweepRunSettings, listsRemoved: Bool) throws -> String {
        try line(SweepWork(SweepPlan.Head(plan), settings, listsRemoved: listsRemoved))
    }

    static func work(resuming run: UUID, _ settings: SweepRunSettings) throws -> String {
        try line(SweepWork(resuming: run, settings, listsRemoved: false))
    }

    static func undo(_ run: UUID, _ items: [SweepPlan.Item]?) throws -> String {
        try line(UndoRequest(run: run, items: items))
    }

    static func line(_ value: some Encodable) throws -> String {
        String(decoding: try CollectorJSON.line(value), as: UTF8.self)
    }

    // MARK: Reading

    static func error(_ json: String) throws -> ControlError {
        try ControlPart(.error, json: Array(json.utf8)).decoded()
    }
}
