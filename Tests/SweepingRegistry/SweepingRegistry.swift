import Glibc
import RegistryCollector
import RegistryCore
import RegistryHTTP
import RegistryIndex
import RegistryStorage

/// What the crash test kills: a registry that serves a directory and sweeps it all the time, sparing nothing.
///
/// It has everything that `berth serve` puts together except the configuration; a sweep has no word on the wire that a test
/// could ask for it with. Run as `SweepingRegistry DIRECTORY`; says `listening on ADDRESS` on standard error.
@main
enum SweepingRegistry {
    static func main() async throws {
        signal(SIGPIPE, SIG_IGN)
        guard let root = CommandLine.arguments.dropFirst().first else {
            say("usage: SweepingRegistry DIRECTORY")
            exit(2)
        }
        let driver = try FileSystemDriver(root: root)
        let lock = try DirectoryLock(root: driver.root)
        let registry = Registry(
            storage: driver, index: try ReferenceIndex(path: "\(driver.root)/berth/index.sqlite"), lock: lock)
        let collector = Collector(registry.ground)
        let executor = BlockingExecutor(threads: 16)
        let configuration = RegistryServer.Configuration(
            address: .tcp(host: "127.0.0.1", port: 0), decision: Everybody())
        let server = RegistryServer(registry: registry, configuration: configuration, executor: executor)
        say("listening on \(try await server.start())")
        await withTaskExecutorPreference(executor) {
            await withDiscardingTaskGroup { group in
                group.addTask { await collector.reconcileGaps() }
                // Served from the first moment, and compared meanwhile, as at every start.
                do { try await collector.reconcile(by: .reconciler) } catch { fail(error) }
                while true { await sweep(collector) }
            }
        }
    }

    private static let access = Access(Client(address: "sweep"), Everybody())

    /// What a sweep spares because of a promise is spared in every other one, so that pushes come to their end too.
    private static func sweep(_ collector: Collector) async {
        do {
            for grace in [0, 60] {
                let plan = try await collector.planSweep(
                    SweepOptions(untagged: true, graceSeconds: grace), by: Self.access)
                if !plan.lines.isEmpty {
                    _ = try await collector.run(plan, by: Self.access) { _ in true }
                }
                await Task.yield()
            }
        } catch {
            fail(error)
        }
    }

    private static func fail(_ error: any Error) -> Never {
        say("failed: \(error)")
        exit(1)
    }

    private static func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
