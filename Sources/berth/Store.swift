import Foundation
import Glibc
import Logging
import RegistryConfiguration
package import RegistryCollector
package import RegistryCore
package import RegistryHTTP
import RegistryIndex
import RegistryStorage

/// The data directory opened with its index: what every verb works on, served or not.
package struct Store: Sendable {
    package let registry: Registry
    package let collector: Collector
    /// Runs what may block.
    package let executor: BlockingExecutor
    /// The directory of the tree; nil when it is in memory.
    package let root: String?
    /// Why nothing is made or changed in the directory, as one line; nil where it is written to. The index is in memory then.
    let untouched: String?

    /// Where the index lies below a data directory.
    static func indexPath(_ root: String) -> String { "\(root)/berth/index.sqlite" }

    /// A ninth of the processor where requests want the rest.
    private static let sweepNiceness: CInt = 10

    /// Bytes that must be free for the index to be kept on the disk; with less, bringing it up to the tree could fill that.
    private static let indexRoomMin: Int64 = 32 << 20
    /// The same as a part of a small disk, such as a volume for trying things out, which is not full when it is empty.
    private static let indexRoomPart: Int64 = 4

    /// Whether a disk has room for the index; one that says nothing of itself has.
    static func hasRoomForIndex(_ room: (bytesFree: Int64, bytesTotal: Int64)?) -> Bool {
        room.map { $0.bytesFree >= min(indexRoomMin, $0.bytesTotal / indexRoomPart) } ?? true
    }

    /// What the directory is opened for.
    enum Use {
        /// Makes the directory where it is missing.
        case serving
        /// There must be a directory: a mistyped name is no empty registry. One that nothing was ever pushed to, or that may
        /// only be read, is looked at and left as it is.
        case maintaining
        /// The same, and the index is removed first.
        case rebuildingIndex
    }

    /// - Throws: `Refusal` with one line, when the data directory or the index cannot be used, or while another process
    ///   needs to be alone in it.
    init(_ configuration: Configuration, logger: Logger, for use: Use, memory: MemoryDriver? = nil) throws {
        var settings = Self.settings(configuration)
        var collecting = Self.collecting(configuration)
        collecting.executor = BlockingExecutor(threads: 2, niceness: Self.sweepNiceness)
        do {
            switch configuration.storage.driver {
            case .filesystem(let directory, let threads):
                executor = BlockingExecutor(threads: threads)
                collecting.otherWriters = { OtherWriters(root: directory).evidence }
                if let reason = try Self.reasonToLeave(directory, configuration, use) {
                    let driver = try FileSystemDriver(reading: directory)
                    settings.readOnly = true
                    (root, untouched) = (driver.root, reason)
                    registry = Registry(
                        storage: driver, index: try ReferenceIndex(copyOf: Self.indexPath(driver.root)),
                        configuration: settings, logger: logger)
                    collector = Collector(registry.ground, collecting)
                    return
                }
                let driver = try FileSystemDriver(root: directory)
                (root, untouched) = (driver.root, nil)
                guard let lock = try DirectoryLock(root: driver.root) else {
                    throw Refusal(
                        "another process is taking things out of \(driver.root) or rebuilding its index; "
                            + "try again when it is done")
                }
                if use == .serving { lock.showPresence() }
                let path = Self.indexPath(driver.root)
                if use == .rebuildingIndex, try lock.aloneNow({ try ReferenceIndex.remove(path) }) == nil {
                    throw Refusal("another process serves \(driver.root); it keeps its index up to the tree by itself")
                }
                let index = try Self.index(path, driver, use, lock, logger)
                let owner = DirectoryOwner(of: driver.root)
                for suffix in ["", "-wal", "-shm"] { owner?.claim(at: path + suffix) }
                registry = Registry(
                    storage: driver, index: index, lock: lock, configuration: settings, logger: logger)
            case .inMemory:
                (root, untouched) = (nil, nil)
                executor = BlockingExecutor()
                registry = Registry(
                    storage: memory ?? MemoryDriver(), index: try ReferenceIndex(path: nil), configuration: settings,
                    logger: logger)
            }
            collector = Collector(registry.ground, collecting)
        } catch let error as StorageError {
            throw Refusal(
                error.isOutOfSpace ? "\(error); remove any small file, a few kilobytes are enough" : error.description)
        } catch let error as IndexError {
            throw Refusal("\(error); 'berth reindex' builds it anew from the tree")
        }
    }

    /// A full disk is what the collector is for, and it takes nothing before the index is up to the tree.
    private static func index(
        _ path: String, _ driver: FileSystemDriver, _ use: Use, _ lock: DirectoryLock, _ logger: Logger
    ) throws(IndexError) -> ReferenceIndex {
        // It may lie on another disk than the tree.
        let room = driver.capacity(of: StoragePath.root.appending("berth"))
        guard use != .rebuildingIndex, let room, !hasRoomForIndex(room) else {
            let index = try ReferenceIndex(path: path) { act in try lock.aloneNow(act) != nil }
            if index.isPrivate {
                logger.warning(
                    "another process has the index open, and it is damaged or of another version; this one keeps its own in memory"
                )
                lock.goApart()
            }
            return index
        }
        lock.goApart()
        logger.warning(
            "the disk is nearly full: the index is kept in memory until the next start",
            metadata: ["free": "\(room.bytesFree)", "total": "\(room.bytesTotal)"])
        return try ReferenceIndex(copyOf: path)
    }

    private static func settings(_ configuration: Configuration) -> Registry.Configuration {
        var settings = Registry.Configuration()
        settings.deletionEnabled = configuration.storage.deleteEnabled
        settings.readOnly = configuration.storage.readOnly
        settings.requiresBlobs = configuration.validation.requiresBlobs
        settings.requiresIndexEntries = configuration.validation.requiresIndexEntries
        settings.manifestBytesMax = configuration.limits.manifestBytesMax ?? settings.manifestBytesMax
        settings.uploadsPerRepositoryMax =
            configuration.limits.uploadsPerRepositoryMax ?? settings.uploadsPerRepositoryMax
        return settings
    }

    private static func collecting(_ configuration: Configuration) -> Collector.Settings {
        var settings = Collector.Settings()
        settings.graceSeconds = configuration.collection.options.graceSeconds
        settings.sweep = configuration.collection.settings
        settings.retention = configuration.collection.policy
        return settings
    }

    /// Why a directory is only to be looked at; nil where it is to be written to.
    ///
    /// - Throws: `Refusal` where it has to be written to and cannot be, and where there is no registry.
    static func reasonToLeave(_ root: String, _ configuration: Configuration, _ use: Use) throws -> String? {
        if use != .serving, try !hasTree(root) { return "no registry has written to \(root) yet" }
        guard let obstacle = DirectoryObstacle(in: root) else { return nil }
        switch use {
        case .serving where configuration.storage.readOnly, .maintaining: return obstacle.description
        case .serving, .rebuildingIndex: throw Refusal(obstacle.description)
        }
    }

    /// False for a directory that no registry ever wrote to and that nothing else is in either, such as a new volume. Throws
    /// `Refusal` where there is no directory, or one of something else.
    private static func hasTree(_ root: String) throws -> Bool {
        // Ours alone is there when nothing was ever pushed.
        for place in [Layout.version.text, "berth"] {
            if FileManager.default.fileExists(atPath: "\(root)/\(place)") { return true }
        }
        let entries: [String]
        do {
            entries = try FileManager.default.contentsOfDirectory(atPath: root)
        } catch {
            if access(root, F_OK) == 0, access(root, R_OK | X_OK) != 0 {
                throw Refusal("cannot read the data directory \(root): \(StorageError.text(of: errno))")
            }
            throw noRegistry(root)
        }
        // What a file system makes in a new volume, and snapshots of it, are nobody's; `docker/` alone is empty above.
        let others = entries.filter { !$0.hasPrefix(".") && $0 != "lost+found" && $0 != "docker" }
        guard others.isEmpty else { throw noRegistry(root) }
        return false
    }

    private static func noRegistry(_ root: String) -> Refusal {
        Refusal(
            "there is no registry in \(root); name the directory that holds docker/registry/v2 with --data, or a "
                + "configuration file")
    }
}
