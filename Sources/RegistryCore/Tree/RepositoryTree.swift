package import OCI
package import RegistryStorage

/// What a repository holds by a digest: the link that makes it part of the repository, and the bytes that the link leads to.
package struct HeldContent: Sendable, Equatable {
    package var link: StoragePath
    /// The digest that the bytes lie under: another than was asked for where the link is an alias.
    package var target: Digest
    /// Bytes in the file.
    package var size: Int64
}

/// The one answer to "does the repository hold it, and where are its bytes", as the tree says.
///
/// A look is a sequence of questions to the storage. Here it is decided what to ask next and what the answers mean; who
/// waits for the storage and who does not differ in nothing but the call.
package struct RepositoryTree: Sendable {
    /// How a repository refers to content.
    package enum Kind: Sendable {
        case layer
        case manifest
    }

    private enum Step {
        case link(StoragePath)
        case bytes(StoragePath, Digest)
        case known(HeldContent?)
    }

    private struct Look {
        let kind: Kind
        let digest: Digest
        private(set) var step: Step

        init(_ kind: Kind, _ digest: Digest, in name: RepositoryName) {
            self.kind = kind
            self.digest = digest
            switch kind {
            case .layer: step = .link(Layout.layerLink(digest, in: name))
            case .manifest: step = .link(Layout.revisionLink(digest, in: name))
            }
        }

        mutating func found(_ link: Link, at path: StoragePath) {
            guard let target = link.digest else { return step = .known(nil) }
            // Only layers have aliases: distribution writes one where a blob was committed by another algorithm.
            guard kind == .layer || target == digest else { return step = .known(nil) }
            step = .bytes(path, target)
        }

        mutating func found(_ file: FileStatus?, of target: Digest, through link: StoragePath) {
            guard let file, !file.isDirectory, RepositoryTree.canBe(target, size: file.size) else {
                return step = .known(nil)
            }
            step = .known(HeldContent(link: link, target: target, size: file.size))
        }
    }

    package let storage: any StorageDriver

    /// False for what a power cut leaves most often, and is seen without reading: an empty file of a digest that is not that
    /// of nothing.
    package static func canBe(_ digest: Digest, size: Int64) -> Bool {
        size > 0 || digest == Digest.of([], digest.algorithm)
    }

    /// Nil when the repository does not hold it, or what it has is damaged.
    package func look(_ kind: Kind, _ digest: Digest, in name: RepositoryName) async throws(RegistryError)
        -> HeldContent?
    {
        var look = Look(kind, digest, in: name)
        while true {
            switch look.step {
            case .link(let path): look.found(try await stored { try await storage.link(at: path) }, at: path)
            case .bytes(let link, let target):
                look.found(
                    try await stored { try await storage.stat(Layout.blobData(target)) }, of: target, through: link)
            case .known(let held): return held
            }
        }
    }

    /// The same without waiting.
    static func lookNow(
        _ kind: Kind, _ digest: Digest, in name: RepositoryName, _ storage: any ImmediateStorage
    ) throws(RegistryError) -> HeldContent? {
        var look = Look(kind, digest, in: name)
        while true {
            switch look.step {
            case .link(let path): look.found(try storedNow { try storage.linkNow(at: path) }, at: path)
            case .bytes(let link, let target):
                look.found(try storedNow { try storage.statNow(Layout.blobData(target)) }, of: target, through: link)
            case .known(let held): return held
            }
        }
    }
}
