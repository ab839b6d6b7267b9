import Glibc

/// Why the storage could not do what it was asked. Absence is never an error: it is nil.
package enum StorageError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A system call failed; `code` is its errno.
    case system(operation: String, path: StoragePath, code: CInt)
    /// A file that is read whole is larger than the caller can take; `limit` in bytes.
    case tooLarge(path: StoragePath, limit: Int)
    /// A writer was opened at an offset that is not the file's length.
    case wrongOffset(path: StoragePath, expected: Int64, actual: Int64)
    /// The root cannot be used at all; the text says what to do.
    case unusableRoot(String)

    /// The disk is full or a quota is used up: the client may try again later, and nothing was kept.
    package var isOutOfSpace: Bool {
        if case .system(_, _, let code) = self { code == ENOSPC || code == EDQUOT } else { false }
    }

    /// Another process writes to it at present.
    package var isInUse: Bool { if case .system("lock", _, EWOULDBLOCK) = self { true } else { false } }

    /// What was to be written to is not there.
    package var isAbsence: Bool { if case .system(_, _, ENOENT) = self { true } else { false } }

    /// What was to be renamed would have to be copied: its new place is on another file system.
    package var isOfOtherMedium: Bool {
        if case .system(_, _, let code) = self { code == EXDEV } else { false }
    }

    /// It says something of this one file or directory, such as a bad sector, missing rights, a mount that is
    /// dead or something that is no file, and nothing of others.
    package var isOfOnePlace: Bool {
        guard case .system(_, _, let code) = self else { return false }
        return [
            EIO, EACCES, EPERM, ELOOP, EISDIR, EBADMSG, EUCLEAN, EINVAL, ENXIO, ENODEV, ESTALE, ENOTCONN, EREMOTEIO,
        ].contains(code)
    }

    /// What it is about; nil for the root as a whole.
    package var path: StoragePath? {
        switch self {
        case .system(_, let path, _), .tooLarge(let path, _), .wrongOffset(let path, _, _): path
        case .unusableRoot: nil
        }
    }

    /// The reason alone, without the place.
    package var cause: String {
        if case .system(let operation, _, let code) = self {
            "\(operation): \(Self.text(of: code))"
        } else {
            description
        }
    }

    /// Something else stands where a file should: a directory, a pipe. That is no failure of the medium.
    package var isNoFile: Bool {
        if case .system("open", _, let code) = self { code == EISDIR || code == EINVAL } else { false }
    }

    package var description: String {
        switch self {
        case .system(let operation, let path, let code): "\(operation) \(path): \(Self.text(of: code))"
        case .tooLarge(let path, let limit): "\(path) is larger than \(limit) bytes"
        case .wrongOffset(let path, let expected, let actual): "\(path) holds \(actual) bytes, not \(expected)"
        case .unusableRoot(let reason): reason
        }
    }

    /// The errno that says "this is a directory".
    package static var isDirectoryCode: CInt { EISDIR }

    /// The system's words for an errno.
    package static func text(of code: CInt) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let base = buffer.baseAddress, strerror_r(code, base, buffer.count) == 0 else {
                return "error \(code)"
            }
            return String(cString: base)
        }
    }
}
