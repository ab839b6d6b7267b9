import BenchmarkTree
import Foundation
import Glibc
import OCI
import RegistryCollector
import RegistryCore
import RegistryHTTP
import RegistryIndex
import RegistryStorage

/// What a sweep costs on a large tree, against distribution's collector on the same one.
///
/// `SweepBenchmark DIRECTORY [BLOBS [GARBAGE]]` makes a tree of that many blobs where there is none (1,000,000 and 10,000
/// unless others are given; put it on a file system with two inodes for each), then prints:
///
/// - how long a preview takes, and a dry run of `docker-registry garbage-collect`, and their ratio; both must name the same
///   blobs;
/// - the 99th percentile of a manifest's GET before, during and after a sweep, and their ratio; the sweep must remove what
///   the preview said, no more and no less.
///
/// Exit status 1 when one of these does not hold. Build it with `-c release`.
@main
enum SweepBenchmark {
    static func main() async throws {
        signal(SIGPIPE, SIG_IGN)
        let arguments = CommandLine.arguments.dropFirst().map { $0 }
        guard let root = arguments.first else {
            print("usage: SweepBenchmark DIRECTORY [BLOBS [GARBAGE]]")
            exit(2)
        }
        let blobs = arguments.dropFirst().first.flatMap { Int($0) } ?? 1_000_000
        let garbage = arguments.dropFirst(2).first.flatMap { Int($0) } ?? blobs / 100
        let shape = TreeShape(blobs: blobs, garbage: garbage)
        if !FileManager.default.fileExists(atPath: "\(root)/shape") {
            let seconds = try await timed { await TreeMaker(root: root, shape: shape).make() }.seconds
            print("made a tree of \(shape.blobsMade) blobs in \(seconds.rounded()) s")
            try "\(shape)".write(toFile: "\(root)/shape", atomically: true, encoding: .utf8)
        }
        let driver = try FileSystemDriver(root: root)
        var settings = Collector.Settings()
        settings.executor = BlockingExecutor(threads: 2, niceness: 10)
        let registry = Registry(
            storage: driver, index: try ReferenceIndex(path: "\(root)/berth/index.sqlite"))
        let collector = Collector(registry.ground, settings)
        let compared = try await timed { try await collector.reconcile(by: .schedule) }
        print("compared \(compared.value.blobs) blobs with the index in \(compared.seconds.rounded()) s")

        let plan = try await preview(collector)
        try await compareWithDistribution(root, plan.plan, plan.seconds)
        try await pullWhileSweeping(registry, collector, plan.plan)
    }

    // MARK: Preview

    private static func preview(_ collector: Collector) async throws -> (plan: SweepPlan, seconds: Double) {
        let options = SweepOptions(graceSeconds: 0)
        var times: [Double] = []
        var plan = try await collector.planSweep(options, by: .schedule)
        for _ in 0..<21 {
            let run = try await timed { try await collector.planSweep(options, by: .schedule) }
            times.append(run.seconds)
            check(run.value.lines == plan.lines, "two previews of the same tree are the same")
            plan = run.value
        }
        times.sort()
        let median = times[times.count / 2]
        print(
            "preview of \(plan.lines.count) lines, \(plan.lines.count { $0.kind == .blob }) of them blobs: "
                + "median \(milliseconds(median)), worst \(milliseconds(times[times.count - 1]))")
        return (plan, median)
    }

    // MARK: Distribution

    private static func compareWithDistribution(_ root: String, _ plan: SweepPlan, _ seconds: Double) async throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/docker-registry") else {
            return print("no docker-registry here; install it for the ratio")
        }
        let file = "\(root)/distribution.yml"
        try "version: 0.1\nstorage: {filesystem: {rootdirectory: \(root)}}\nhttp: {addr: 127.0.0.1:0}\n"
            .write(toFile: file, atomically: true, encoding: .utf8)
        let output = "\(root)/dry-run.txt"
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/docker-registry")
        process.arguments = ["garbage-collect", "--dry-run", file]
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle.nullDevice
        let dry = try await timed {
            try process.run()
            process.waitUntilExit()
        }
        check(process.terminationStatus == 0, "distribution's dry run ends well")
        let prefix = "blob eligible for deletion: "
        let named = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        let ours = plan.lines.filter { $0.kind == .blob }.compactMap { $0.digest?.description }
        check(Set(named) == Set(ours), "both name the same \(ours.count) blobs (theirs: \(named.count))")
        print("docker-registry garbage-collect --dry-run: \(dry.seconds.rounded()) s")
        print("ratio: \(Int(dry.seconds / seconds)) to 1")
    }

    // MARK: Pulls

    private static func pullWhileSweeping(
        _ registry: Registry, _ collector: Collector, _ plan: SweepPlan
    ) async throws {
        let executor = BlockingExecutor(threads: 8)
        let configuration = RegistryServer.Configuration(
            address: .tcp(host: "127.0.0.1", port: 0), decision: Everybody())
        let server = RegistryServer(registry: registry, configuration: configuration, executor: executor)
        guard case .tcp(_, let port) = try await server.start() else { return }
        let names = try await registry.repositoryNames(after: nil, limit: 50, by: .schedule)
        var paths: [String] = []
        for name in names {
            for tag in try await registry.tagNames(in: name, after: nil, limit: 20, by: .schedule) {
                paths.append("/v2/\(name)/manifests/\(tag)")
            }
        }
        let puller = Puller(port: port, paths: paths)
        _ = try puller.percentile99(for: 2)
        let before = try puller.percentile99(for: 5)
        let stop = Flag()
        async let during = puller.percentile99(until: stop)
        let sweep = try await timed {
            try await withTaskExecutorPreference(executor) { try await collector.run(plan, by: .commandLine) }
        }
        stop.set()
        let meanwhile = try await during
        let after = try puller.percentile99(for: 5)
        let report = sweep.value
        check(report.removed == plan.lines && report.spared.isEmpty, "the sweep removed exactly what the preview said")
        check(try await collector.planSweep(plan.options, by: .schedule).lines.isEmpty, "nothing is left to remove")
        print(
            "swept \(report.removed.count) lines, \(report.bytesFreed) bytes, in \(sweep.seconds.rounded()) s: "
                + "\(Int(Double(report.removed.count) / sweep.seconds)) lines a second")
        print(
            "GET of a manifest, 99th percentile: \(milliseconds(before.p99)) before, \(milliseconds(meanwhile.p99)) during "
                + "(\(meanwhile.count) answers), \(milliseconds(after.p99)) after; "
                + "ratio \((meanwhile.p99 / max(before.p99, after.p99) * 100).rounded() / 100)")
        await server.stop(drainingFor: 1)
    }

    // MARK: Words

    private static func timed<Value>(_ body: () async throws -> Value) async throws -> (value: Value, seconds: Double) {
        let start = ContinuousClock.now
        let value = try await body()
        let elapsed = (ContinuousClock.now - start).components
        return (value, Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18)
    }

    private static func milliseconds(_ seconds: Double) -> String { "\((seconds * 1e5).rounded() / 100) ms" }

    private static func check(_ holds: Bool, _ what: String) {
        guard !holds else { return }
        print("does not hold: \(what)")
        exit(1)
    }
}
