import Foundation
package import Logging
package import RegistryConfiguration
package import RegistryCollector
package import RegistryCore
package import RegistryHTTP
package import RegistryStorage

/// Everything a running registry is made of, put together once from a configuration; the tests call it too.
package struct Assembly: Sendable {
    private let store: Store
    package var registry: Registry { store.registry }
    package var collector: Collector { store.collector }
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
    let debug: (address: ListenAddress, metricsPath: String?)?
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
            debug = try Self.debug(configuration.http)
        } catch let error as ServerError {
            throw Refusal(error.description)
        } catch let error as ConfigurationError {
            throw Refusal(error.description)
        }
        purging = configuration.storage.uploadPurging
        collection = configuration.collection
        drainSeconds = configuration.http.drainTimeout.seconds
        self.logger = logger
    }

    package func makeServer() -> RegistryServer {
        RegistryServer(registry: registry, configuration: serverConfiguration, executor: executor)
    }
}
