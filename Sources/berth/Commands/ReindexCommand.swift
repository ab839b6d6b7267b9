import ArgumentParser
import Drawing
import Foundation
import Logging
import RegistryCollector
import RegistryCore

/// Builds the index anew from the tree.
struct ReindexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reindex",
        abstract: "Build the index anew from the storage tree.",
        discussion: """
            The index is derived: nothing is lost with it but pull times. A registry that serves does this by itself, \
            slowly; stop it to do it at full speed. Exit status: 0 done, 1 something in the tree cannot be read.
            """
    )

    @Argument(help: ArgumentHelp("distribution's configuration file, of 2.8 or 3.x.", valueName: "config"))
    var file: String?

    @OptionGroup var source: ConfigurationSource

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let configuration = try source.load(file: file, searches: true)
        // What is damaged is said at the end, not between the drawings of the line.
        let store = try Store(
            configuration, logger: Logger(label: "berth") { _ in SwiftLogNoOpLogHandler() }, for: .rebuildingIndex)
        let line = ProgressLine()
        let report = try await withTaskExecutorPreference(store.executor) {
            do throws(RegistryError) {
                return try await store.registry.ground.whileAlone { () async throws(RegistryError) in
                    let total = try await store.collector.countTree()
                    return try await store.collector.reconcile(expecting: total, by: .reconciler) { state in
                        line.show(
                            fraction: state.fraction, seconds: state.seconds,
                            "\(ByteFormat.count(state.manifests)) manifests, \(ByteFormat.count(state.blobs)) blobs")
                    }
                }
            } catch {
                line.end()
                throw Refusal(error.message, status: 3)
            }
        }
        line.end()
        let damage = try store.collector.damage(by: .commandLine)
        let memory = ProcessMemory.peak
        if json {
            try Output.print(Outcome(report, damage, memory))
        } else {
            for place in damage { Output.write("damaged  \(place.path.printable)  \(place.reason.printable)") }
            let rate = Double(report.manifests + report.blobs) / max(0.001, report.seconds)
            Output.write(
                "\(ByteFormat.count(report.repositories)) repositories, \(ByteFormat.count(report.manifests)) manifests, "
                    + "\(ByteFormat.count(report.tags)) tags, \(ByteFormat.count(report.blobs)) blobs in "
                    + "\(ByteFormat.duration(.seconds(report.seconds))): \(ByteFormat.count(Int(rate))) a second, "
                    + "\(ByteFormat.size(memory)) of memory at most; \(report.damaged) damaged")
        }
        try Output.finish("the index is built all the same")
        if !damage.isEmpty { throw ExitCode(1) }
    }

    private struct Outcome: Encodable {
        var repositories: Int
        var manifests: Int
        var tags: Int
        var blobs: Int
        var seconds: Double
        var memoryBytesPeak: Int64
        var damaged: [SweepPlan.Damage]

        init(_ report: ReconcileReport, _ damage: [SweepPlan.Damage], _ memory: Int64) {
            repositories = report.repositories
            manifests = report.manifests
            tags = report.tags
            blobs = report.blobs
            seconds = report.seconds
            memoryBytesPeak = memory
            damaged = damage
        }
    }
}
