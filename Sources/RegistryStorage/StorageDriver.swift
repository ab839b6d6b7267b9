/// Bytes at paths: the one thing the registry asks of a disk, of memory or of an object store.
///
/// Every mutation that returns is durable as far as the medium can be: a crash afterwards does not take it back. Absent
/// things read as nil; a thrown error means that the answer is not known.
package protocol StorageDriver: Sendable {
    /// Size and kind of what is there; nil when nothing is.
    func stat(_ path: StoragePath) async throws(StorageError) -> FileStatus?

    /// Opens a file for reading in parts; nil when absent.
    func open(_ path: StoragePath) async throws(StorageError) -> (any BlobReader)?

    /// Puts small files in place, each whole and at once: a reader sees the old content or the new, never a part, and after
    /// a crash the same holds. Creates the directories above.
    ///
    /// A group is on the medium before the next one becomes visible: wherever a crash falls, if a file of a group is there,
    /// so is everything of the groups before it. Within a group any part may be. When it throws, the same holds of what is
    /// visible. Files in one call cost far less than one by one.
    func write(_ groups: [[FileContent]]) async throws(StorageError)

    /// Opens a file for appending at `offset`, which must be its present length; 0 creates it and the directories above.
    func append(to path: StoragePath, at offset: Int64) async throws(StorageError) -> any BlobWriter

    /// Gives a file or a directory another place, replacing a file that is there. Creates the directories above. The
    /// content must have been synchronised before. Throws when the source is absent. Costs copying it where the two places
    /// are on different media.
    func move(_ source: StoragePath, to target: StoragePath) async throws(StorageError)

    /// Moves as `move` does, without waiting until that survives a crash: for what does no harm when it is back where it
    /// was. It is in one of the two places whatever happens. Throws `isOfOtherMedium` where it would have to be copied.
    func relocate(_ source: StoragePath, to target: StoragePath) async throws(StorageError)

    /// After it returns, what was relocated out of these directories stays out of them through a crash.
    func settle(_ directories: Set<StoragePath>) async throws(StorageError)

    /// After it returns, everything that is seen of the tree now survives a crash, and what is seen to be gone stays away: for
    /// who relies on what nobody knows to have come to its end, a process that died in the middle of it for one. Costs
    /// writing out all that the medium has pending, of others too.
    func settleAll() async throws(StorageError)

    /// After it returns, these files, which are there, survive a crash with their content: for who relies on what somebody
    /// else may have put there a moment ago. Costs next to nothing where that is known; one that is not there is passed over.
    func preserve(_ files: [StoragePath]) async throws(StorageError)

    /// Removes a file, or a directory with all below it; nothing there is no error.
    func remove(_ path: StoragePath) async throws(StorageError)

    /// Removes as `remove` does, without waiting until that survives a crash: for what does no harm when it is back.
    func discard(_ path: StoragePath) async throws(StorageError)

    /// Removes a directory if nothing is in it; true when it is gone or was not there, false when something is in it. Object
    /// stores, which have none, do nothing. Need not survive a crash: nothing is lost with it either way.
    func removeIfEmpty(_ path: StoragePath) async throws(StorageError) -> Bool

    /// Makes a directory and those above it; one that is there is fine. Object stores, which have none, do nothing.
    func createDirectory(_ path: StoragePath) async throws(StorageError)

    /// The entries of a directory, in byte order of their names; nil when absent or not a directory. Costs memory in
    /// proportion to their number.
    func list(_ path: StoragePath) async throws(StorageError) -> [StorageEntry]?

    /// Opens a directory for reading its entries in parts, in no order: for those too large to hold in memory. Nil when
    /// absent or not a directory. What is added or removed meanwhile may be among them or not.
    func entries(of path: StoragePath) async throws(StorageError) -> (any EntryReader)?

    /// Why a path reads as absent although somebody may have something there, as half a sentence: it, or a place above it, is
    /// a link that leads nowhere, as to a disk that is not mounted, or no directory. Nil where nothing is there indeed. For
    /// who would take absence for a deletion. Costs a look at each place from the path up to the first that is there.
    ///
    /// - Parameter isDirectory: whether a directory is looked for, which a file there hides.
    func obstruction(of path: StoragePath, isDirectory: Bool) async throws(StorageError) -> String?
}

extension StorageDriver {
    /// Puts one small file in place.
    package func write(_ path: StoragePath, _ bytes: [UInt8]) async throws(StorageError) {
        try await write([[FileContent(path, bytes)]])
    }

    package func relocate(_ source: StoragePath, to target: StoragePath) async throws(StorageError) {
        try await move(source, to: target)
    }

    package func settle(_ directories: Set<StoragePath>) async throws(StorageError) {}

    package func settleAll() async throws(StorageError) {}

    package func preserve(_ files: [StoragePath]) async throws(StorageError) {}

    package func discard(_ path: StoragePath) async throws(StorageError) { try await remove(path) }

    package func entries(of path: StoragePath) async throws(StorageError) -> (any EntryReader)? {
        try await list(path).map(ListedEntries.init)
    }

    package func obstruction(of path: StoragePath, isDirectory: Bool) async throws(StorageError) -> String? { nil }

    /// A whole small file; nil when absent. Throws `tooLarge` above `limit` bytes.
    package func read(_ path: StoragePath, limit: Int) async throws(StorageError) -> [UInt8]? {
        guard let reader = try await open(path) else { return nil }
        guard reader.size <= Int64(limit) else { throw .tooLarge(path: path, limit: limit) }
        return try await reader.read(at: 0, count: Int(reader.size))
    }
}

/// What reading can do without waiting for anything but the local machine: a driver that has it lets a request be
/// answered on the event loop. Same meanings as the calls of `StorageDriver` without `Now`.
package protocol ImmediateStorage: StorageDriver {
    func statNow(_ path: StoragePath) throws(StorageError) -> FileStatus?
    func readNow(_ path: StoragePath, limit: Int) throws(StorageError) -> [UInt8]?
    func openNow(_ path: StoragePath) throws(StorageError) -> (any BlobReader)?
    func obstructionNow(of path: StoragePath, isDirectory: Bool) -> String?

    /// Room on the medium; nil when the question has no answer.
    var capacity: (bytesFree: Int64, bytesTotal: Int64)? { get }
}

extension ImmediateStorage {
    package func obstruction(of path: StoragePath, isDirectory: Bool) async throws(StorageError) -> String? {
        obstructionNow(of: path, isDirectory: isDirectory)
    }
}

/// A small file as it is to be.
package struct FileContent: Sendable, Equatable {
    package var path: StoragePath
    package var bytes: [UInt8]

    package init(_ path: StoragePath, _ bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}

package struct FileStatus: Sendable, Equatable {
    /// Bytes; 0 for a directory.
    package var size: Int64
    package var isDirectory: Bool
    /// Seconds since 1970 of the last change to the content; now where the medium says a time that is still to come.
    package var modified: Int64
    /// The medium says a time that is still to come, by more than clocks differ: nobody knows when it was.
    package var isTimeWrong = false
    /// Bytes that the content takes on the medium, which is less than `size` where it has holes, more where the medium
    /// counts in blocks; 0 for a directory.
    package var allocated: Int64
    /// The place is a link, and this is what it leads to.
    package var isLink = false
    /// The same for two paths that lead to the same file or directory; nil where the medium cannot say.
    package var identity: FileIdentity?
    /// Another number than before says that somebody may have written to the file since, replaced it or changed who may read
    /// it, as finely as the medium can tell. What has the number that it had need not be read again.
    package var version: Int64

    /// Seconds from 1970 beyond which no time is told, in either direction: 34,000 years. A medium can hold any, and what is
    /// added to it must not leave the type.
    private static let timeMax: Int64 = 1 << 40

    /// - Parameters:
    ///   - allocated: nil where the medium does not say: as many as the content has.
    ///   - version: nil where the medium knows nothing finer than `modified`.
    package init(
        size: Int64, isDirectory: Bool, modified: Int64, allocated: Int64? = nil, version: Int64? = nil
    ) {
        self.version = version ?? modified
        self.size = max(0, size)
        self.isDirectory = isDirectory
        self.modified = min(max(modified, -Self.timeMax), Self.timeMax)
        self.allocated = isDirectory ? 0 : max(0, allocated ?? size)
    }
}

/// What tells files of the machine apart, whatever they are called.
package struct FileIdentity: Sendable, Hashable {
    var device: UInt64
    var number: UInt64
}

package struct StorageEntry: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case file, directory
        /// A pipe, a socket or a device.
        case special
        /// A link to nothing, or to itself.
        case deadLink
        /// What it is cannot be told, or its name is no text and cannot be asked for; the reason as half a sentence.
        case unreachable(String)
    }

    package var name: String
    package var kind: Kind
    /// It is a link, and `kind` says what it leads to.
    package var isLink: Bool

    package var isDirectory: Bool { kind == .directory }

    /// Why it cannot be asked for by its path, or nothing is there, as half a sentence; nil where neither is so.
    package var unreachable: String? {
        switch kind {
        case .file, .directory, .special: nil
        case .deadLink: "the link leads nowhere"
        case .unreachable(let reason): reason
        }
    }

    package init(name: String, kind: Kind, isLink: Bool = false) {
        self.name = name
        self.kind = kind
        self.isLink = isLink
    }

    package init(name: String, isDirectory: Bool) { self.init(name: name, kind: isDirectory ? .directory : .file) }
}

/// An open directory. Used by one task at a time.
package protocol EntryReader: AnyObject {
    /// Up to `count` entries that were not given yet; none at the end.
    func next(_ count: Int) async throws(StorageError) -> [StorageEntry]
}

/// A list that was read whole, given in parts.
private final class ListedEntries: EntryReader {
    private var rest: ArraySlice<StorageEntry>

    init(_ entries: [StorageEntry]) { rest = entries[...] }

    func next(_ count: Int) async throws(StorageError) -> [StorageEntry] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}

/// An open file. Stays readable when its path is moved or removed; closed when the last reference goes.
package protocol BlobReader: AnyObject, Sendable {
    /// Bytes, as they were when it was opened.
    var size: Int64 { get }

    /// Up to `count` bytes from `offset`; fewer only at the end of the file, none beyond it.
    func read(at offset: Int64, count: Int) async throws(StorageError) -> [UInt8]

    /// A file descriptor for `sendfile(2)` and `pread(2)`, valid while the reader lives and owned by it; nil where the
    /// bytes are not in a local file.
    var descriptor: CInt? { get }
}

/// A file that grows at its end. Used by one task at a time; not durable until `synchronize`.
package protocol BlobWriter: AnyObject {
    /// Bytes in the file, the appended ones included.
    var offset: Int64 { get }

    /// Takes the bytes, to the file or to a bounded buffer that `flush` empties. Never waits for a network.
    func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError)

    /// Takes back what was appended beyond `length`, which is at most `offset`; appending goes on from there. Survives a
    /// crash only once it is synchronised.
    func truncate(to length: Int64) async throws(StorageError)

    /// Gives the medium what `append` has buffered, if there is enough of it to be worth a call. Call it between appends.
    func flush() async throws(StorageError)

    /// After it returns, what was appended survives a crash, and so does the file itself.
    ///
    /// When it throws, nobody knows what of the file is on the medium, and asking again does not tell: a system forgets
    /// the failure with the first report. The content is to be thrown away.
    func synchronize() async throws(StorageError)

    /// Releases the file; what was not synchronised may be lost. A second call does nothing.
    func close()
}
