import ArgumentParser
import Drawing
import Foundation
import Glibc
import RegistryConfiguration
import RegistryControl
import RegistryCollector
import RegistryCore
import RegistryStorage

/// Distribution's `registry garbage-collect`, with our collector behind it.
struct GarbageCollectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "garbage-collect",
        abstract: "Remove what nothing references; takes and prints what distribution's verb does.",
        discussion: """
            Also beside a Berth that serves: the work is done there, and what clients were told within the last hour to be \
            there is spared. Where nobody serves there is no such grace, as in distribution. Unlike distribution it keeps \
            the images of a tagged index and the signatures of a tagged image, and judges everything again before it \
            goes. It frees at once unless --quarantine says otherwise. 'berth gc' says more of each line. Exit status: 0 \
            done, 2 refused, 3 something could not be removed.
            """
    )

    @Argument(help: ArgumentHelp("distribution's configuration file, of 2.8 or 3.x.", valueName: "config"))
    var file: String?

    @OptionGroup var source: ConfigurationSource

    @Flag(name: [.customShort("d"), .long], help: "Print what would go, and remove nothing.")
    var dryRun = false

    @Flag(
        name: [.customShort("m"), .long], help: "Also manifests that no tag, no kept index and no kept subject holds.")
    var deleteUntagged = false

    @Flag(name: [.customShort("q"), .long], help: "Print nothing on standard output.")
    var quiet = false

    @Option(
        help: ArgumentHelp(
            "Keep what goes for so long, so that 'berth gc --undo' can bring it back.", valueName: "time"))
    var quarantine: DurationArgument?

    @OptionGroup var insistence: Insistence

    @Flag(help: "Print the plan, or after a run its report, as one JSON object.")
    var json = false

    func run() async throws {
        let configuration = try source.load(file: file, searches: true)
        let access = try await CollectorAccess(configuration)
        if !dryRun { try insistence.check(access) }
        let grace = access.isServed ? configuration.collection.options.graceSeconds : 0
        let options = SweepOptions(
            untagged: deleteUntagged, layerLinks: configuration.collection.options.layerLinks, uploadSeconds: nil,
            referrerSeconds: deleteUntagged ? configuration.collection.options.referrerSeconds : nil,
            graceSeconds: grace)
        let plan = try await access.plan(options)
        if !quiet, !json {
            try await printLines(plan, access.root)
            if plan.lines.count == 0, let reason = access.untouched { Output.remark("nothing to do: \(reason)\n") }
        }
        guard !dryRun else {
            if json { try plan.print() }
            return
        }
        try Output.finish("nothing was removed")
        let settings = SweepRunSettings(
            quarantineSeconds: quarantine?.seconds ?? 0,
            linesPerSecondMax: configuration.collection.linesPerSecondMax, othersAreStopped: insistence.othersStopped)
        let report = try await access.run(
            plan.work(settings, listsRemoved: json), of: plan.spool, json: json)
        if json { try report.print() }
        try Output.finish("the run was done all the same")
        // Beside the lines that scripts read: what distribution does not say.
        if !quiet, !json {
            Output.remark(SweepText.text(report))
        }
        if report.hasFailures { throw ExitCode(3) }
    }

    private func printLines(_ plan: PlanAnswer, _ root: String) async throws {
        do {
            var lines = try DistributionLines(plan.spool, of: try FileSystemDriver(reading: root)) { Output.write($0) }
            try await lines.print()
        } catch let error as StorageError {
            throw Refusal("\(error)", status: 3)
        }
    }

    /// Flags as Go's programs take them: `--delete-untagged=true` is the flag, `=false` leaves it out.
    static func spelled(_ arguments: [String]) -> [String] {
        guard arguments.first == configuration.commandName else { return arguments }
        let flags = ["--dry-run", "-d", "--delete-untagged", "-m", "--quiet", "-q"]
        return arguments.compactMap { argument in
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, flags.contains(parts[0]) else { return argument }
            // Go's strconv.ParseBool.
            switch parts[1] {
            case "1", "t", "T", "true", "TRUE", "True": return parts[0]
            case "0", "f", "F", "false", "FALSE", "False": return nil
            default: return argument
            }
        }
    }
}

/// A duration as `config.yml` spells it, of a hundred years at most.
struct DurationArgument: ExpressibleByArgument {
    let seconds: Int

    init?(argument: String) {
        // A number alone counts nanoseconds, which nobody means who writes one here.
        guard Int64(argument) ?? 0 == 0, let duration = Duration(go: argument), duration >= .zero,
            duration.wholeSeconds <= Bounds.secondsMax
        else { return nil }
        seconds = duration.wholeSeconds
    }
}

/// The word of a person against what the processes of the machine look like.
struct Insistence: ParsableArguments {
    @Flag(help: "No other registry writes to the directory, whatever it looks like.")
    var othersStopped = false

    /// Says before anything else that another registry may be writing. Where a process serves the directory that looks for
    /// itself.
    func check(_ access: CollectorAccess) throws {
        guard !access.isServed, !othersStopped, let evidence = OtherWriters(root: access.root).evidence else { return }
        throw Refusal(ControlError(RegistryError.otherWriters(evidence)))
    }
}
