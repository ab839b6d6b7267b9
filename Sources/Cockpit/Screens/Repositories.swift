import Drawing
import Foundation
import OCI
import RegistryCore

/// The home screen: every repository, with what it weighs and what happens to it now.
struct RepositoriesScreen: Sendable {
    enum Sort: CaseIterable, Sendable {
        case name, tags, bytes, unique, pushed

        /// Sizes and times are looked at from the large end.
        var startsDescending: Bool { self != .name }
    }

    /// How long a row stays bold after a push.
    static let flashSeconds = 1.0

    var loaded = Loaded<[RepositorySummary]>()
    var list = RowList<RepositorySummary>()
    var sort = Sort.name
    var isDescending = false
    var marks: Set<RepositoryName> = []
    /// Columns of the longest name in ``list``; names are ASCII.
    private(set) var nameColumns = 0
    /// Until when a row flashes.
    var flashes: [RepositoryName: Date] = [:]

    mutating func arrange(_ all: [RepositorySummary]? = nil, filter: Filter) {
        let (sort, isDescending) = (sort, isDescending)
        list.arrange(all, filter: filter) { left, right in
            let (first, second) = isDescending ? (right, left) : (left, right)
            return switch sort {
            case .name: first.name < second.name
            case .tags: (first.tagCount, left.name) < (second.tagCount, right.name)
            case .bytes: (first.bytes, left.name) < (second.bytes, right.name)
            case .unique: (first.bytesUnique, left.name) < (second.bytesUnique, right.name)
            case .pushed:
                (first.lastPush ?? .distantPast, left.name) < (second.lastPush ?? .distantPast, right.name)
            }
        }
        if let all { nameColumns = all.reduce(0) { max($0, $1.name.text.utf8.count) } }
        if all != nil { marks.formIntersection(list.all.map(\.name)) }
    }

    /// Notes the pushes among `events`; their rows flash.
    mutating func flash(for events: [RegistryEvent], at now: Date) {
        for event in events {
            switch event.action {
            case .manifestPushed(let name, _, _), .blobPushed(let name, _):
                flashes[name] = now.addingTimeInterval(Self.flashSeconds)
            default: break
            }
        }
    }
}

extension RepositorySummary: ListRow {
    var rowID: RepositoryName { name }
    var searchText: String { name.text }
}

extension Model {
    /// The repository that is selected or looked at; nil when there is none.
    var currentRepository: RepositoryName? {
        switch place {
        case .tags(let name), .graph(let name, _): name
        case .repositories, .activity, .sweep, .server, .check: repositories.list.selected?.name
        }
    }

    /// The repositories an action on this screen means: the marked ones, else the selected one.
    var chosenRepositories: [RepositoryName] {
        guard repositories.marks.isEmpty else { return repositories.marks.sorted() }
        return repositories.list.selected.map { [$0.name] } ?? []
    }

    /// Marks or unmarks the selected repository and goes to the next.
    mutating func toggleRepositoryMark() {
        guard let name = repositories.list.selected?.name else { return }
        if repositories.marks.remove(name) == nil { repositories.marks.insert(name) }
        move(by: 1, in: .repositories)
    }

    /// Whether the registry is known to hold nothing.
    var isEmptyStore: Bool { isReconciled && repositories.loaded.value?.isEmpty == true }

    mutating func repositoriesArrived(_ result: Result<[RepositorySummary], Failure>) {
        repositories.loaded.arrived(result)
        repositories.arrange(repositories.loaded.value ?? [], filter: filters[.repositories] ?? Filter())
    }

    mutating func sortRepositories(reversing: Bool) {
        let all = RepositoriesScreen.Sort.allCases
        if reversing {
            repositories.isDescending.toggle()
        } else {
            let index = all.firstIndex(of: repositories.sort) ?? 0
            setRepositorySort(all[(index + 1) % all.count])
        }
        repositories.arrange(filter: filters[.repositories] ?? Filter())
    }

    /// Sorts by `sort`; when it is the order already, reverses it.
    mutating func setRepositorySort(_ sort: RepositoriesScreen.Sort) {
        repositories.isDescending = repositories.sort == sort ? !repositories.isDescending : sort.startsDescending
        repositories.sort = sort
        repositories.arrange(filter: filters[.repositories] ?? Filter())
    }
}
