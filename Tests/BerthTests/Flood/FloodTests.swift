import Foundation
import Glibc
import ImageBuilder
import OCI
import Patience
import PlainHTTP
import SeededRandom
import Synchronization
import Testing

/// A registry under two hundred hostile connections, and two clients that work with it all the while.
///
/// `BERTH_FLOOD_SECONDS` sets how long. The full flood has 200 connections and 10,000 requests in 300 seconds, and is for the
/// program as it is released (`BERTH_BINARY`): one that is not optimized needs ten times as long for each, so it gets a tenth
/// of them, and is not asked how long its clients had to wait.
@Suite(.timeLimit(.minutes(20))) struct FloodTests {
    private static let seconds =
        ProcessInfo.processInfo.environment["BERTH_FLOOD_SECONDS"].flatMap { Int($0) } ?? 20
    private static let isReleased = ProcessInfo.processInfo.environment["BERTH_BINARY"] != nil
    private static let connections = isReleased ? 200 : 20
    private static let requestsPerSecond = connections / 6
    /// That a connection stays, so that all of them make so many requests.
    private static let millisecondsHeld = connections * 1000 / requestsPerSecond
    private static let bytesAboveIdleMax = 256 << 20
    /// Of the clients' work before, to have something to compare with.
    private static let roundsBefore = 5

    @Test func theFloodHarmsNobody() async throws {
        let folder = try TemporaryFolder()
        var random = SeededGenerator()
        print("seed \(random.seed)")
        try folder.write(
            """
            version: 0.1
            log: {level: warn, accesslog: {disabled: true}}
            storage: {filesystem: {rootdirectory: \(folder.path("data"))}}
            http: {addr: '127.0.0.1:0', h2c: {enabled: true}}
            """, to: "config.yml")
        try await RegistryProcess.serving([folder.path("config.yml")], in: folder) { registry in
            let target = try await Self.fill(registry, folder)
            var clients = try (0..<2).map { try FloodClient(Skopeo(folder: folder, address: registry.address), $0) }
            for _ in 0..<Self.roundsBefore { for number in clients.indices { try await clients[number].round() } }
            let before = clients.map(\.secondsMedian)
            let (idle, files) = (registry.bytes("VmRSS"), registry.openFiles)

            for number in clients.indices { clients[number].forgetTimes() }
            let isOver = Flag()
            defer { isOver.set() }
            let made = Self.flood(target, until: isOver, &random)
            let end = ContinuousClock.now + .seconds(Self.seconds)
            try await withThrowingTaskGroup(of: FloodClient.self) { group in
                for client in clients {
                    group.addTask {
                        var client = client
                        repeat { try await client.round() } while ContinuousClock.now < end
                        return client
                    }
                }
                clients = []
                while let client = try await group.next() { clients.append(client) }
            }
            isOver.set()
            let requests = await made.value
            let peak = registry.bytes("VmHWM")
            let during = clients.sorted { $0.number < $1.number }.map(\.secondsMedian)
            print(
                "\(requests) hostile requests, idle \(idle >> 20) MiB, peak \(peak >> 20) MiB,",
                "a round took \(before), then \(during) seconds, \(clients.map(\.rounds)) rounds")
            #expect(requests >= Self.requestsPerSecond * Self.seconds / 2)
            #expect(peak - idle < Self.bytesAboveIdleMax)
            for (before, during) in zip(before, during) where Self.isReleased { #expect(during < 2 * before + 0.1) }
            // All of them have hung up; what the registry held for them goes.
            do {
                try await until(within: Self.patience) { registry.openFiles.count <= files.count }
            } catch {
                Issue.record("\(error): open before \(files), now \(registry.openFiles)")
            }
        }
    }

    /// What a registry takes for the last of those that stand still.
    private static let patience = Duration.seconds(120)

    private final class Flag: Sendable {
        private let flag = Atomic(false)
        func set() { flag.store(true, ordering: .relaxed) }
        var isSet: Bool { flag.load(ordering: .relaxed) }
    }

    /// Each connection is a thread, which does one thing after the other; the requests that were made when all have ended.
    private static func flood(
        _ target: FloodKind.Target, until isOver: Flag, _ random: inout SeededGenerator
    ) -> Task<Int, Never> {
        let made = Count()
        let attacks = FloodKind.allCases.map { $0.pieces(target) }
        let threads = (0..<connections).map { _ in
            var random = SeededGenerator(seed: random.next())
            return Task(executorPreference: FloodThreads.shared) {
                while !isOver.isSet {
                    guard let pieces = attacks.randomElement(using: &random) else { return }
                    made.add()
                    // Who does not read is felt only when the kernel does not read for him.
                    let connection = HostileConnection(port: target.port, bytesReceiveBuffer: 4096)
                    for piece in pieces where connection.send(piece) {}
                    connection.hold(milliseconds: millisecondsHeld)
                }
            }
        }
        return Task {
            for thread in threads { await thread.value }
            return made.value
        }
    }

    private final class Count: Sendable {
        private let count = Atomic(0)
        func add() { count.wrappingAdd(1, ordering: .relaxed) }
        var value: Int { count.load(ordering: .relaxed) }
    }

    /// A repository with a large blob, a large manifest and many tags.
    private static func fill(_ registry: RegistryProcess, _ folder: TemporaryFolder) async throws -> FloodKind.Target {
        let port = try #require(registry.address.split(separator: ":").last.flatMap { UInt16($0) })
        let client = try PlainClient(address: registry.address)
        let blob = SampleImage.Blob(SampleImage.noise(8 << 20, seed: 1))
        let posted = try client("POST", "/v2/flood/a/blobs/uploads/?digest=\(blob.digest)", body: blob.bytes)
        try #require(posted.status == 201)
        let type = ["Content-Type": MediaType.ociIndex.text]
        let text = String(repeating: "a", count: 3 << 20)
        let large = Array(#"{"schemaVersion":2,"manifests":[],"annotations":{"a":"\#(text)"}}"#.utf8)
        try #require(try client("PUT", "/v2/flood/a/manifests/large", type, body: large).status == 201)
        let small = Array(#"{"schemaVersion":2,"manifests":[]}"#.utf8)
        for start in stride(from: 0, to: 4000, by: 100) {
            let tags = (start..<start + 100).map { "tag=build-\($0)" }.joined(separator: "&")
            try #require(try client("PUT", "/v2/flood/a/manifests/small?\(tags)", type, body: small).status == 201)
        }
        return FloodKind.Target(
            port: port, repository: "flood/a", blob: blob.digest, tag: "large", bytesManifestMax: 4 << 20)
    }
}

/// Pushes and pulls an image of its own with skopeo, over and over, each time another.
struct FloodClient: Sendable {
    let number: Int
    private let skopeo: Skopeo
    private let base: [UInt8]
    private(set) var rounds = 0
    private var seconds: [Double] = []

    init(_ skopeo: Skopeo, _ number: Int) throws {
        (self.skopeo, self.number) = (skopeo, number)
        base = Gzip.stored(SampleImage.noise(1 << 20, seed: UInt64(number)))
    }

    var secondsMedian: Double { seconds.sorted()[seconds.count / 2] }

    mutating func forgetTimes() { seconds = [] }

    mutating func round() async throws {
        rounds += 1
        let layers = [base, Gzip.stored(SampleImage.noise(5000, seed: UInt64(rounds)))]
        let image = try SampleImage(layers: layers, architecture: "c\(number)")
        let began = ContinuousClock.now
        try await skopeo.push(image, as: "client\(number)/app:v\(rounds)")
        try await skopeo.expectPull(of: "client\(number)/app:v\(rounds)", is: image)
        seconds.append((ContinuousClock.now - began) / .seconds(1))
    }
}

/// A thread for each connection, for these block.
private final class FloodThreads: TaskExecutor {
    static let shared = FloodThreads()

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        let thread = Thread { job.runSynchronously(on: executor) }
        thread.stackSize = 1 << 20
        thread.start()
    }
}

extension RegistryProcess {
    /// A line of `/proc/<pid>/status` in bytes; 0 when it is not there.
    fileprivate func bytes(_ name: String) -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(process.id)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }

    /// What its descriptors are of, but for the files of the index: it keeps a reader for as many requests as it ever had at
    /// once, up to a bound of its own.
    fileprivate var openFiles: [String] {
        let folder = "/proc/\(process.id)/fd"
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return numbers.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)") }
            .filter { !$0.contains("/index.sqlite") }.sorted()
    }
}
