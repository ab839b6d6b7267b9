import OCI

/// A tag of a repository.
struct RepositoryTag: Hashable, Sendable {
    let name: RepositoryName
    let tag: Tag
}
