import ArgumentParser
import Drawing
import Foundation
import RegistryControl
import RegistryCollector
import RegistryCore

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
            let answer: Reclaim = try await access.end(of: .reclaim(ReclaimRequest(pattern: pattern)))
            return try say(answer, SweepText.text(answer), json)
        }
        if stop {
            return try await access.ask { (collector) async throws(ControlError) in try await collector.steer(.stop) }
        }
        if runs {
            let answer = RunsAnswer()
            try await access.answer(.runs(lines: true)) { try answer.take($0) }
            return try answer.print(json: json)
        }
        try access.requireWritable()
        let run = try await Self.run(undo ?? purge ?? resume ?? "", access)
        if undo != nil {
            let items = try await chosen(of: run, access)
            let answer = UndoAnswer(json: json)
            try await access.answer(.undo(UndoRequest(run: run, items: items))) { try answer.take($0) }
            try answer.print()
            try Output.finish("what could come back is back all the same")
            if answer.summary.linesKept > 0 { throw ExitCode(3) }
        } else if purge != nil {
            let answer: PurgeSummary = try await access.end(of: .purge(PurgeRequest(run: run)))
            try say(answer, "\(ByteFormat.size(answer.bytesFreed)) freed\n", json)
            try Output.finish("the run is freed all the same")
        } else {
            let report = try await access.run(SweepWork(resuming: run, settings, listsRemoved: json), json: json)
            try report.print()
            try Output.finish("the run was done all the same, and 'berth gc --runs' lists what is kept of it")
            if report.hasFailures { throw ExitCode(3) }
        }
    }

    private func say(_ answer: some Encodable, _ text: String, _ json: Bool) throws {
        if json { try Output.print(answer: answer) } else { Output.write(text, terminator: "") }
    }

    private static func run(_ prefix: String, _ access: CollectorAccess) async throws -> UUID {
        var fitting: [UUID] = []
        try await access.answer(.runs(lines: false)) { part in
            guard part.kind == .head else { return }
            let run = try part.decoded(QuarantinedRun.self).id
            if run.uuidString.lowercased().hasPrefix(prefix.lowercased()) { fitting.append(run) }
        }
        guard let run = fitting.first, !prefix.isEmpty else {
            throw Refusal("the quarantine has no run \(prefix.printable); --runs lists them", status: 1)
        }
        guard fitting.count == 1 else {
            throw Refusal("\(fitting.count) runs begin with \(prefix.printable); write more of it")
        }
        return run
    }

    /// The items of the run that were named; nil for all.
    private func chosen(of run: UUID, _ access: CollectorAccess) async throws -> [SweepPlan.Item]? {
        guard !item.isEmpty else { return nil }
        let names = Set(item)
        var (found, items): (Set<String>, [SweepPlan.Item]) = ([], [])
        var isOfRun = false
        try await access.answer(.runs(lines: true)) { part in
            switch part.kind {
            case .head: isOfRun = try part.decoded(QuarantinedRun.self).id == run
            case .line where isOfRun:
                let item = try part.item
                let hits = names.intersection([item.name, item.shortName])
                if !hits.isEmpty { items.append(item) }
                found.formUnion(hits)
            default: break
            }
        }
        if let missing = item.first(where: { !found.contains($0) }) {
            throw Refusal("\(missing.printable) is not among what run \(run.short) took; --runs lists it", status: 1)
        }
        return items
    }
}
