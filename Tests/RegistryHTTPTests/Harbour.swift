import Foundation
import ImageBuilder
import RegistryCore
import RegistryHTTP
import RegistryStorage
import Testing

/// The ways in which bytes get from the storage to a client.
enum Medium: CaseIterable, Sendable {
    /// Through a buffer: there is no file.
    case memory
    /// By `sendfile(2)`.
    case fileSystem
    /// From a file through a buffer, for they are encrypted.
    case fileSystemOverTLS

    var isTLS: Bool { self == .fileSystemOverTLS }
}

/// A registry that listens on a port of its own while a test runs.
struct Harbour: Sendable {
    let registry: Registry
    let server: RegistryServer
    let address: ListenAddress
    let isTLS: Bool
    let settings: RegistryServer.Configuration
    /// Where the tree lies; nil for one in memory.
    let root: String?

    /// Threads for all servers of all tests: they outlive a server.
    static let executor = BlockingExecutor(threads: 16)
    static let secret = "harbour master"
    /// Where trees of tests lie: in memory where the system has such a place, for what is tried here is the wire, and
    /// thousands of calls that wait for a disk are not.
    static let place =
        FileManager.default.isWritableFile(atPath: "/dev/shm")
        ? "/dev/shm" : FileManager.default.temporaryDirectory.path

    func connect(reading: WireClient.Reading = .eagerly) async throws -> WireClient {
        try await WireClient.connect(address, tls: isTLS, reading: reading)
    }

    /// One request on a connection of its own.
    func exchange(
        _ method: String, _ target: String, _ headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> WireAnswer {
        let client = try await connect()
        let answer = try await client.exchange(method, target, headers, body: body)
        await client.close()
        return answer
    }

    /// Runs `body` with a server and stops it afterwards, whatever happened.
    static func open(
        _ medium: Medium, storage: (any StorageDriver)? = nil,
        registry configuration: Registry.Configuration = Registry.Configuration(),
        server change: (inout RegistryServer.Configuration) -> Void = { _ in },
        _ body: (Harbour) async throws -> Void
    ) async throws {
        let root = "\(place)/berth-wire-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: root) }
        let onDisk = storage == nil && medium != .memory
        let driver = try storage ?? (onDisk ? FileSystemDriver(root: root) : MemoryDriver())
        let registry = try await Registry.sample(driver, configuration: configuration)
        var settings = RegistryServer.Configuration(
            address: .tcp(host: "127.0.0.1", port: 0), decision: Everybody(), secret: secret)
        if medium.isTLS { settings.tls = try TLSCertificates(Certificate.files.get()) }
        change(&settings)
        let server = RegistryServer(registry: registry, configuration: settings, executor: executor)
        let address = try await server.start()
        let harbour = Harbour(
            registry: registry, server: server, address: address, isTLS: medium.isTLS, settings: settings,
            root: onDisk ? root : nil)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(harbour)) } catch { outcome = .failure(error) }
        await server.stop(drainingFor: 0)
        try outcome.get()
    }
}
