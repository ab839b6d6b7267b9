/// A file that grows at its end. Used by one task at a time; not durable until it is synchronised or committed.
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

    /// After it returns, what was appended survives a crash: under the file's own name, or under the one that `commit` gives
    /// it.
    ///
    /// When it throws, nobody knows what of the file is on the medium, and asking again does not tell: a system forgets
    /// the failure with the first report. The content is to be thrown away.
    func synchronize(for purpose: SyncPurpose) async throws(StorageError)

    /// Gives what was synchronised for it another place, whole and at once, replacing a file that is there; then puts files
    /// in place, as `StorageDriver.write` does with its groups: the content is the first of them. When it returns all of it
    /// survives a crash. Nothing is left at the old place, and nothing more may be appended.
    ///
    /// When it throws, the content is whole in one of the two places.
    ///
    /// - Parameter mayGoOn: asked right before each change; what it throws ends the call there, and is thrown.
    func commit(
        to target: StoragePath, then groups: [[FileContent]], _ mayGoOn: () throws -> Void
    ) async throws

    /// Releases the file; what was not synchronised may be lost. A second call does nothing.
    func close()
}

/// What the content of a file that grows is made durable for.
package enum SyncPurpose: Sendable {
    /// Somebody is to go on with it, by its name; and with files that were put beside it before anything was written to it.
    case goingOn(beside: [StoragePath])
    /// It is to be committed to another place: its name need not last.
    case commit
}
