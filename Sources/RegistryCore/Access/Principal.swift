/// Who somebody is, as far as that is known.
package enum Principal: Sendable, Hashable {
    case anonymous
    /// Behind a reference, so that whoever carries an anonymous one pays for no name.
    indirect case user(User)

    /// Somebody with a name. Texts are as whoever vouches for them wrote them; whoever shows them strips controls.
    package struct User: Sendable, Hashable, Codable {
        package var name: String
        /// Groups that the user is in; empty where nothing is known of them.
        package var groups: [String]
        package var knownBy: Evidence

        package init(name: String, groups: [String] = [], knownBy: Evidence) {
            self.name = name
            self.groups = groups
            self.knownBy = knownBy
        }
    }

    /// What a user has shown.
    package enum Evidence: String, Sendable, Codable, CaseIterable {
        case password
        case token
        case certificate
    }

    /// Nil for an anonymous one.
    package var user: User? { if case .user(let user) = self { user } else { nil } }
}
