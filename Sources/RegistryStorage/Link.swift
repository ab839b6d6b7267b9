package import OCI

/// What a link file says.
package enum Link: Sendable, Equatable {
    /// No such file.
    case absent
    /// The digest it names, which need not be the one in its path: distribution writes aliases from sha512 to sha256.
    case digest(Digest)
    /// It is there and cannot be a link: empty, garbage, a directory; or what is above it leads nowhere. Served as absent,
    /// reported by name.
    case damaged(reason: String)

    package var digest: Digest? {
        if case .digest(let digest) = self { digest } else { nil }
    }

    /// Reads the content of a link file; nil is an absent one.
    package init(content: [UInt8]?) {
        guard let content else { self = .absent; return }
        guard !content.isEmpty else { self = .damaged(reason: "the link is empty"); return }
        do throws(OCIError) {
            self = .digest(try Digest(String(decoding: content, as: UTF8.self)))
        } catch {
            self = .damaged(reason: "the link holds no digest")
        }
    }

    /// The content to write for a link to `digest`.
    package static func content(_ digest: Digest) -> [UInt8] { Array(digest.description.utf8) }
}

extension StorageDriver {
    /// Reads a link file. Damage is a value here, not an error; only a failing medium throws.
    package func link(at path: StoragePath) async throws(StorageError) -> Link {
        do throws(StorageError) {
            if let content = try await read(path, limit: Layout.linkBytesMax) { return Link(content: content) }
        } catch {
            return try Link(damage: error)
        }
        return obstruction(of: path, isDirectory: false).map { .damaged(reason: $0) } ?? .absent
    }
}

extension ImmediateStorage {
    /// The same on the calling thread; absent is also what only cannot be seen, see `StorageDriver.obstruction`.
    package func linkNow(at path: StoragePath) throws(StorageError) -> Link {
        do throws(StorageError) {
            return Link(content: try readNow(path, limit: Layout.linkBytesMax))
        } catch {
            return try Link(damage: error)
        }
    }
}

extension Link {
    /// A file too large or of the wrong kind is damage; anything else stays an error.
    fileprivate init(damage error: StorageError) throws(StorageError) {
        switch error {
        case .tooLarge: self = .damaged(reason: "the link is too long")
        case .system(_, _, let code) where code == StorageError.isDirectoryCode:
            self = .damaged(reason: "a directory stands where the link should be")
        case .system where error.isNoFile: self = .damaged(reason: "what stands there is no file")
        default: throw error
        }
    }
}
