package import OCI
package import RegistryStorage

/// What the tree says that a repository holds by a digest.
package enum Holding: Sendable {
    /// It holds it, and this is where its bytes are.
    case held(HeldContent)
    /// Nothing says that the repository should have it.
    case absent
    /// Something says so, and it cannot be had.
    case damaged(HoldingDamage)

    /// Nil for what is absent or damaged.
    package var content: HeldContent? { if case .held(let content) = self { content } else { nil } }
}

/// What a repository holds by a digest: the link that makes it part of the repository, and the bytes that the link leads to.
package struct HeldContent: Sendable {
    package var link: StoragePath
    /// The digest that the bytes lie under: another than was asked for where the link is an alias.
    package var target: Digest
    /// Bytes in the file.
    package var size: Int64
    /// Nil unless the bytes were to be opened.
    package var reader: (any BlobReader)?
}

/// What is not as it should be about something that a repository holds.
package struct HoldingDamage: Sendable, Equatable {
    /// The link, or the file of the bytes.
    package var path: StoragePath
    /// As half a sentence.
    package var reason: String
    /// The digest whose bytes are missing, or are none; nil where the link is damaged.
    package var target: Digest?
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

    /// What is to be known of the bytes.
    package enum Depth: Sendable {
        /// That they are there: one look at the file.
        case size
        /// The file is opened: it stays readable whatever becomes of its name.
        case reader
    }

    package let storage: any StorageDriver

    /// False for what a power cut leaves most often, and is seen without reading: an empty file of a digest that is not that
    /// of nothing.
    package static func canBe(_ digest: Digest, size: Int64) -> Bool {
        size > 0 || digest == Digest.of([], digest.algorithm)
    }

    package func look(
        _ kind: Kind, _ digest: Digest, in name: RepositoryName, _ depth: Depth = .size
    ) async throws(RegistryError) -> Holding {
        var look = RepositoryLook(kind, digest, in: name, depth)
        while true {
            switch look.question {
            case .link(let path): look.found(try await stored { try await storage.link(at: path) })
            case .size(let path):
                let file = try await stored { try await storage.stat(path) }
                look.found(file.map { .init(size: $0.size, isFile: !$0.isDirectory) })
            case .reader(let path):
                look.found(
                    try await RepositoryLook.opened { () async throws(RegistryError) in
                        try await stored { try await storage.open(path) }
                    })
            case .none(let holding): return holding
            }
        }
    }

    /// The same without waiting.
    ///
    /// - Parameter target: what the link says, where that is known; nil to have it read.
    static func lookNow(
        _ kind: Kind, _ digest: Digest, in name: RepositoryName, _ depth: Depth = .size, linked target: Digest? = nil,
        on storage: any ImmediateStorage
    ) throws(RegistryError) -> Holding {
        var look = RepositoryLook(kind, digest, in: name, depth)
        if let target { look.found(.digest(target)) }
        while true {
            switch look.question {
            case .link(let path): look.found(try storedNow { try storage.linkNow(at: path) })
            case .size(let path):
                let file = try storedNow { try storage.statNow(path) }
                look.found(file.map { .init(size: $0.size, isFile: !$0.isDirectory) })
            case .reader(let path):
                look.found(
                    try RepositoryLook.opened { () throws(RegistryError) in try storedNow { try storage.openNow(path) }
                    })
            case .none(let holding): return holding
            }
        }
    }
}
