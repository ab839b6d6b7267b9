/// What the storage says of a file or a directory without reading it.
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
