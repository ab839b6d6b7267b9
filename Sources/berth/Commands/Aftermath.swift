import ArgumentParser
import Drawing
import Foundation
import RegistryCore
import RegistryHTTP

/// What can be asked about sweeps that have been, and about what another would give.
struct Aftermath: ParsableArguments {
    @Flag(help: "List what can come back.")
    var runs = false

    @Option(help: ArgumentHelp("Bring back what this run took, by the beginning of its name.", valueName: "run"))
    var undo: String?

    @Option(
        help: ArgumentHelp(
            "With --undo: only this, as --runs names it, with what it needs. May be repeated.", valueName: "item"))
    var item: [String] = []

    @Option(help: ArgumentHelp("Free what this run took, for good.", valueName: "run"))
    var purge: String?

    @Option(help: ArgumentHelp("Go on with this run, which was interrupted.", valueName: "run"))
    var resume: String?

    @Option(
        help: ArgumentHelp(
            "Say what deleting tags would give back: name:tag, where * fits anything, or a name.", valueName: "pattern")
    )
    var reclaim: String?

    @Flag(help: "End the running sweep after its current line.")
    var stop = false

    private var count: Int {
        [runs, undo != nil, purge != nil, resume != nil, reclaim != nil, stop].count { $0 }
    }

    var isAsked: Bool { count > 0 }

    /// The index has a part in the answer.
    var needsIndex: Bool { !(runs || purge != nil || stop) }

    func validate() throws {
        if count > 1 {
            throw ValidationError("one of --runs, --undo, --purge, --resume, --reclaim and --stop at a time")
        }
        if !item.isEmpty, undo == nil { throw ValidationError("--item belongs to --undo") }
    }

    func perform(_ access: CollectorAccess, _ settings: SweepRunSettings, json: Bool) async throws {
        if let pattern = reclaim {
            let answer = try await access.ask { (collector) async throws(ControlError) in
                try await collector.reclaim(pattern)
            }
            return try say(answer, SweepText.text(answer), json)
        }
        if stop {
            return try await access.ask { (collector) async throws(ControlError) in try await collector.steer(.stop) }
        }
        if !runs { try access.requireWritable() }
        let known = try await access.ask { (collector) async throws(ControlError) in try await collector.runs() }
        if runs { return try say(known, SweepText.text(known), json) }
        let run = try Self.run(undo ?? purge ?? resume ?? "", among: known)
        if undo != nil {
            let items = try chosen(of: run)
            let answer = try await access.ask { (collector) async throws(ControlError) in
                try await collector.undo(run.run, only: items)
            }
            try say(answer, SweepText.text(answer), json)
            if !answer.kept.isEmpty { throw ExitCode(3) }
        } else if purge != nil {
            let answer = try await access.ask { (collector) async throws(ControlError) in
                try await collector.purge(run.run)
            }
            try say(answer, "\(ByteFormat.size(answer.bytesFreed)) freed\n", json)
        } else {
            let report = try await access.run(SweepWork(resuming: run.run, settings))
            try say(report, SweepText.text(report), json)
            if report.hasFailures { throw ExitCode(3) }
        }
    }

    private func say(_ answer: some Encodable, _ text: String, _ json: Bool) throws {
        if json { try Output.print(document: answer) } else { Swift.print(text, terminator: "") }
    }

    private static func run(
        _ prefix: String, among runs: [QuarantinedRunDocument]
    ) throws -> QuarantinedRunDocument {
        let fitting = runs.filter { $0.run.uuidString.lowercased().hasPrefix(prefix.lowercased()) }
        guard let run = fitting.first, !prefix.isEmpty else {
            throw Refusal("the quarantine has no run \(prefix); --runs lists them", status: 1)
        }
        guard fitting.count == 1 else {
            throw Refusal("\(fitting.count) runs begin with \(prefix); write more of it")
        }
        return run
    }

    /// Nil for all.
    private func chosen(of run: QuarantinedRunDocument) throws -> [SweepDocument.Item]? {
        guard !item.isEmpty else { return nil }
        return try item.flatMap { name in
            let items = run.lines.map(\.item).filter { $0.name == name || $0.short == name }
            guard !items.isEmpty else {
                throw Refusal("\(name) is not among what run \(run.run.short) took; --runs lists it", status: 1)
            }
            return items
        }
    }
}
