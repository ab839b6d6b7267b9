package import OCI

/// A tag of a repository.
package struct RepositoryTag: Hashable, Sendable {
    package let name: RepositoryName
    package let tag: Tag

    package init(name: RepositoryName, tag: Tag) {
        self.name = name
        self.tag = tag
    }
}
