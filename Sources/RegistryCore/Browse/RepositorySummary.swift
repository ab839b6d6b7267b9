package import Foundation
package import OCI

/// One repository as a list shows it. Sizes count each blob once.
package struct RepositorySummary: Sendable, Equatable {
    package var name: RepositoryName
    package var tagCount: Int
    /// Manifests and indexes, tagged or not.
    package var manifestCount: Int
    /// Bytes of every blob the repository holds: layers, configs and manifests.
    package var bytes: Int64
    /// The part of `bytes` that no other repository holds.
    package var bytesUnique: Int64
    /// Nil when nothing was pushed since the index knows it.
    package var lastPush: Date?
    /// Nil when nothing was pulled while this process ran.
    package var lastPull: Date?

    package init(
        name: RepositoryName, tagCount: Int, manifestCount: Int, bytes: Int64, bytesUnique: Int64,
        lastPush: Date? = nil, lastPull: Date? = nil
    ) {
        self.name = name
        self.tagCount = tagCount
        self.manifestCount = manifestCount
        self.bytes = bytes
        self.bytesUnique = bytesUnique
        self.lastPush = lastPush
        self.lastPull = lastPull
    }
}

/// What a list of the repositories has to change to be up to date.
package struct RepositoryChanges: Sendable, Equatable {
    /// ``changed`` is the whole list, and begins it anew.
    package var isWhole: Bool
    /// In byte order of the names.
    package var changed: [RepositorySummary]
    /// Those that hold nothing any more.
    package var gone: [RepositoryName]
    /// The moment of this state: what changes later is asked for with it.
    package var mark: Int64

    package init(isWhole: Bool = true, changed: [RepositorySummary], gone: [RepositoryName] = [], mark: Int64 = 0) {
        self.isWhole = isWhole
        self.changed = changed
        self.gone = gone
        self.mark = mark
    }
}
