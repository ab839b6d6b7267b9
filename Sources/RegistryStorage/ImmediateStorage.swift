/// What reading can do without waiting for anything but the local machine: a driver that has it lets a request be
/// answered on the event loop. Same meanings as the calls of `StorageDriver` without `Now`.
package protocol ImmediateStorage: StorageDriver {
    func statNow(_ path: StoragePath) throws(StorageError) -> FileStatus?
    func readNow(_ path: StoragePath, limit: Int) throws(StorageError) -> [UInt8]?
    func openNow(_ path: StoragePath) throws(StorageError) -> (any BlobReader)?

    /// Why a path reads as absent although somebody may have something there, as half a sentence: it, or a place above it, is
    /// a link that leads nowhere, as to a disk that is not mounted, or no directory. Nil where nothing is there indeed. For
    /// who would take absence for a deletion. Costs a look at each place from the path up to the first that is there.
    ///
    /// - Parameter isDirectory: whether a directory is looked for, which a file there hides.
    func obstructionNow(of path: StoragePath, isDirectory: Bool) -> String?

    /// Room on the medium; nil when the question has no answer.
    var capacity: (bytesFree: Int64, bytesTotal: Int64)? { get }
}

extension ImmediateStorage {
    package func stat(_ path: StoragePath) async throws(StorageError) -> FileStatus? { try statNow(path) }

    package func open(_ path: StoragePath) async throws(StorageError) -> (any BlobReader)? { try openNow(path) }
}
