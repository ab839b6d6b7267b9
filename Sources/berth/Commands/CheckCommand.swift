import ArgumentParser
import Drawing
import Foundation
import Logging
import OCI
import RegistryCollector
import RegistryCore

/// Looks whether everything in the tree is as it should be, and mends what can be mended without guessing.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check links, references and sizes; with --hash every byte.",
        discussion: """
            Also beside a registry that serves; --repair needs it stopped (or use its cockpit). What is repaired is moved \
            to berth/quarantine/ in the data directory, never removed. Exit status: 0 nothing is wrong, 1 something is.
            """
    )

    @Argument(help: ArgumentHelp("distribution's configuration file, of 2.8 or 3.x.", valueName: "config"))
    var file: String?

    @OptionGroup var source: ConfigurationSource

    @Flag(help: "Read every byte and compare its hash. Goes on where an interrupted run ended.")
    var hash = false

    @Flag(help: "With --hash: read again what an interrupted run has read.")
    var restart = false

    @Option(help: ArgumentHelp("With --hash: read at most so many MiB a second.", valueName: "mib"))
    var rate: Int?

    @Option(help: ArgumentHelp("With --hash: read so many files at a time.", valueName: "n"))
    var jobs = 4

    @Flag(help: "Mend what can be mended without guessing.")
    var repair = false

    @Flag(help: "Print one JSON object.")
    var json = false

    /// Mebibytes a second: a pebibyte, which no disk gives.
    private static let rateMax = 1 << 30
    /// Files that are open at once.
    private static let jobsMax = 256

    func validate() throws {
        if let rate, !(1...Self.rateMax).contains(rate) {
            throw ValidationError("--rate takes a number from 1 to \(Self.rateMax)")
        }
        if !(1...Self.jobsMax).contains(jobs) {
            throw ValidationError("--jobs takes a number from 1 to \(Self.jobsMax)")
        }
        if !hash, rate != nil || restart { throw ValidationError("--rate and --restart belong to --hash") }
    }

    func run() async throws {
        let configuration = try source.load(file: file, searches: true)
        let store = try Store(
            configuration, logger: Logger(label: "berth") { _ in SwiftLogNoOpLogHandler() }, for: .maintaining)
        let options = CheckOptions(
            hashesBytes: hash, bytesPerSecond: rate.map { Int64($0) << 20 }, filesAtOnce: jobs, startsOver: restart)
        let line = ProgressLine()
        let collector = store.collector
        let (report, repairs, after) = try await withTaskExecutorPreference(store.executor) {
            do throws(RegistryError) {
                let show = { (state: CheckProgress) in
                    line.show(fraction: state.fraction, seconds: state.seconds, state.text)
                    return true
                }
                let report = try await collector.check(options, by: .commandLine, progress: show)
                guard repair, store.untouched == nil else { return (report, RepairReport?.none, report) }
                let repairs = try await collector.repair(report.findings, by: .commandLine)
                // What was taken out may be missed now: a layer that had rotted is one that is not there.
                return (report, repairs, try await collector.check(CheckOptions(), by: .commandLine, progress: show))
            } catch {
                line.end()
                let advice = error == .notAlone ? "; stop it, or repair from its cockpit" : ""
                throw Refusal(error.message + advice, status: 3)
            }
        }
        line.end()
        let found = Set(report.findings.map(\.place))
        let new = after.findings.filter { !found.contains($0.place) }
        if json { try Output.print(CheckOutcome(report, repairs, new)) } else { print(report, repairs, new) }
        if repairs != nil { try Output.finish("what could be repaired is repaired all the same") }
        if repair, report.repairable > 0, let reason = store.untouched { throw Refusal(reason) }
        if !after.isSound { throw ExitCode(1) }
    }

    /// - Parameter new: what is wrong since the repair.
    private func print(_ report: CheckReport, _ repairs: RepairReport?, _ new: [CheckFinding]) {
        let outcomes = repairs?.outcomes ?? [:]
        let width = report.findings.map(\.kind.rawValue.count).max() ?? 0
        for finding in report.findings {
            let end = outcomes[finding] ?? finding.advice
            let kind = finding.kind.rawValue.padding(toLength: width, withPad: " ", startingAt: 0)
            let owner = finding.owner.map { "\($0): " } ?? ""
            Output.write("\(kind)  \(finding.path.printable)")
            Output.write(
                "\(String(repeating: " ", count: width))  \(owner.printable)\(finding.reason.printable); \(end.printable)"
            )
        }
        if report.unnamed > 0 { Output.write("and \(ByteFormat.count(report.unnamed)) more") }
        Output.write(report.summary)
        if let place = repairs?.quarantine {
            Output.write("what was taken out is in \(place), under the path that it had")
        }
        for finding in new {
            Output.write(
                "now \(finding.kind.rawValue)  \(finding.path.printable)  \(finding.owner.map { "\($0): " } ?? "")"
                    + "\(finding.reason.printable); \(finding.advice)"
            )
        }
    }
}

extension CheckFinding {
    /// What is found, whoever it belongs to: that may be another after a repair.
    fileprivate var place: CheckFinding {
        var finding = self
        finding.users = []
        return finding
    }

    /// What can be done about it.
    fileprivate var advice: String { repair.map { "--repair \($0.text)" } ?? "push it again, or look at it" }
}

extension RepairReport {
    /// What became of each finding that there was a way to mend.
    fileprivate var outcomes: [CheckFinding: String] {
        var outcomes: [CheckFinding: String] = [:]
        for finding in repaired { outcomes[finding] = "repaired" }
        for left in left { outcomes[left.finding] = "not repaired: \(left.reason)" }
        return outcomes
    }
}

extension CheckReport {
    /// Everything in one line.
    fileprivate var summary: String {
        let looked =
            "\(ByteFormat.count(repositories)) repositories, \(ByteFormat.count(tags)) tags, "
            + "\(ByteFormat.count(manifests)) manifests, \(ByteFormat.count(blobs)) blobs, \(ByteFormat.size(bytes))"
        var line = "\(looked) in \(ByteFormat.duration(.seconds(seconds)))"
        if blobsHashed > 0 { line += ", \(ByteFormat.size(bytesHashed)) hashed" }
        if isPartial { line += ", stopped before the end" }
        let count = findings.count + unnamed
        return line + (count == 0 ? ": nothing is wrong" : ": \(ByteFormat.count(count)) wrong")
    }
}

extension CheckProgress {
    /// From 0 to 1; nil while nobody knows.
    fileprivate var fraction: Double? { total.map { $0 > 0 ? Double(done) / Double($0) : 1 } }

    fileprivate var text: String {
        let found = findings == 0 ? "" : "  \(ByteFormat.count(findings)) wrong"
        switch phase {
        case .links: return "\(ByteFormat.count(Int(done))) repositories  \(place?.printable ?? "")\(found)"
        case .blobs: return "\(ByteFormat.count(Int(done))) blobs\(found)"
        case .hash: return "\(ByteFormat.size(done)) of \(ByteFormat.size(total ?? 0))\(found)"
        }
    }
}

/// What `berth check --json` prints.
private struct CheckOutcome: Encodable {
    /// A finding, and what became of it.
    struct Finding: Encodable {
        let finding: CheckFinding
        let outcome: String?

        private enum CodingKeys: CodingKey {
            case outcome
        }

        func encode(to encoder: any Encoder) throws {
            try finding.encode(to: encoder)
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encodeIfPresent(outcome, forKey: .outcome)
        }
    }

    var repositories: Int
    var tags: Int
    var manifests: Int
    var blobs: Int
    var bytes: Int64
    var blobsHashed: Int
    var bytesHashed: Int64
    var seconds: Double
    var isPartial: Bool
    var quarantine: String?
    var unnamed: Int
    var findings: [Finding]
    /// What is wrong since the repair.
    var new: [Finding]

    init(_ report: CheckReport, _ repairs: RepairReport?, _ new: [CheckFinding]) {
        repositories = report.repositories
        tags = report.tags
        manifests = report.manifests
        blobs = report.blobs
        bytes = report.bytes
        blobsHashed = report.blobsHashed
        bytesHashed = report.bytesHashed
        seconds = report.seconds
        isPartial = report.isPartial
        quarantine = repairs?.quarantine
        unnamed = report.unnamed
        let outcomes = repairs?.outcomes ?? [:]
        findings = report.findings.map { Finding(finding: $0, outcome: outcomes[$0]) }
        self.new = new.map { Finding(finding: $0, outcome: nil) }
    }
}
