import Foundation
import GRDB
import Glibc
import OCI
import Synchronization

/// The derived reference graph in SQLite: who references whom, sizes, tags, referrers, times.
///
/// It answers questions fast and decides nothing alone: it can be deleted at any time and is rebuilt from the tree. Reads
/// see one consistent state and do not wait for writers. A read costs about 30 µs, a write transaction about as much; the
/// database is not synchronised at each commit, for what a power cut takes the tree still has.
package final class ReferenceIndex: Sendable {
    private let database: any DatabaseWriter
    private let isInMemory: Bool
    private let failureWatchers = Mutex<[@Sendable (_ onlyRemoves: Bool) -> Void]>([])

    /// True when there is a file and it is left alone: what is learnt here goes with the process, and no other sees it.
    package let isPrivate: Bool

    /// Opens the index in a file, or in memory when `path` is nil. A file that is damaged or of another version is
    /// replaced by an empty index, unless another process has it open: then this one gets an index of its own, in memory.
    ///
    /// - Parameter whenAlone: runs what it is given if no other process uses the file, and says whether it did.
    package init(
        path: String?,
        whenAlone: (() throws -> Void) throws -> Bool = {
            try $0(); return true
        }
    ) throws(IndexError) {
        do {
            guard let path else {
                (isInMemory, isPrivate) = (true, false)
                var configuration = Self.configuration
                // What SQLite sorts would else go to files.
                configuration.prepareDatabase { try $0.execute(sql: "PRAGMA temp_store = MEMORY") }
                database = try Self.prepare(DatabaseQueue(configuration: configuration))
                return
            }
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            do {
                database = try Self.prepare(Self.open(path))
                (isInMemory, isPrivate) = (false, false)
            } catch let error where (error as? DatabaseError)?.isDamage ?? (error is OtherVersion) {
                // Removing the files takes no time; emptying the tables would take minutes where they are large.
                let isReplaced = try whenAlone { try Self.remove(path) }
                (isInMemory, isPrivate) = (!isReplaced, !isReplaced)
                let replacement: any DatabaseWriter =
                    isReplaced
                    ? try Self.open(path) : try DatabaseQueue(configuration: Self.configuration)
                database = try Self.prepare(replacement)
            }
        } catch {
            throw .database(Self.line(error))
        }
    }

    /// Opens a copy in memory of the index in a file, for a disk that has no room: the file stays as it is, and what is
    /// learnt goes with the process. Empty where there is no file that can be read. Costs the time to read it, and its size
    /// in memory.
    package init(copyOf path: String) throws(IndexError) {
        (isInMemory, isPrivate) = (true, true)
        do {
            do {
                database = try Self.prepare(Self.copy(path))
            } catch {
                database = try Self.prepare(DatabaseQueue(configuration: Self.configuration))
            }
        } catch {
            throw .database(Self.line(error))
        }
    }

    private static func copy(_ path: String) throws -> DatabaseQueue {
        var reading = configuration
        reading.readonly = true
        let file = try DatabaseQueue(path: path, configuration: reading)
        let memory = try DatabaseQueue(configuration: configuration)
        try file.backup(to: memory)
        try file.close()
        return memory
    }

    /// Runs `body` on one consistent state of the index, on the calling thread.
    package func read<T>(_ body: (IndexView) throws -> T) throws(IndexError) -> T {
        do {
            // In memory there is one connection, and nobody else on it. To forbid it to write, as a read of the library does,
            // has SQLite compile every statement anew.
            if isInMemory { return try database.writeWithoutTransaction { try body(IndexView(db: $0)) } }
            return try database.read { try body(IndexView(db: $0)) }
        } catch {
            throw .database(Self.line(error))
        }
    }

    /// Runs `body` as one transaction, on the calling thread: all of it is seen, or none.
    ///
    /// - Parameter onlyRemoves: it takes away what has left the tree and adds nothing, so that the index knows too much when it
    ///   fails, never too little.
    @discardableResult
    package func write<T>(
        onlyRemoves: Bool = false, _ body: (IndexChange) throws -> T
    ) throws(IndexError) -> T {
        do {
            return try database.write { try body(IndexChange(db: $0)) }
        } catch {
            for act in failureWatchers.withLock({ $0 }) { act(onlyRemoves) }
            throw .database(Self.line(error))
        }
    }

    /// Has `act` called after every write that fails, whoever asked for it and before they hear of it: the index may be behind
    /// the tree then. It must not use the index.
    package func whenAWriteFails(_ act: @escaping @Sendable (_ onlyRemoves: Bool) -> Void) {
        failureWatchers.withLock { $0.append(act) }
    }

    /// A pool writes to a log that is missing and waits until that is on the disk: a start would take as long as a sync
    /// does. So the log is begun before, by a connection that does not wait; there is nothing in it yet to lose.
    private static func open(_ path: String) throws -> DatabasePool {
        // SQLite makes files that only their owner may write to. One that is there keeps its rights, and its log and what
        // the processes share have the same: here as elsewhere the umask decides.
        let file = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        if file >= 0 { close(file) }
        guard !FileManager.default.fileExists(atPath: path + "-wal") else {
            return try DatabasePool(path: path, configuration: configuration)
        }
        var unhurried = GRDB.Configuration()
        unhurried.busyMode = configuration.busyMode
        unhurried.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL") }
        let beginning = try DatabaseQueue(path: path, configuration: unhurried)
        try beginning.write { db in
            let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            try db.execute(sql: "PRAGMA user_version = \(version)")
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        try beginning.close()
        return pool
    }

    /// KiB of the file that a connection keeps in memory. There are five readers, and the system has the pages that they ask
    /// for again.
    private static let (writerCacheKiB, readerCacheKiB) = (16_384, 4_096)

    private static var configuration: GRDB.Configuration {
        var configuration = GRDB.Configuration()
        // Another process of ours may hold the file for a moment; longer than this is a defect worth hearing of.
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            let cacheKiB = db.configuration.readonly ? readerCacheKiB : writerCacheKiB
            try db.execute(
                sql: "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -\(cacheKiB); PRAGMA foreign_keys = OFF")
            // Each statement with a trigger keeps what it would have to put back. In memory that grows by 1 KiB; where it may
            // go to a file it begins with 64, which malloc takes from the system and gives back every time. Readers, which
            // sort what may be long, sort in files.
            if !db.configuration.readonly { try db.execute(sql: "PRAGMA temp_store = MEMORY") }
        }
        return configuration
    }

    /// Removes the files of an index that nobody has open; it is built anew at the next opening.
    package static func remove(_ path: String) throws(IndexError) {
        for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
            do {
                try FileManager.default.removeItem(atPath: path + suffix)
            } catch {
                throw .database(line(error))
            }
        }
    }

    /// The tables are of another version of ours, or of another maker.
    private struct OtherVersion: Error {}

    /// Creates the tables in a new file.
    private static func prepare(_ database: some DatabaseWriter) throws -> any DatabaseWriter {
        let (version, isNew) = try database.read {
            (
                try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0,
                try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM sqlite_master") == 0
            )
        }
        if version == Schema.version { return database }
        guard isNew else {
            try database.close()
            throw OtherVersion()
        }
        try database.write { try Schema.create($0) }
        return database
    }

    private static func line(_ error: any Error) -> String {
        "\(error)".replacingOccurrences(of: "\n", with: " ")
    }
}

extension DatabaseError {
    fileprivate var isDamage: Bool {
        resultCode == .SQLITE_CORRUPT || resultCode == .SQLITE_NOTADB
    }
}
