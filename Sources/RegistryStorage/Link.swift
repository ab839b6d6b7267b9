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
    /// Reads a link file. Damage is a value here, not an error; only a failing medium throws. Costs a look at each place above
    /// one that is absent, for whatever may be in the way.
    package func link(at path: StoragePath) async throws(StorageError) -> Link {
        do throws(StorageError) {
            return Link(content: try await read(path, limit: Layout.linkBytesMax)) {
                obstruction(of: path, isDirectory: false)
            }
        } catch {
            return try Link(damage: error)
        }
    }
}

extension ImmediateStorage {
    /// The same on the calling thread.
    package func linkNow(at path: StoragePath) throws(StorageError) -> Link {
        do throws(StorageError) {
            return Link(content: try readNow(path, limit: Layout.linkBytesMax)) {
                obstructionNow(of: path, isDirectory: false)
            }
        } catch {
            return try Link(damage: error)
        }
    }
}

extension Link {
    /// - Parameter obstruction: what is in the way where nothing was found.
    fileprivate init(content: [UInt8]?, _ obstruction: () -> String?) {
        self.init(content: content)
        if self == .absent, let reason = obstruction() { self = .damaged(reason: reason) }
    }

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
