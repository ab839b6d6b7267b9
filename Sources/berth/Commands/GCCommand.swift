import ArgumentParser
import Foundation
import Glibc
import RegistryConfiguration
import RegistryControl
import RegistryCollector
import RegistryCore

/// The collector for people and scripts: preview, run, undo.
struct GCCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Show what can be removed and why; --run removes exactly that.",
        discussion: """
            What goes stays in the quarantine for gc.quarantine of the configuration (24h), and --undo brings it back \
            until then. Beside a Berth that serves the work is done there, and goes on when this command ends; --stop \
            ends it. Durations are written as 90s, 24h or 168h. Exit status: 0 done, 1 there is no such thing, or the \
            answer was no, 2 refused, 3 something could not be removed.
            """
    )

    @Argument(help: ArgumentHelp("distribution's configuration file, of 2.8 or 3.x.", valueName: "config"))
    var file: String?

    @OptionGroup var source: ConfigurationSource

    @Flag(name: .customLong("run"), help: "Remove what is shown, after a question.")
    var removes = false

    @Flag(help: "Ask nothing.")
    var yes = false

    @Option(help: ArgumentHelp("Take exactly this plan, which --json printed.", valueName: "file"))
    var plan: String?

    @Flag(help: "Also manifests that no tag, no kept index and no kept subject holds.")
    var untagged = false

    @Flag(help: "Also tags that gc.retention does not keep; run once, it goes by schedule too.")
    var retention = false

    @Option(help: ArgumentHelp("Spare what a client was told within this time to be there.", valueName: "time"))
    var grace: DurationArgument?

    @Option(help: ArgumentHelp("Keep what goes for so long; 0 frees it at once.", valueName: "time"))
    var quarantine: DurationArgument?

    @Option(help: ArgumentHelp("Remove at most so many lines a second.", valueName: "n"))
    var rate: Int?

    @OptionGroup var insistence: Insistence
    @OptionGroup var aftermath: Aftermath

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if let rate, !(1...Int(Int32.max)).contains(rate) {
            throw ValidationError("--rate takes a number from 1 to \(Int32.max)")
        }
        try aftermath.validate()
        if aftermath.isAsked, removes || plan != nil || untagged || retention || grace != nil {
            throw ValidationError("--runs, --undo, --purge, --resume, --reclaim and --stop go without a plan")
        }
        if plan != nil, untagged || retention || grace != nil {
            throw ValidationError("--plan is taken as it is: --untagged, --retention and --grace belong to a new one")
        }
    }

    func run() async throws {
        let configuration = try source.load(file: file, searches: true)
        let given: PlanAnswer? = if let plan { try await PlanAnswer.read(plan) } else { nil }
        let access = try await CollectorAccess(configuration, compares: aftermath.needsIndex)
        let settings = SweepRunSettings(
            quarantineSeconds: quarantine?.seconds ?? configuration.collection.settings.quarantineSeconds,
            linesPerSecondMax: rate ?? configuration.collection.linesPerSecondMax,
            othersAreStopped: insistence.othersStopped)
        if aftermath.isAsked {
            if aftermath.resume != nil { try insistence.check(access) }
            return try await aftermath.perform(access, settings, json: json)
        }
        let plan = if let given { given } else { try await preview(access, configuration.collection.options) }
        guard removes else {
            if json { return try plan.print() }
            Output.write(SweepText.text(plan), terminator: "")
            if plan.lines.count > 0 { Output.write("\nnothing was removed; --run removes it") }
            return
        }
        try insistence.check(access)
        if !yes { try confirm(plan) }
        let report = try await access.run(
            plan.work(settings, listsRemoved: json), of: plan.spool, json: json)
        try report.print()
        try Output.finish("the run was done all the same, and 'berth gc --runs' lists what is kept of it")
        if report.hasFailures { throw ExitCode(3) }
    }

    private func preview(_ access: CollectorAccess, _ configured: SweepOptions) async throws -> PlanAnswer {
        if retention, !access.hasRetention {
            throw Refusal("no retention is configured; add gc.retention to the configuration file")
        }
        var options = configured
        options.untagged = untagged || configured.untagged
        options.retention = retention
        options.graceSeconds = grace?.seconds ?? configured.graceSeconds
        return try await access.plan(options)
    }

    private func confirm(_ plan: PlanAnswer) throws {
        guard plan.lines.count > 0 else { return }
        guard isatty(STDIN_FILENO) == 1 else {
            throw Refusal("nobody can be asked without a terminal; --yes goes on without")
        }
        Output.remark("\(SweepText.text(plan))\nremove this? [y/N] ")
        guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else { throw ExitCode(1) }
    }
}
