import Foundation
package import Logging
package import RegistryCore
package import RegistryHTTP
package import RegistryStorage

/// Everything a running registry is made of, put together once from a configuration; the tests call it too.
package struct Assembly: Sendable {
    private let store: Store
    package var registry: Registry { store.registry }
    package var executor: BlockingExecutor { store.executor }
    /// The directory of the tree; nil when it is in memory.
    package var root: String? { store.root }
    /// Nothing is made or changed in it.
    var isUntouched: Bool { store.untouched != nil }
    /// What a server is started with, each time it is.
    package let serverConfiguration: RegistryServer.Configuration
    let purging: Configuration.Storage.UploadPurging
    let collection: Configuration.Collection
    let drainSeconds: Double
    let debug: Configuration.Debug?
    let logger: Logger

    /// - Parameter memory: the tree of a registry in memory; nil for an empty one.
    /// - Throws: `Refusal` with one line, when the data directory, the index, the address or the TLS files cannot be
    ///   used. Nothing listens yet.
    package init(
        _ configuration: Configuration, logger: Logger, memory: MemoryDriver? = nil,
        accessLog: (@Sendable (AccessRecord) -> Void)? = nil
    ) throws {
        FreedMemory.tune()
        store = try Store(configuration, logger: logger, for: .serving, memory: memory)
        if let reason = store.untouched {
            logger.notice("the data directory is only read, and the index is in memory", metadata: ["why": "\(reason)"])
        }
        do {
            serverConfiguration = try Self.server(configuration, accessLog, logger)
        } catch let error as ServerError {
            throw Refusal(error.description)
        }
        purging = configuration.storage.uploadPurging
        collection = configuration.collection
        debug = configuration.http.debug
        drainSeconds = configuration.http.drainTimeout.seconds
        self.logger = logger
    }

    /// Open files that connections leave to everything else: the index, logs, event loops.
    private static let filesReserved = 128

    private static func server(
        _ configuration: Configuration, _ accessLog: (@Sendable (AccessRecord) -> Void)?, _ logger: Logger
    ) throws -> RegistryServer.Configuration {
        let http = configuration.http
        let address = try http.net == .unix ? ListenAddress.unix(path: http.addr) : ListenAddress(http.addr)
        var server = RegistryServer.Configuration(address: address, secret: http.secret ?? "")
        server.addressing.isRelative = http.relativeURLs
        server.addressing.publicURL = http.host
        server.addressing.prefix = http.prefix
        server.addressing.trustedProxies = http.trustedProxies
        server.limits = configuration.limits.connection
        // A connection may hold a file beside itself, and the rest of the program needs some too.
        let connections = max(1, (OpenFiles.raise() - filesReserved) / 2)
        server.limits.connectionsMax = min(server.limits.connectionsMax, connections)
        server.limits.streamFilesMax = min(server.limits.streamFilesMax, connections)
        server.http2WithoutTLSEnabled = http.h2cEnabled
        server.headers = http.headers.sorted { $0.key < $1.key }.flatMap { name, values in values.map { (name, $0) } }
        server.accessLog = accessLog
        server.logger = logger
        server.memoryFreed = FreedMemory.giveBack
        server.tls = try http.tls.map { try certificates($0, offersHTTP2: http.http2Enabled) }
        return server
    }

    private static func certificates(_ tls: Configuration.TLS, offersHTTP2: Bool) throws -> TLSCertificates {
        var files = TLSFiles(certificate: tls.certificate, key: tls.key, clientAuthorities: tls.clientCAs)
        files.minimum = tls.minimumTLS == .tls13 ? .tls13 : .tls12
        files.ciphers = tls.cipherSuites
        files.offersHTTP2 = offersHTTP2
        files.isClientOptional = tls.clientAuth == .verifyIfGiven
        do throws(ServerError) {
            return try TLSCertificates(files)
        } catch {
            guard case .tls(let file, let reason) = error else { throw error }
            throw Refusal("\(tls.places.place(of: file)): \(file) \(reason)")
        }
    }

    package func makeServer() -> RegistryServer {
        RegistryServer(registry: registry, configuration: serverConfiguration, executor: executor)
    }
}
