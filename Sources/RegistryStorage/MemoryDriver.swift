import Foundation
import Glibc
import Synchronization

/// A storage tree in memory: distribution's `inmemory` driver, and the registry of most tests. Gone with the process.
///
/// With a limit it is a disk of that size: full when its files have as many bytes. Without, only the machine's memory ends it.
package final class MemoryDriver: ImmediateStorage, RenamingStorage {
    /// Directories exist as long as something is below them or they were emptied by a removal, as on a disk.
    fileprivate struct Tree {
        var files: [StoragePath: File] = [:]
        var directories: [StoragePath: Directory] = [.root: Directory()]
        var writes: Int64 = 0
        /// Bytes of all files.
        var bytes: Int64 = 0
    }

    fileprivate struct Directory {
        var names: Set<String> = []
        var modified = MemoryDriver.now
    }

    fileprivate struct File {
        var bytes: [UInt8]
        var modified: Int64
        var version: Int64
    }

    fileprivate let tree = Mutex(Tree())

    fileprivate static var now: Int64 { Int64(Date().timeIntervalSince1970) }

    /// Bytes that its files may have; nil for any number.
    private let bytesMax: Int64?

    package init(bytesMax: Int64? = nil) { self.bytesMax = bytesMax }

    /// Puts a file there as if it had been written at that time, in seconds since 1970.
    package func plant(_ path: StoragePath, _ bytes: [UInt8], modified: Int64) throws(StorageError) {
        try put(path, bytes)
        tree.withLock { $0.files[path]?.modified = modified }
    }

    package func statNow(_ path: StoragePath) throws(StorageError) -> FileStatus? {
        tree.withLock { tree in
            if let file = tree.files[path] {
                return FileStatus(
                    size: Int64(file.bytes.count), isDirectory: false, modified: file.modified, version: file.version)
            }
            return tree.directories[path].map { FileStatus(size: 0, isDirectory: true, modified: $0.modified) }
        }
    }

    package func obstructionNow(of path: StoragePath, isDirectory: Bool) -> String? { nil }

    package func readNow(_ path: StoragePath, limit: Int) throws(StorageError) -> [UInt8]? {
        guard let bytes = try content(path) else { return nil }
        guard bytes.count <= limit else { throw .tooLarge(path: path, limit: limit) }
        return bytes
    }

    package func openNow(_ path: StoragePath) throws(StorageError) -> (any BlobReader)? {
        try content(path).map(HeldBytes.init)
    }

    private func content(_ path: StoragePath) throws(StorageError) -> [UInt8]? {
        let (bytes, isDirectory) = tree.withLock { ($0.files[path]?.bytes, $0.directories[path] != nil) }
        if isDirectory { throw .system(operation: "open", path: path, code: EISDIR) }
        return bytes
    }

    package var capacity: (bytesFree: Int64, bytesTotal: Int64)? {
        bytesMax.map { (max(0, $0 - tree.withLock(\.bytes)), $0) }
    }

    package func entries(of path: StoragePath) async throws(StorageError) -> (any EntryReader)? {
        let entries = tree.withLock { tree in
            tree.directories[path].map { directory in
                directory.names.sorted().map {
                    StorageEntry(name: $0, isDirectory: tree.directories[path.appending($0)] != nil)
                }
            }
        }
        return entries.map(ListedEntries.init)
    }

    package func write(_ groups: [[FileContent]], _ durability: Durability) async throws(StorageError) {
        for file in groups.joined() {
            if let bytes = file.bytes { try put(file.path, bytes) } else { try makeDirectory(file.path) }
        }
    }

    private func put(_ path: StoragePath, _ bytes: [UInt8]) throws(StorageError) {
        let code: CInt = tree.withLock { tree in
            if tree.directories[path] != nil { return EISDIR }
            let more = Int64(bytes.count) - Int64(tree.files[path]?.bytes.count ?? 0)
            guard hasRoom(tree, more) else { return ENOSPC }
            guard tree.enter(path) else { return ENOTDIR }
            tree.writes += 1
            tree.bytes += more
            tree.files[path] = File(bytes: bytes, modified: Self.now, version: tree.writes)
            return 0
        }
        if code != 0 { throw .system(operation: "write", path: path, code: code) }
    }

    private func hasRoom(_ tree: borrowing Tree, _ more: Int64) -> Bool {
        more <= 0 || bytesMax.map { tree.bytes + more <= $0 } ?? true
    }

    /// Appends to a file; one that was removed takes what comes and forgets it, as on a disk.
    fileprivate func extend(_ path: StoragePath, _ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        let isDone = tree.withLock { tree in
            guard tree.files[path] != nil else { return true }
            guard hasRoom(tree, Int64(bytes.count)) else { return false }
            tree.files[path]?.bytes.append(contentsOf: bytes)
            tree.bytes += Int64(bytes.count)
            return true
        }
        if !isDone { throw .system(operation: "write", path: path, code: ENOSPC) }
    }

    fileprivate func shorten(_ path: StoragePath, by count: Int64) {
        tree.withLock { tree in
            guard tree.files[path] != nil else { return }
            tree.files[path]?.bytes.removeLast(Int(count))
            tree.bytes -= count
        }
    }

    package func upload(to path: StoragePath, at offset: Int64) async throws(StorageError) -> any BlobWriter {
        let length = Int64(try content(path)?.count ?? -1)
        if length < 0 {
            guard offset == 0 else { throw .system(operation: "open", path: path, code: ENOENT) }
            try put(path, [])
        } else if length != offset {
            throw .wrongOffset(path: path, expected: offset, actual: length)
        }
        return MemoryWriter(offset: offset, path: path, driver: self)
    }

    package func rename(_ source: StoragePath, to target: StoragePath) async throws(StorageError) {
        let code: CInt = tree.withLock { tree in
            guard tree.files[source] != nil || tree.directories[source] != nil else { return ENOENT }
            if source == target { return 0 }
            if tree.files[target] != nil, tree.files[source] == nil { return ENOTDIR }
            if let names = tree.directories[target]?.names {
                guard tree.files[source] == nil else { return EISDIR }
                guard names.isEmpty else { return ENOTEMPTY }
            }
            guard tree.enter(target) else { return ENOTDIR }
            tree.relocate(source, target)
            tree.leave(source)
            return 0
        }
        if code != 0 { throw .system(operation: "rename", path: source, code: code) }
    }

    package func move(_ source: StoragePath, to target: StoragePath) async throws(StorageError) {
        try await rename(source, to: target)
    }

    private func makeDirectory(_ path: StoragePath) throws(StorageError) {
        let made = tree.withLock { tree in
            guard tree.files[path] == nil, tree.enter(path) else { return false }
            if tree.directories[path] == nil { tree.directories[path] = Directory() }
            return true
        }
        if !made { throw .system(operation: "create directory", path: path, code: ENOTDIR) }
    }

    @discardableResult
    package func remove(_ path: StoragePath, _ removal: Removal) async throws(StorageError) -> Bool {
        if removal == .emptyDirectory {
            guard path != .root else { return false }
            return tree.withLock { tree in
                guard let directory = tree.directories[path] else { return tree.files[path] == nil }
                guard directory.names.isEmpty else { return false }
                tree.erase(path)
                tree.leave(path)
                return true
            }
        }
        guard path != .root else { throw .system(operation: "remove", path: path, code: EBUSY) }
        tree.withLock { tree in
            tree.erase(path)
            tree.leave(path)
        }
        return true
    }

    package func settle(_ unsettled: Unsettled) async throws(StorageError) {}
}

extension MemoryDriver.Tree {
    /// Makes the directories above `path` and names it in its parent; false when a file stands where a directory must.
    fileprivate mutating func enter(_ path: StoragePath) -> Bool {
        guard let parent = path.parent else { return true }
        guard files[parent] == nil else { return false }
        if directories[parent] == nil {
            guard enter(parent) else { return false }
            directories[parent] = MemoryDriver.Directory()
        }
        if directories[parent]?.names.insert(String(path.name)).inserted == true {
            directories[parent]?.modified = MemoryDriver.now
        }
        return true
    }

    fileprivate mutating func leave(_ path: StoragePath) {
        guard let parent = path.parent else { return }
        if directories[parent]?.names.remove(String(path.name)) != nil {
            directories[parent]?.modified = MemoryDriver.now
        }
    }

    fileprivate mutating func erase(_ path: StoragePath) {
        bytes -= Int64(files.removeValue(forKey: path)?.bytes.count ?? 0)
        for name in directories.removeValue(forKey: path)?.names ?? [] { erase(path.appending(name)) }
    }

    fileprivate mutating func relocate(_ source: StoragePath, _ target: StoragePath) {
        if let file = files.removeValue(forKey: source) {
            bytes -= Int64(files.updateValue(file, forKey: target)?.bytes.count ?? 0)
        }
        guard let directory = directories.removeValue(forKey: source) else { return }
        directories[target] = directory
        for name in directory.names { relocate(source.appending(name), target.appending(name)) }
    }
}

private final class MemoryWriter: BlobWriter {
    private(set) var offset: Int64
    private let path: StoragePath
    private let driver: MemoryDriver

    init(offset: Int64, path: StoragePath, driver: MemoryDriver) {
        self.offset = offset
        self.path = path
        self.driver = driver
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        try driver.extend(path, bytes)
        offset += Int64(bytes.count)
    }

    func truncate(to length: Int64) async throws(StorageError) {
        precondition(length <= offset, "a file that grows cannot be cut where it does not reach")
        driver.shorten(path, by: offset - length)
        offset = length
    }

    func flush() async throws(StorageError) {}
    func synchronize(for purpose: SyncPurpose) async throws(StorageError) {}

    func commit(
        to target: StoragePath, then groups: [[FileContent]], _ mayGoOn: () throws -> Void
    ) async throws {
        try mayGoOn()
        try await driver.move(path, to: target)
        for group in groups {
            try mayGoOn()
            try await driver.write([group])
        }
    }

    func close() {}
}
