/// Bytes at paths: the one thing the registry asks of a disk, of memory or of an object store.
///
/// Ten verbs, each of which a file system and an object store can keep. Objects have no directories: a directory is there
/// where something is below it, and on a file system also where it was left empty. Absent things read as nil; a thrown error
/// means that the answer is not known.
package protocol StorageDriver: Sendable {
    /// Size and kind of what is there; nil when nothing is. Of an upload that grows, the bytes so far.
    func stat(_ path: StoragePath) async throws(StorageError) -> FileStatus?

    /// Opens a file for reading in parts; nil when absent.
    func open(_ path: StoragePath) async throws(StorageError) -> (any BlobReader)?

    /// Opens a directory for reading its entries in parts, in no order: for those too large to hold in memory. Nil when
    /// absent or not a directory. What is added or removed meanwhile may be among them or not.
    func entries(of path: StoragePath) async throws(StorageError) -> (any EntryReader)?

    /// Puts small files in place, each whole and at once: a reader sees the old content or the new, never a part, and after
    /// a crash the same holds. Makes the directories above.
    ///
    /// With `.lasting`, what is there when it returns survives a crash, and a group comes before the next: wherever a crash
    /// falls, if a file of a group is there, so is everything of the groups before it. Within a group any part may be. When
    /// it throws, the same holds of what is visible. Files in one call cost far less than one by one.
    func write(_ groups: [[FileContent]], _ durability: Durability) async throws(StorageError)

    /// Opens a file for appending at `offset`, which must be its present length; 0 makes it and the directories above.
    /// Throws an error that `isInUse` while another process writes to it, and one that `isAbsence` when it is not there and
    /// `offset` is not 0. It is given up by `remove`, and ends in `BlobWriter.commit`.
    func upload(to path: StoragePath, at offset: Int64) async throws(StorageError) -> any BlobWriter

    /// Removes a file, or a directory with all below it, or an upload; nothing there is no error. True when nothing is there
    /// any more.
    @discardableResult
    func remove(_ path: StoragePath, _ removal: Removal) async throws(StorageError) -> Bool

    /// Takes a file or a directory with all below it out of its place, to the same path below `place`, where it can be read
    /// and from where `restore` puts it back. What an earlier call left there is gone on with: where the same content is, or
    /// the beginning of it, it becomes whole.
    ///
    /// Does not wait until that survives a crash: it is in one of the two places whatever happens, and `settle` of the
    /// directory that it left makes it stay.
    ///
    /// - Parameters:
    ///   - copies: what has to be copied, because the places are on different media, is: durable at the new place before it
    ///     goes from the old one. Without, an error that `isOfOtherMedium` is thrown.
    ///   - mayGoOn: asked right before each change; what it throws ends the call there, and is thrown.
    func retire(
        _ path: StoragePath, into place: StoragePath, copies: Bool, _ mayGoOn: () throws -> Void
    ) async throws -> Relocation

    /// Puts back what was retired. What is at its old path already, byte for byte, or lacks only its end, becomes whole;
    /// nothing is thrown away but what was found to be there. Copies where it has to. Durable as `retire` is.
    func restore(
        _ path: StoragePath, from place: StoragePath, _ mayGoOn: () throws -> Void
    ) async throws -> Relocation

    /// Frees everything that was retired into `place`, for good. From its first change on nothing of it is found there. What a
    /// crash leaves has the name of the place with ``Layout/erasingSuffix`` behind it, and is freed by the same call, with
    /// either name. Nobody waits until it survives a crash: what comes back is erased again.
    ///
    /// - Parameter each: called before each file goes, with where and what it is; what it throws ends the call there, and is
    ///   thrown.
    func erase(_ place: StoragePath, _ each: (StoragePath, FileStatus) async throws -> Void) async throws

    /// After it returns, what it names survives a crash. An object store, which forgets nothing that it has answered, has
    /// nothing to do.
    func settle(_ unsettled: Unsettled) async throws(StorageError)
}

/// Whether a call waits until what it did survives a crash.
package enum Durability: Sendable {
    case lasting
    /// It does no harm when a crash takes it back, or leaves a file of it empty.
    case passing
}

/// How something is removed.
package enum Removal: Sendable {
    /// When it returns a crash does not bring it back.
    case lasting
    /// It does no harm when it is back.
    case passing
    /// Only a directory with nothing in it: false when something is. Nothing is lost with it, so nobody waits.
    case emptyDirectory
}

/// What became of something that was to go from one place to another.
package enum Relocation: Sendable, Equatable {
    case done
    /// There was nothing.
    case absent
    /// Something else is at this path of the place it was to go to; that stays there, and what was to go, or the rest of
    /// it, where it is.
    case differs(StoragePath)
}

/// What a crash may still undo.
package enum Unsettled: Sendable {
    /// These files, with their content, where somebody else may have put them a moment ago. One that is not there is passed
    /// over. Costs next to nothing where they are known to be durable.
    case files([StoragePath])
    /// That something was taken out of these directories.
    case removals(from: Set<StoragePath>)
    /// All that is seen of the tree now, and that is seen to be gone: for who relies on what nobody knows to have come to
    /// its end, a process that died in the middle of it for one. Costs writing out all that the medium has pending, of
    /// others too.
    case everything
}

/// A small file, or an empty directory, as it is to be.
package struct FileContent: Sendable, Equatable {
    package var path: StoragePath
    /// Nil for a directory, which is made if it is not there. Object stores pass it over.
    package var bytes: [UInt8]?

    package init(_ path: StoragePath, _ bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    package static func directory(_ path: StoragePath) -> FileContent {
        var content = FileContent(path, [])
        content.bytes = nil
        return content
    }
}

extension StorageDriver {
    package func write(_ groups: [[FileContent]]) async throws(StorageError) { try await write(groups, .lasting) }

    /// Puts one small file in place.
    package func write(_ path: StoragePath, _ bytes: [UInt8]) async throws(StorageError) {
        try await write([[FileContent(path, bytes)]], .lasting)
    }

    /// A whole small file; nil when absent. Throws `tooLarge` above `limit` bytes.
    package func read(_ path: StoragePath, limit: Int) async throws(StorageError) -> [UInt8]? {
        guard let reader = try await open(path) else { return nil }
        guard reader.size <= Int64(limit) else { throw .tooLarge(path: path, limit: limit) }
        return try await reader.read(at: 0, count: Int(reader.size))
    }

    /// The entries of a directory, in byte order of their names; nil when absent or not a directory. Costs memory in
    /// proportion to their number.
    package func list(_ path: StoragePath) async throws(StorageError) -> [StorageEntry]? {
        guard let reader = try await entries(of: path) else { return nil }
        let entriesAtOnce = 1024
        var found: [StorageEntry] = []
        while case let part = try await reader.next(entriesAtOnce), !part.isEmpty { found += part }
        return found.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// Why a path reads as absent, see ``ImmediateStorage/obstructionNow(of:isDirectory:)``; nil where the medium has nothing
    /// that could be in the way.
    package func obstruction(of path: StoragePath, isDirectory: Bool) -> String? {
        (self as? any ImmediateStorage)?.obstructionNow(of: path, isDirectory: isDirectory)
    }
}
