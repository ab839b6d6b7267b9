import OCI

/// The seven screens, each with the number of the key that opens it.
enum Screen: Int, CaseIterable, Sendable {
    case repositories = 1
    case tags, graph, activity, sweep, server, check

    /// The word in breadcrumbs, help and palette.
    var title: String { "\(self)" }
}

/// Where the user is: a screen and what it shows.
enum Place: Hashable, Sendable {
    case repositories
    case tags(RepositoryName)
    case graph(RepositoryName, Reference)
    case activity
    case sweep
    case server
    case check

    var screen: Screen {
        switch self {
        case .repositories: .repositories
        case .tags: .tags
        case .graph: .graph
        case .activity: .activity
        case .sweep: .sweep
        case .server: .server
        case .check: .check
        }
    }

    /// Where `esc` leads; nil at the top.
    var parent: Place? {
        switch self {
        case .repositories: nil
        case .tags, .activity, .sweep, .server, .check: .repositories
        case .graph(let name, _): .tags(name)
        }
    }

    /// The breadcrumbs, outermost first, each with where a click on it leads.
    var crumbs: [(text: String, place: Place)] {
        switch self {
        case .repositories, .activity, .sweep, .server, .check: [(screen.title, self)]
        case .tags(let name): [(name.text, self)]
        case .graph(let name, .tag(let tag)): [(name.text, .tags(name)), (tag.text, self)]
        case .graph(let name, .digest(let digest)): [(name.text, .tags(name)), (digest.short, self)]
        }
    }
}

/// The places visited and the one shown, like a browser's history.
struct Navigation: Sendable {
    /// Places remembered; the oldest go first.
    static let visitsMax = 64

    private var visits: [Place] = [.repositories]
    private var cursor = 0

    var place: Place { visits[cursor] }

    /// The last place of `screen` that was visited before now; nil when none was.
    func latest(_ screen: Screen) -> Place? {
        visits[...cursor].last { $0.screen == screen }
    }

    /// Goes to `place`; what lay ahead in the history is forgotten.
    mutating func open(_ place: Place) {
        guard place != self.place else { return }
        visits.removeSubrange((cursor + 1)...)
        visits.append(place)
        visits.removeFirst(max(0, visits.count - Self.visitsMax))
        cursor = visits.count - 1
    }

    /// Goes one visit back or forth; false at the end of the history.
    mutating func step(_ step: Int) -> Bool {
        guard visits.indices.contains(cursor + step) else { return false }
        cursor += step
        return true
    }
}
