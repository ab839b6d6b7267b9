package import OCI

/// Who asks, and what they may do. Made once for each request; every verb that somebody outside can call takes one, asks it
/// before it looks at the tree, and leaves out of its lists what it does not let see.
package struct Access: Sendable {
    /// What may be done in a repository, or with the registry as a whole.
    package enum Action: Sendable, CaseIterable {
        /// Read what a repository holds: manifests, blobs, the names of its tags, what is about a manifest.
        case pull
        /// Add to a repository: blobs, manifests, new tags.
        case push
        /// Take tags, manifests and blobs out of a repository.
        case delete
        /// Point a tag that is there at something else.
        case retag
        /// Be told that there is such a repository.
        case list
        /// Sweep, check, repair, and all else that is done to the registry as a whole. Asked of no repository.
        case administer
    }

    package let client: Client
    private let decision: any AccessDecision

    package init(_ client: Client, _ decision: any AccessDecision) {
        self.client = client
        self.decision = decision
    }

    /// - Parameters:
    ///   - repository: nil for the registry as a whole.
    ///   - tag: nil where none is named; what is done by digest is asked so.
    package func may(_ action: Action, _ repository: RepositoryName?, _ tag: Tag? = nil) -> Bool {
        decision.allows(action, repository, tag, for: client)
    }

    /// Throws `denied` for what may not be done. The error says what was asked for and nothing of what is there.
    package func require(
        _ action: Action, _ repository: RepositoryName?, _ tag: Tag? = nil
    ) throws(RegistryError) {
        guard may(action, repository, tag) else { throw .denied(action, repository, tag) }
    }
}

/// What decides. Asked on event loops, on the way of every request and once for each entry of a list: an answer waits for
/// nothing, and is the same for as long as the access lives.
package protocol AccessDecision: Sendable {
    /// - Parameters:
    ///   - repository: nil for the registry as a whole.
    ///   - tag: nil where none is named.
    func allows(_ action: Access.Action, _ repository: RepositoryName?, _ tag: Tag?, for client: Client) -> Bool
}

/// Everybody may do everything. Its answer costs a call, and nothing is kept or made for it.
package struct Everybody: AccessDecision {
    package init() {}

    package func allows(
        _ action: Access.Action, _ repository: RepositoryName?, _ tag: Tag?, for client: Client
    ) -> Bool { true }
}

/// The accesses of those who come by no wire: whoever is at the terminal or may open the control socket, and the registry
/// itself.
extension Access {
    package static let cockpit = Access(.cockpit, Everybody())
    package static let commandLine = Access(.commandLine, Everybody())
    package static let schedule = Access(.schedule, Everybody())
    package static let reconciler = Access(.reconciler, Everybody())
}
