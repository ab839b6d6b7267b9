package import OCI
package import RegistryCore

/// What may be done by rules: whoever is named may do these things in these repositories, and nothing else.
package struct AccessRules: AccessDecision {
    package struct Rule: Sendable {
        /// Nil for everybody.
        var user: String?
        var actions: Set<Access.Action>
        /// Whole names, or what they begin with before a `*`; nil for the registry as a whole.
        var repositories: String?
        /// Nil for all, and for what names none.
        var tags: Set<String>?

        package init(
            user: String? = nil, _ actions: Set<Access.Action>, _ repositories: String?, tags: Set<String>? = nil
        ) {
            self.user = user
            self.actions = actions
            self.repositories = repositories
            self.tags = tags
        }

        fileprivate func matches(_ repository: RepositoryName?, _ tag: Tag?) -> Bool {
            guard let repository, let repositories else { return repository == nil && repositories == nil }
            let isNamed =
                repositories.hasSuffix("*")
                ? repository.text.hasPrefix(repositories.dropLast()) : repository.text == repositories
            return isNamed && (tags.map { tags in tag.map { tags.contains($0.text) } ?? false } ?? true)
        }
    }

    package var rules: [Rule]

    package init(_ rules: [Rule]) { self.rules = rules }

    package func allows(
        _ action: Access.Action, _ repository: RepositoryName?, _ tag: Tag?, for client: Client
    ) -> Bool {
        rules.contains { rule in
            rule.actions.contains(action) && (rule.user == nil || rule.user == client.principal.user?.name)
                && rule.matches(repository, tag)
        }
    }
}

extension Access {
    /// Of whoever may do everything.
    package static let test = Access(.test, Everybody())

    /// Of somebody who may do what the rules say.
    package static func test(_ rules: AccessRules.Rule...) -> Access { Access(.test, AccessRules(rules)) }
}
