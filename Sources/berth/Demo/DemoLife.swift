import Cockpit
import Foundation
import OCI
import RegistryConfiguration
import RegistryCollector
import RegistryCore
import Synchronization

/// The registry of a demonstration.
enum Demo {
    /// Everything on, a port of its own, and times that somebody who looks on can wait for. Neither a file nor the environment
    /// has a part in it.
    static func configuration(listen: String? = nil) throws -> Configuration {
        let text = """
            version: 0.1
            storage:
              inmemory: {}
              delete:
                enabled: true
            http:
              addr: 127.0.0.1:0
            gc:
              grace: 10m
              quarantine: 10m
              retention:
                - repositories: [shop/worker]
                  tags: [pr-*]
                  keep: {newest: 3}
            """
        do throws(ConfigurationError) {
            var configuration = try Configuration.load(
                text: text, file: "demonstration", environment: [:], serves: true)
            if let listen { configuration.http.addr = listen }
            return configuration
        } catch {
            throw Refusal("\(error)")
        }
    }
}

/// What goes on in a demonstration for as long as it is open: clients pull and push through the server, tags are deleted, and
/// what that leaves is swept before the medium is full.
final class DemoLife: Sendable {
    private let registry: Registry
    private let collector: Collector
    private let server: any ServerControl
    /// How many times as fast as life everything goes: 1, but for tests.
    private let haste: Double
    private let ended = Atomic(false)

    /// Part of the medium that may be used before room is made, and without which nothing is pushed.
    private static let roomyBelow = 0.65
    /// Versions of each image that stay when a new one is pushed.
    private static let versionsKept = 3
    /// Seconds between two looks for a server that does not serve.
    private static let serverPause = 0.2
    /// Seconds that what was promised to a client is spared by the sweeps that make room.
    private static let graceSeconds = 60

    init(registry: Registry, collector: Collector, server: any ServerControl, haste: Double = 1) {
        self.registry = registry
        self.collector = collector
        self.server = server
        self.haste = haste
    }

    /// Ends every transfer within a moment, so that nobody waits for them on the way out.
    func end() { ended.store(true, ordering: .relaxed) }

    private var isEnded: Bool { ended.load(ordering: .relaxed) }

    /// Lives until it is ended or cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for client in DemoClient.everybody.map(hastened) {
                group.addTask { await self.repeating(pausing: 1...7) { try await self.pull(client, $0) } }
            }
            group.addTask { await self.build() }
            group.addTask { await self.repeating(pausing: 25...60) { try await self.err($0) } }
        }
    }

    /// Does something again and again, with pauses of some seconds; while nobody serves, only the pauses.
    private func repeating(
        pausing pause: ClosedRange<Double>, _ body: (UInt16) async throws -> Void
    ) async {
        while !isEnded {
            // What fails is the server that was stopped, or the medium that is full: both are shown, and both pass.
            let port = port
            if let port { try? await body(port) }
            guard await rest(port == nil ? Self.serverPause : .random(in: pause)) else { return }
        }
    }

    /// False when it is over.
    private func rest(_ seconds: Double) async -> Bool {
        let over = ContinuousClock.now + .milliseconds(Int(seconds * 1000 / haste))
        while !isEnded, ContinuousClock.now < over {
            guard (try? await Task.sleep(for: min(over - ContinuousClock.now, .milliseconds(200)))) != nil else {
                return false
            }
        }
        return !isEnded
    }

    /// Where the server listens; nil while it does not.
    private var port: UInt16? {
        guard case .serving(let address, _) = server.state else { return nil }
        return address.split(separator: ":").last.flatMap { UInt16($0) }
    }

    private func connect(_ client: DemoClient, _ port: UInt16) throws -> DemoConnection {
        try client.connect(port) { [weak self] in self?.isEnded ?? true }
    }

    private func hastened(_ client: DemoClient) -> DemoClient {
        var client = client
        client.rate = Int(Double(client.rate) * haste)
        return client
    }

    // MARK: Pulls

    private func pull(_ client: DemoClient, _ port: UInt16) async throws {
        guard let name = try await registry.repositoryNames(after: nil, limit: 100, by: .schedule).randomElement(),
            let tag = try await registry.tagNames(in: name, after: nil, limit: 100, by: .schedule).randomElement()
        else { return }
        try await client.pull(tag.text, from: name.text, over: try connect(client, port))
    }

    /// Somebody asks for what is not there.
    private func err(_ port: UInt16) async throws {
        let client = DemoClient.everybody[0]
        try await client.pull("1.8.55", from: "shop/api", over: try connect(client, port))
    }

    // MARK: Pushes

    /// Builds one image after the other; the oldest of its kind goes when a new one is there.
    private func build() async {
        var pushed: [String: [String]] = [:]
        var number = 0
        await repeating(pausing: 6...15) { port in
            number += 1
            guard try await makeRoom() else { return }
            let (name, tag, image) = Self.build(number)
            let builder = hastened(DemoClient.builder)
            try await builder.push(image, to: name, tag: tag, over: connect(builder, port))
            pushed[name, default: []].append(tag)
            guard let oldest = pushed[name]?.first, pushed[name, default: []].count > Self.versionsKept else { return }
            guard await rest(2) else { return }
            pushed[name]?.removeFirst()
            _ = try await connect(DemoClient.janitor, port)("DELETE", "/v2/\(name)/manifests/\(oldest)")
        }
    }

    private static func build(_ number: Int) -> (name: String, tag: String, image: DemoImage) {
        let now = Date()
        let kib = 1_400 + number * 397 % 2_300
        switch number % 3 {
        case 0:
            let page = DemoImage.Blob.layer("web build \(number)", kib: kib)
            return ("shop/web", "main-\(number)", DemoImage(layers: [DemoTree.site, page], created: now))
        case 1:
            let change = DemoImage.Blob.layer("api build \(number)", kib: kib)
            return ("shop/api", "1.9.\(number)", DemoImage(layers: DemoTree.base + [change], created: now))
        default:
            let platforms = ["amd64", "arm64"].map { architecture in
                let change = DemoImage.Blob.layer("worker build \(number) \(architecture)", kib: kib)
                return (architecture, DemoImage(layers: [change], architecture: architecture, created: now))
            }
            return ("shop/worker", "pr-\(210 + number)", DemoImage(platforms: platforms))
        }
    }

    // MARK: Room

    private static let access = Access(Client(address: "demo", userAgent: "makes room"), Everybody())

    /// Sweeps when the medium fills up, for nobody may be looking; false when that was not enough and nothing is to be pushed.
    private func makeRoom() async throws -> Bool {
        if isRoomy { return true }
        let plan = try await collector.planSweep(
            SweepOptions(untagged: true, graceSeconds: Int(Double(Self.graceSeconds) / haste)), by: Self.access)
        try await collector.run(
            plan, SweepRunSettings(quarantineSeconds: 0), by: Self.access)
        return isRoomy
    }

    private var isRoomy: Bool {
        guard let capacity = registry.capacity, capacity.bytesTotal > 0 else { return true }
        return Double(capacity.bytesTotal - capacity.bytesFree) < Self.roomyBelow * Double(capacity.bytesTotal)
    }
}
