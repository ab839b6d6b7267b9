import Glibc
package import RegistryStorage

/// The verbs of `StorageDriver` on an object store: proof that a medium without renames, appends and directories can keep them.
///
/// For tests, and what a driver for S3 has to do is seen here by its requests. One process at a time: nothing keeps two from
/// writing to one upload.
package final class ObjectDriver: CrashableStorage {
    package let store: ObjectStore

    package init(_ store: ObjectStore = ObjectStore()) { self.store = store }

    package func crash(when isDead: @escaping @Sendable () -> Bool) { store.fail(when: isDead) }
    package func recover() { store.fail { false } }

    // MARK: Reading

    package func stat(_ path: StoragePath) async throws(StorageError) -> FileStatus? {
        if try await isErased(path) { return nil }
        if path != .root, let object = try await store.head(path.text) { return FileStatus(object) }
        if path.mayBeUpload, let upload = try await store.uploads(path.text).last(where: { $0.key == path.text }) {
            let size = upload.parts.reduce(0, +)
            return FileStatus(size: Int64(size), isDirectory: false, modified: upload.modified)
        }
        let page = try await store.list(path.prefix, after: nil, limit: 1)
        guard path == .root || !page.names.isEmpty else { return nil }
        return FileStatus(size: 0, isDirectory: true, modified: Int64(time(nil)))
    }

    package func open(_ path: StoragePath) async throws(StorageError) -> (any BlobReader)? {
        if try await isErased(path) { return nil }
        if let object = try await store.get(path.text) { return HeldBytes(object.bytes) }
        guard path.mayBeUpload, try await completeUploads(path), let object = try await store.get(path.text) else {
            return nil
        }
        return HeldBytes(object.bytes)
    }

    package func entries(of path: StoragePath) async throws(StorageError) -> (any EntryReader)? {
        if try await isErased(path) { return nil }
        let first = try await store.list(path.prefix, after: nil)
        guard path == .root || !first.names.isEmpty else { return nil }
        return ObjectEntries(store, path.prefix, first)
    }

    /// What is below a place that is being erased is nowhere.
    private func isErased(_ path: StoragePath) async throws(StorageError) -> Bool {
        let (parts, depth) = (path.components, Layout.trash.components.count + 1)
        guard parts.count >= depth, path.text.hasPrefix(Layout.trash.prefix) else { return false }
        let place = StoragePath.root.appending(Array(parts.prefix(depth)))
        guard !place.name.hasSuffix(Layout.erasingSuffix) else { return false }
        return try await store.head(place.text + Layout.erasingSuffix) != nil
    }

    // MARK: Writing

    package func write(_ groups: [[FileContent]], _ durability: Durability) async throws(StorageError) {
        for file in groups.joined() {
            guard let bytes = file.bytes else { continue }
            guard file.path != .root else { throw .system(operation: "write", path: file.path, code: EISDIR) }
            try await store.put(file.path.text, bytes)
        }
    }

    package func upload(to path: StoragePath, at offset: Int64) async throws(StorageError) -> any BlobWriter {
        let upload = try await store.uploads(path.text).last { $0.key == path.text }
        let length = Int64(upload?.parts.reduce(0, +) ?? 0)
        if let upload, length == offset, (upload.parts.last ?? .max) >= store.partBytesMin {
            return ObjectWriter(store, path, upload: upload.id, parts: upload.parts)
        }
        if upload != nil, length != offset { throw .wrongOffset(path: path, expected: offset, actual: length) }
        // A part that is too small cannot have another one behind it: what there is becomes an object and is read again.
        if upload != nil { _ = try await completeUploads(path) }
        let object = try await store.get(path.text)
        if let object, Int64(object.bytes.count) != offset {
            throw .wrongOffset(path: path, expected: offset, actual: Int64(object.bytes.count))
        }
        if object == nil, offset != 0 { throw .system(operation: "open", path: path, code: ENOENT) }
        let id = try await store.beginUpload(path.text)
        let writer = ObjectWriter(store, path, upload: id, parts: [])
        if let bytes = object?.bytes, !bytes.isEmpty {
            writer.takeBack(bytes)
            try await writer.send()
        }
        if object != nil { try await store.delete([path.text]) }
        return writer
    }

    /// Makes the uploads at or below a path objects; false where there is none.
    private func completeUploads(_ path: StoragePath) async throws(StorageError) -> Bool {
        let uploads = try await store.uploads(path.text)
        for upload in uploads {
            if upload.parts.isEmpty {
                try await store.put(upload.key, [])
                try await store.abort(upload.id, upload.key)
            } else {
                try await store.complete(upload.id, parts: upload.parts.count, upload.key)
            }
        }
        return !uploads.isEmpty
    }

    // MARK: Removing

    @discardableResult
    package func remove(_ path: StoragePath, _ removal: Removal) async throws(StorageError) -> Bool {
        guard path != .root else {
            if removal == .emptyDirectory { return false }
            throw .system(operation: "remove", path: path, code: EBUSY)
        }
        if removal == .emptyDirectory {
            return try await store.list(path.prefix, after: nil, limit: 1).names.isEmpty
        }
        if path.mayBeUpload {
            for upload in try await store.uploads(path.text) { try await store.abort(upload.id, upload.key) }
        }
        while true {
            let page = try await store.list(path.prefix, after: nil, isFlat: true)
            let own = page.isLast ? [path.text] : []
            for part in (page.names + own).split(every: ObjectStore.pageMax) { try await store.delete(part) }
            if page.isLast { return true }
        }
    }

    package func retire(
        _ path: StoragePath, into place: StoragePath, copies: Bool, _ mayGoOn: () throws -> Void
    ) async throws -> Relocation {
        if path.mayBeUpload { _ = try await completeUploads(path) }
        // What serves a tag goes before its history.
        return try await relocate(try await keys(at: path), mayGoOn) { place.prefix + $0 }
    }

    package func restore(
        _ path: StoragePath, from place: StoragePath, _ mayGoOn: () throws -> Void
    ) async throws -> Relocation {
        if try await isErased(place) { return .absent }
        // And comes back behind it.
        let keys = try await keys(at: place.appending(path.components)).reversed()
        return try await relocate(Array(keys), mayGoOn) { String($0.dropFirst(place.prefix.count)) }
    }

    /// The object of that name and those below it, in byte order.
    private func keys(at path: StoragePath) async throws(StorageError) -> [String] {
        var keys = try await store.head(path.text) == nil ? [] : [path.text]
        var last: String?
        while true {
            let page = try await store.list(path.prefix, after: last, isFlat: true)
            keys += page.names
            last = page.names.last
            if page.isLast { return keys }
        }
    }

    private func relocate(
        _ keys: [String], _ mayGoOn: () throws -> Void, _ target: (String) -> String
    ) async throws -> Relocation {
        for key in keys {
            if let there = try await store.head(target(key)) {
                guard let object = try await store.get(key), object.bytes == there.bytes else {
                    return .differs(StoragePath.root.appending(target(key).split(separator: "/")))
                }
            } else {
                try mayGoOn()
                guard try await store.copy(key, to: target(key)) else { continue }
            }
            try mayGoOn()
            try await store.delete([key])
        }
        return keys.isEmpty ? .absent : .done
    }

    package func erase(
        _ place: StoragePath, _ each: (StoragePath, FileStatus) async throws -> Void
    ) async throws {
        let isRest = place.text.hasSuffix(Layout.erasingSuffix)
        let name = isRest ? String(place.text.dropLast(Layout.erasingSuffix.count)) : place.text
        let marker = name + Layout.erasingSuffix
        var page = try await store.list(name + "/", after: nil, isFlat: true)
        if !page.names.isEmpty { try await store.put(marker, []) }
        while !page.names.isEmpty {
            for key in page.names {
                guard let object = try await store.head(key) else { continue }
                try await each(StoragePath.root.appending(key.split(separator: "/")), FileStatus(object))
            }
            try await store.delete(page.names)
            page = try await store.list(name + "/", after: nil, isFlat: true)
        }
        try await store.delete([marker])
    }

    package func settle(_ unsettled: Unsettled) async throws(StorageError) {}
}

extension StoragePath {
    /// What the keys below it begin with.
    fileprivate var prefix: String { self == .root ? "" : text + "/" }

    /// Asking for uploads is a request of its own, which is spared where none can be.
    fileprivate var mayBeUpload: Bool {
        !text.hasPrefix("docker/") || text.contains("/_uploads")
    }
}

extension FileStatus {
    fileprivate init(_ object: ObjectStore.Object) {
        self.init(
            size: Int64(object.bytes.count), isDirectory: false, modified: object.modified, version: object.version)
    }
}

extension [String] {
    fileprivate func split(every count: Int) -> [[String]] {
        stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
    }
}

private final class ObjectEntries: EntryReader {
    private let store: ObjectStore
    private let prefix: String
    private var page: ObjectStore.Page
    private var given = 0

    init(_ store: ObjectStore, _ prefix: String, _ first: ObjectStore.Page) {
        (self.store, self.prefix, page) = (store, prefix, first)
    }

    func next(_ count: Int) async throws(StorageError) -> [StorageEntry] {
        if given == page.names.count, !page.isLast {
            page = try await store.list(prefix, after: page.names.last)
            given = 0
        }
        let names = page.names[given..<min(given + count, page.names.count)]
        given += names.count
        return names.map { name in
            let rest = name.dropFirst(prefix.count)
            return rest.hasSuffix("/")
                ? StorageEntry(name: String(rest.dropLast()), isDirectory: true)
                : StorageEntry(name: String(rest), isDirectory: false)
        }
    }
}

private final class ObjectWriter: BlobWriter {
    private let store: ObjectStore
    private let path: StoragePath
    private var upload: Int
    /// Bytes of the parts that were sent.
    private var parts: [Int]
    private var buffer: [UInt8] = []
    private(set) var offset: Int64

    init(_ store: ObjectStore, _ path: StoragePath, upload: Int, parts: [Int]) {
        (self.store, self.path, self.upload, self.parts) = (store, path, upload, parts)
        offset = Int64(parts.reduce(0, +))
    }

    /// Has what was sent before in the buffer again.
    func takeBack(_ bytes: [UInt8]) {
        buffer = bytes
        offset = Int64(bytes.count)
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        buffer += bytes
        offset += Int64(bytes.count)
    }

    func flush() async throws(StorageError) { if buffer.count >= store.partBytesMin { try await send() } }

    /// Sends what is held as a part.
    func send() async throws(StorageError) {
        guard !buffer.isEmpty else { return }
        do throws(StorageError) {
            try await store.put(part: buffer, behind: parts.count, of: upload, path.text)
        } catch {
            // Who has read what had arrived has made it an object.
            guard error.isAbsence, let object = try await store.get(path.text) else { throw error }
            upload = try await store.beginUpload(path.text)
            parts = []
            buffer = object.bytes + buffer
            try await store.put(part: buffer, behind: 0, of: upload, path.text)
            try await store.delete([path.text])
        }
        parts.append(buffer.count)
        buffer = []
    }

    private func isOpen() async throws(StorageError) -> Bool {
        try await store.uploads(path.text).contains { $0.id == upload }
    }

    func truncate(to length: Int64) async throws(StorageError) {
        precondition(length <= offset, "a file that grows cannot be cut where it does not reach")
        let sent = Int64(parts.reduce(0, +))
        if length >= sent {
            buffer.removeLast(Int(offset - length))
            offset = length
            return
        }
        if try await isOpen() { try await store.complete(upload, parts: parts.count, path.text) }
        let object = try await store.get(path.text)
        upload = try await store.beginUpload(path.text)
        parts = []
        takeBack(Array((object?.bytes ?? []).prefix(Int(length))))
        try await send()
        try await store.delete([path.text])
    }

    func synchronize(for purpose: SyncPurpose) async throws(StorageError) {
        // A small part that was sent for somebody to go on with is taken back by who does.
        try await rejoin()
        try await send()
    }

    /// Has a last part that is too small in the buffer again.
    private func rejoin() async throws(StorageError) {
        guard let last = parts.last, last < store.partBytesMin, !buffer.isEmpty else { return }
        let (rest, length) = (buffer, offset)
        buffer = []
        offset = Int64(parts.reduce(0, +))
        if try await isOpen() { try await store.complete(upload, parts: parts.count, path.text) }
        let object = try await store.get(path.text)
        upload = try await store.beginUpload(path.text)
        parts = []
        takeBack((object?.bytes ?? []) + rest)
        offset = length
        try await store.delete([path.text])
    }

    func commit(
        to target: StoragePath, then groups: [[FileContent]], _ mayGoOn: () throws -> Void
    ) async throws {
        try mayGoOn()
        if parts.isEmpty {
            try await store.put(path.text, [])
            try await store.abort(upload, path.text)
        } else if try await isOpen() {
            try await store.complete(upload, parts: parts.count, path.text)
        }
        try mayGoOn()
        _ = try await store.copy(path.text, to: target.text)
        for file in groups.joined() {
            try mayGoOn()
            if let bytes = file.bytes { try await store.put(file.path.text, bytes) }
        }
        try mayGoOn()
        try await store.delete([path.text])
    }

    func close() {}
}
