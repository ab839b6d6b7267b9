import Foundation
import Glibc
package import RegistryStorage
import Synchronization

/// An object store as S3 is one, in memory: whole objects under keys, listed by prefix in pages. It has no rename, no append and
/// no directories; what grows is an upload in parts, which nobody can read or list as an object before it is complete.
///
/// Each request is counted, takes as long as a test says, and fails where a test says so.
package final class ObjectStore: Sendable {
    package enum Request: String, Sendable, CaseIterable {
        case head, get, put, copy, delete, list
        case beginUpload, uploadPart, listParts, completeUpload, abortUpload
    }

    package struct Object: Sendable {
        package var bytes: [UInt8]
        package var modified: Int64
        /// Another for each content that was put.
        package var version: Int64
    }

    package struct Page: Sendable {
        /// Keys, and what they have in common up to the next slash, with it.
        package var names: [String]
        package var isLast: Bool
    }

    fileprivate struct Upload {
        var key: String
        var parts: [[UInt8]]
        /// When the last part came, or it was begun.
        var modified = ObjectStore.now
    }

    fileprivate struct State {
        var objects: [String: Object] = [:]
        /// Of the objects, in byte order.
        var keys: [String] = []
        var uploads: [Int: Upload] = [:]
        var changes: Int64 = 0
        var counts: [Request: Int] = [:]
        var isDead: @Sendable () -> Bool = { false }
        var wait: @Sendable (Request) async -> Void = { _ in }
    }

    /// Bytes that a part must have unless it is the last. Amazon's is 5 MiB ("Amazon S3 multipart upload limits").
    package let partBytesMin: Int
    /// Keys in a page of a listing, and objects in one deletion.
    package static let pageMax = 1000

    private let state = Mutex(State())

    package init(partBytesMin: Int = 5 << 20) { self.partBytesMin = partBytesMin }

    /// Has each request wait for `body` first.
    package func slow(_ body: @escaping @Sendable (Request) async -> Void) { state.withLock { $0.wait = body } }

    package func fail(when isDead: @escaping @Sendable () -> Bool) { state.withLock { $0.isDead = isDead } }

    /// Requests since the last call of this, those that failed included.
    package func takeCounts() -> [Request: Int] {
        state.withLock { state in
            defer { state.counts = [:] }
            return state.counts
        }
    }

    private func enter(_ request: Request, _ key: String) async throws(StorageError) {
        let (wait, isDead) = state.withLock { state in
            state.counts[request, default: 0] += 1
            return (state.wait, state.isDead)
        }
        await wait(request)
        guard isDead() else { return }
        let path = StoragePath.root.appending(key.split(separator: "/"))
        throw .system(operation: request.rawValue, path: path, code: EIO)
    }

    // MARK: Objects

    package func head(_ key: String) async throws(StorageError) -> Object? {
        try await enter(.head, key)
        return state.withLock { $0.objects[key] }
    }

    /// Some of an object, as it was when it was first asked for: a store goes on sending what is deleted meanwhile.
    package func get(_ key: String) async throws(StorageError) -> Object? {
        try await enter(.get, key)
        return state.withLock { $0.objects[key] }
    }

    package func put(_ key: String, _ bytes: [UInt8]) async throws(StorageError) {
        try await enter(.put, key)
        state.withLock { $0.put(key, bytes) }
    }

    /// False where the source is absent.
    package func copy(_ source: String, to target: String) async throws(StorageError) -> Bool {
        try await enter(.copy, target)
        return state.withLock { state in
            guard let object = state.objects[source] else { return false }
            state.put(target, object.bytes)
            return true
        }
    }

    /// Deletes up to a page of objects; those that are absent are passed over.
    package func delete(_ keys: [String]) async throws(StorageError) {
        precondition(keys.count <= Self.pageMax, "a store deletes a thousand objects at a time")
        try await enter(.delete, keys.first ?? "")
        state.withLock { state in
            for key in keys where state.objects.removeValue(forKey: key) != nil {
                state.keys.remove(at: state.keys.firstIndex(notBefore: key))
            }
        }
    }

    /// Keys with a prefix, in byte order, from the first behind `last`.
    ///
    /// - Parameter isFlat: all keys; else those with a slash behind the prefix are one name up to it.
    package func list(
        _ prefix: String, after last: String?, limit: Int = pageMax, isFlat: Bool = false
    ) async throws(StorageError) -> Page {
        try await enter(.list, prefix)
        return state.withLock { state in
            var page = Page(names: [], isLast: true)
            for key in state.keys[state.keys.firstIndex(notBefore: max(prefix, last ?? ""))...] {
                guard key.hasPrefix(prefix) else { break }
                if let last, key == last || last.hasSuffix("/") && key.hasPrefix(last) { continue }
                let rest = key.dropFirst(prefix.count)
                let name = isFlat ? key : prefix + (rest.firstIndex(of: "/").map { rest[...$0] } ?? rest)
                if page.names.last == name { continue }
                guard page.names.count < min(limit, Self.pageMax) else {
                    page.isLast = false
                    break
                }
                page.names.append(name)
            }
            return page
        }
    }

    // MARK: Uploads in parts

    package func beginUpload(_ key: String) async throws(StorageError) -> Int {
        try await enter(.beginUpload, key)
        return state.withLock { state in
            state.changes += 1
            state.uploads[Int(state.changes)] = Upload(key: key, parts: [])
            return Int(state.changes)
        }
    }

    /// Uploads of a key, and of keys below it, with the sizes of their parts.
    package func uploads(
        _ key: String
    ) async throws(StorageError) -> [(id: Int, key: String, parts: [Int], modified: Int64)] {
        try await enter(.listParts, key)
        return state.withLock { state in
            state.uploads.filter { $0.value.key == key || $0.value.key.hasPrefix(key + "/") }
                .sorted { $0.key < $1.key }.map {
                    ($0.key, $0.value.key, $0.value.parts.map(\.count), $0.value.modified)
                }
        }
    }

    /// Puts a part behind those that are to stay.
    package func put(
        part bytes: [UInt8], behind count: Int, of upload: Int, _ key: String
    ) async throws(StorageError) {
        try await enter(.uploadPart, key)
        let isThere = state.withLock { state in
            guard state.uploads[upload] != nil else { return false }
            state.uploads[upload]?.parts.removeSubrange(count...)
            state.uploads[upload]?.parts.append(bytes)
            state.uploads[upload]?.modified = Self.now
            return true
        }
        if !isThere { throw absent(key) }
    }

    /// Makes the parts an object; refused where one is too small that is not the last.
    package func complete(_ upload: Int, parts count: Int, _ key: String) async throws(StorageError) {
        try await enter(.completeUpload, key)
        let code: CInt = state.withLock { state in
            guard let found = state.uploads[upload] else { return ENOENT }
            let parts = found.parts.prefix(count)
            guard !parts.isEmpty, parts.dropLast().allSatisfy({ $0.count >= partBytesMin }) else { return EINVAL }
            state.uploads[upload] = nil
            state.put(key, Array(parts.joined()))
            return 0
        }
        if code != 0 {
            throw .system(
                operation: "complete", path: StoragePath.root.appending(key.split(separator: "/")), code: code)
        }
    }

    package func abort(_ upload: Int, _ key: String) async throws(StorageError) {
        try await enter(.abortUpload, key)
        state.withLock { _ = $0.uploads.removeValue(forKey: upload) }
    }

    fileprivate static var now: Int64 { Int64(Date().timeIntervalSince1970) }

    private func absent(_ key: String) -> StorageError {
        .system(operation: "open", path: StoragePath.root.appending(key.split(separator: "/")), code: ENOENT)
    }
}

extension ObjectStore.State {
    fileprivate mutating func put(_ key: String, _ bytes: [UInt8]) {
        changes += 1
        let old = objects.updateValue(
            ObjectStore.Object(bytes: bytes, modified: ObjectStore.now, version: changes),
            forKey: key)
        if old == nil { keys.insert(key, at: keys.firstIndex(notBefore: key)) }
    }
}

extension [String] {
    /// The first place whose text does not come before this one, where all are in byte order.
    fileprivate func firstIndex(notBefore text: String) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].utf8.lexicographicallyPrecedes(text.utf8) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
