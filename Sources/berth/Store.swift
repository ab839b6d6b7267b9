import Foundation
import Logging
package import RegistryCore
package import RegistryHTTP
import RegistryIndex
import RegistryStorage

/// The data directory opened with its index: what every verb works on, served or not.
package struct Store: Sendable {
    package let registry: Registry
    /// Runs what may block.
    package let executor: BlockingExecutor
    /// The directory of the tree; nil when it is in memory.
    package let root: String?

    /// Where the index lies below a data directory.
    static func indexPath(_ root: String) -> String { "\(root)/berth/index.sqlite" }

    /// A ninth of the processor where requests want the rest.
    private static let sweepNiceness: CInt = 10

    /// Bytes that must be free for the index to be kept on the disk; with less, bringing it up to the tree could fill that.
    private static let indexRoomMin: Int64 = 32 << 20

    /// What the directory is opened for.
    enum Use {
        /// Makes the directory where it is missing.
        case serving
        /// There must be a tree: a mistyped name is no empty registry.
        case maintaining
        /// The same, and the index is removed first.
        case rebuildingIndex
    }

    /// - Throws: `Refusal` with one line, when the data directory or the index cannot be used, or while another process
    ///   needs to be alone in it.
    init(_ configuration: Configuration, logger: Logger, for use: Use) throws {
        var settings = Self.settings(configuration)
        settings.sweepExecutor = BlockingExecutor(threads: 2, niceness: Self.sweepNiceness)
        do {
            switch configuration.storage.driver {
            case .filesystem(let directory, let threads):
                if use != .serving { try Self.requireTree(directory) }
                let driver = try FileSystemDriver(root: directory)
                guard let lock = try DirectoryLock(root: driver.root) else {
                    throw Refusal(
                        "another process is taking things out of \(driver.root) or rebuilding its index; "
                            + "try again when it is done")
                }
                let path = Self.indexPath(driver.root)
                if use == .rebuildingIndex, try lock.aloneNow({ try ReferenceIndex.remove(path) }) == nil {
                    throw Refusal("another process serves \(driver.root); it keeps its index up to the tree by itself")
                }
                settings.otherWriters = { [root = driver.root] in OtherWriters(root: root).evidence }
                root = driver.root
                executor = BlockingExecutor(threads: threads)
                registry = Registry(
                    storage: driver, index: try Self.index(path, driver, use, logger), lock: lock,
                    configuration: settings, logger: logger)
            case .inMemory:
                root = nil
                executor = BlockingExecutor()
                registry = Registry(
                    storage: MemoryDriver(), index: try ReferenceIndex(path: nil), configuration: settings,
                    logger: logger)
            }
        } catch let error as StorageError {
            throw Refusal(
                error.isOutOfSpace ? "\(error); remove any small file, a few kilobytes are enough" : error.description)
        } catch let error as IndexError {
            throw Refusal("\(error); remove the directory berth/ in the data directory to build it anew")
        }
    }

    /// A full disk is what the collector is for, and it takes nothing before the index is up to the tree.
    private static func index(
        _ path: String, _ driver: FileSystemDriver, _ use: Use, _ logger: Logger
    ) throws(IndexError) -> ReferenceIndex {
        guard use != .rebuildingIndex, let free = driver.capacity?.bytesFree, free < indexRoomMin else {
            return try ReferenceIndex(path: path)
        }
        logger.warning(
            "the disk is full: the index is kept in memory until the next start", metadata: ["free": "\(free)"])
        return try ReferenceIndex(copyOf: path)
    }

    private static func settings(_ configuration: Configuration) -> Registry.Configuration {
        var settings = Registry.Configuration()
        settings.deletionEnabled = configuration.storage.deleteEnabled
        settings.readOnly = configuration.storage.readOnly
        settings.requiresBlobs = configuration.validation.requiresBlobs
        settings.requiresIndexEntries = configuration.validation.requiresIndexEntries
        settings.manifestBytesMax = configuration.limits.manifestBytesMax
        settings.uploadsPerRepositoryMax = configuration.limits.uploadsPerRepositoryMax
        settings.graceSeconds = configuration.collection.options.graceSeconds
        settings.sweep = configuration.collection.settings
        settings.retention = configuration.collection.retention
        return settings
    }

    /// Throws `Refusal` where no registry ever wrote.
    static func requireTree(_ root: String) throws {
        // Ours alone is there when nothing was ever pushed.
        let isThere = [Layout.version.text, "berth"].contains {
            FileManager.default.fileExists(atPath: "\(root)/\($0)")
        }
        if isThere { return }
        throw Refusal(
            "there is no registry in \(root); name the directory that holds docker/registry/v2 with --data, or a "
                + "configuration file")
    }
}
