import OCI
import RegistryStorage

/// What is to be asked of the storage next to know what a repository holds by a digest, and what its answers mean.
struct RepositoryLook {
    enum Question {
        /// What this link says.
        case link(StoragePath)
        /// Whether this file is there.
        case size(StoragePath)
        /// The same, to be opened.
        case reader(StoragePath)
        /// It is known.
        case none(Holding)
    }

    /// What stands where bytes should be.
    struct Found {
        var size: Int64
        var isFile: Bool
        var reader: (any BlobReader)?
    }

    private enum State {
        case asksForLink
        case asksForBytes(Digest)
        /// The bytes are not as they should be. A sweep takes the link before them: it may have gone meanwhile.
        case asksWhetherLinkStays(HoldingDamage)
        case knows(Holding)
    }

    private let kind: RepositoryTree.Kind
    private let digest: Digest
    private let depth: RepositoryTree.Depth
    private let link: StoragePath
    private var state = State.asksForLink

    init(
        _ kind: RepositoryTree.Kind, _ digest: Digest, in name: RepositoryName, _ depth: RepositoryTree.Depth
    ) {
        (self.kind, self.digest, self.depth) = (kind, digest, depth)
        link =
            switch kind {
            case .layer: Layout.layerLink(digest, in: name)
            case .manifest: Layout.revisionLink(digest, in: name)
            }
    }

    var question: Question {
        switch state {
        case .asksForLink, .asksWhetherLinkStays: .link(link)
        case .asksForBytes(let target):
            switch depth {
            case .size: .size(Layout.blobData(target))
            case .reader: .reader(Layout.blobData(target))
            }
        case .knows(let holding): .none(holding)
        }
    }

    /// The answer to `link`.
    mutating func found(_ found: Link) {
        if case .asksWhetherLinkStays(let damage) = state {
            state = .knows(found.digest == damage.target ? .damaged(damage) : .absent)
            return
        }
        switch found {
        case .absent: state = .knows(.absent)
        case .damaged(let reason): state = .knows(.damaged(HoldingDamage(path: link, reason: reason)))
        case .digest(let target):
            // Only layers have aliases: distribution writes one where a blob was committed by another algorithm.
            let isPossible = kind == .layer || target == digest
            state =
                isPossible
                ? .asksForBytes(target)
                : .knows(.damaged(HoldingDamage(path: link, reason: "the link points at another digest")))
        }
    }

    /// The answer to `size` and `reader`; nil for nothing.
    mutating func found(_ found: Found?) {
        guard case .asksForBytes(let target) = state else { return }
        if let found, found.isFile, RepositoryTree.canBe(target, size: found.size) {
            state = .knows(
                .held(HeldContent(link: link, target: target, size: found.size, reader: found.reader)))
            return
        }
        let reason = found == nil ? "the bytes that the link leads to are missing" : "the file is empty, or none"
        state = .asksWhetherLinkStays(
            HoldingDamage(path: Layout.blobData(target), reason: reason, target: target))
    }

    // MARK: Opening

    /// What an attempt to open a file says; something else than a file is no failure of the medium.
    static func opened(_ open: () throws(RegistryError) -> (any BlobReader)?) throws(RegistryError) -> Found? {
        do throws(RegistryError) { return try open().map(Found.init) } catch { return try Found(noFile: error) }
    }

    /// The same with waiting.
    static func opened(
        _ open: () async throws(RegistryError) -> (any BlobReader)?
    ) async throws(RegistryError) -> Found? {
        do throws(RegistryError) { return try await open().map(Found.init) } catch { return try Found(noFile: error) }
    }
}

extension RepositoryLook.Found {
    fileprivate init(_ reader: any BlobReader) { self.init(size: reader.size, isFile: true, reader: reader) }

    fileprivate init(noFile error: RegistryError) throws(RegistryError) {
        guard case .storage(let failure) = error, failure.isNoFile else { throw error }
        self.init(size: 0, isFile: false)
    }
}
