package import OCI

/// What a client was told, or told us, of content that is not referenced yet. Times are seconds since 1970.
package enum PromiseChange: Sendable {
    /// A client was told that a repository holds it, and sends no bytes.
    case given(Digest, in: RepositoryName, at: Int64)
    /// The manifest has come: what was promised in its repository is kept.
    case kept(Set<Digest>, in: RepositoryName)
    /// A push was refused because some of these are missing: whatever the grace, they are spared now until the client has had
    /// time to send them again. Without it a client could lose every race against sweeps that never rest.
    case awaited(Set<Digest>, in: RepositoryName, at: Int64)
}

/// What stands of a digest, in seconds since 1970; 0 where nothing does.
package struct Promised: Sendable, Equatable {
    /// When a client was last told that it is here.
    package var given: Int64 = 0
    /// Until when a push that was refused is waited for.
    package var awaited: Int64 = 0

    package init(given: Int64 = 0, awaited: Int64 = 0) {
        self.given = given
        self.awaited = awaited
    }
}

/// What stands of all digests, in seconds since 1970.
package struct PromisesMade: Sendable {
    /// When each was given last, in each repository: a manifest of one makes good what was promised there and nowhere else.
    package var given: [Digest: [RepositoryName: Int64]] = [:]
    /// Until when.
    package var awaited: [Digest: Int64] = [:]

    package init() {}

    package func promised(_ digest: Digest) -> Promised {
        Promised(given: given[digest]?.values.max() ?? 0, awaited: awaited[digest] ?? 0)
    }
}
