package import RegistryIndex

/// The one place after a commit. The tree is as it should be; now the index follows, lists are said to be old, and what has
/// happened is told, in this order.
extension Ground {
    /// - Parameters:
    ///   - actions: told in this order.
    ///   - change: what has happened, to the index, as one transaction. When it fails, nothing is told, the index counts as
    ///     behind the tree, and the caller's client hears of it; the tree stays as it is.
    package func committed(
        _ actions: [RegistryEvent.Action], by client: Client, _ change: (IndexChange) throws -> Void
    ) throws(RegistryError) {
        try committed(change)
        for action in actions { publish(action, by: client) }
    }

    /// The same where nothing is told of it, for it is a part of something that will be.
    package func committed(_ change: (IndexChange) throws -> Void) throws(RegistryError) {
        try indexed { try index.write(change) }
        changed()
    }
}
