package import OCI

/// What is held: by who changes it or relies on it, against who would take it away meanwhile.
///
/// Their order is the one in which they are taken.
package enum HoldKey: Hashable, Sendable {
    /// What takes things out of the tree or puts them back: one at a time.
    case sweep
    /// The making of plans: one is held in memory at a time. It only saves work.
    case planning
    /// The comparison of the index with the tree: two would do the same work twice. It only saves work.
    case comparison
    /// A session that one request, or who removes it, has alone.
    case upload(UploadID)
    case digest(Digest)
    case tag(Tag, RepositoryName)
    /// Shared by who makes directories of a repository that have to stay while they are empty.
    case repository(RepositoryName)
}

extension HoldKey: Comparable {
    private var rank: Int {
        switch self {
        case .sweep: 0
        case .planning: 1
        case .comparison: 2
        case .upload: 3
        case .digest: 4
        case .tag: 5
        case .repository: 6
        }
    }

    package static func < (left: HoldKey, right: HoldKey) -> Bool {
        switch (left, right) {
        case (.upload(let left), .upload(let right)): left.text < right.text
        case (.digest(let left), .digest(let right)): left < right
        case (.tag(let leftTag, let leftName), .tag(let rightTag, let rightName)):
            (leftName, leftTag) < (rightName, rightTag)
        case (.repository(let left), .repository(let right)): left < right
        default: left.rank < right.rank
        }
    }
}

extension Set<HoldKey> {
    package static func digests(_ digests: some Sequence<Digest>) -> Self { Set(digests.lazy.map(HoldKey.digest)) }

    package static func tags(_ tags: some Sequence<Tag>, in name: RepositoryName) -> Self {
        Set(tags.lazy.map { .tag($0, name) })
    }
}

/// Keys that are held until the value's life ends, at the end of the block or with the object that has it.
///
/// It may be lost before, where others are asked over a network: who changes the tree under it asks `confirm` right before.
package struct Hold: ~Copyable, Sendable {
    package enum Kind: Sendable {
        /// Many have it: they rely on what is there.
        case shared
        /// One has it, who may take it away.
        case exclusive
    }

    package let keys: Set<HoldKey>
    package let kind: Kind
    private let keeper: any HoldKeeper

    package init(_ keys: Set<HoldKey>, _ kind: Kind, keptBy keeper: any HoldKeeper) {
        self.keys = keys
        self.kind = kind
        self.keeper = keeper
    }

    /// Those of its keys that are digests.
    package borrowing func digests() -> Set<Digest> {
        Set(keys.compactMap { if case .digest(let digest) = $0 { digest } else { nil } })
    }

    /// - Throws: `notHeld` when it was lost, and others may have what it was for.
    package borrowing func confirm() throws(RegistryError) { try keeper.confirm(keys, kind) }

    /// For asking after it where it cannot be taken along.
    package borrowing func watch() -> HoldWatch { HoldWatch(keys: keys, kind: kind, keeper: keeper) }

    deinit { keeper.release(keys, kind) }
}

/// Asks after a hold that somebody else has. It means nothing once that one has let go of it.
package struct HoldWatch: Sendable {
    fileprivate let keys: Set<HoldKey>
    fileprivate let kind: Hold.Kind
    fileprivate let keeper: any HoldKeeper

    /// - Throws: `notHeld` when it was lost.
    package func confirm() throws(RegistryError) { try keeper.confirm(keys, kind) }
}

/// Who gave a hold and takes it back.
package protocol HoldKeeper: Sendable {
    func confirm(_ keys: Set<HoldKey>, _ kind: Hold.Kind) throws(RegistryError)
    func release(_ keys: Set<HoldKey>, _ kind: Hold.Kind)
}
