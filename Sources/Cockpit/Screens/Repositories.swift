import Drawing
import Foundation
package import OCI
package import RegistryCore

/// The home screen: every repository, with what it weighs and what happens to it now.
struct RepositoriesScreen: Sendable {
    enum Sort: CaseIterable, Sendable {
        case name, tags, bytes, unique, pushed

        /// Sizes and times are looked at from the large end.
        var startsDescending: Bool { self != .name }
    }

    /// How long a row stays bold after a push.
    static let flashSeconds = 1.0

    /// The moment of the list that has arrived.
    var loaded = Loaded<Int64>()
    /// Whether the list is to be read whole, and not what has changed of it.
    var isReadWhole = false
    var list = OrderedList(RepositoryOrder())
    var marks: Set<RepositoryName> = []
    /// Columns of the longest name in ``list``; names are ASCII.
    private(set) var nameColumns = 0
    /// Tags of the repository in ``list`` that has most, or had.
    private(set) var tagsMost = 0
    /// Until when a row flashes.
    var flashes: [RepositoryName: Date] = [:]

    var sort = Sort.name
    var isDescending = false

    mutating func arrange(filter: Filter) { list.arrange(order(filter)) }

    private func order(_ filter: Filter) -> RepositoryOrder {
        RepositoryOrder(filter: filter, sort: sort, isDescending: isDescending)
    }

    /// Takes what has changed. Costs time in proportion to that.
    mutating func take(_ changes: RepositoryChanges, filter: Filter) {
        nameColumns = changes.changed.reduce(changes.isWhole ? 0 : nameColumns) { max($0, $1.name.text.utf8.count) }
        tagsMost = changes.changed.reduce(changes.isWhole ? 0 : tagsMost) { max($0, $1.tagCount) }
        if changes.isWhole {
            list.replace(changes.changed, order(filter))
            if !marks.isEmpty { marks.formIntersection(list.all.map(\.name)) }
        } else {
            list.merge(changes.changed, gone: changes.gone.map(RepositorySummary.init(gone:)))
            marks.subtract(changes.gone)
        }
    }

    mutating func pulled(_ times: [RepositoryName: Date]) {
        list.merge(
            times.compactMap { name, time in
                list.current(RepositorySummary(gone: name)).map {
                    var row = $0
                    row.lastPull = max(row.lastPull ?? time, time)
                    return row
                }
            })
    }

    mutating func clear(filter: Filter) { take(RepositoryChanges(changed: []), filter: filter) }

    /// Notes the pushes among `events`; their rows flash.
    mutating func flash(for events: [RegistryEvent], at now: Date) {
        for event in events {
            switch event.action {
            case .manifestPushed(let name, _, _, _), .blobPushed(let name, _), .tagRolledBack(let name, _, _),
                .tagRestored(let name, _, _):
                flashes[name] = now.addingTimeInterval(Self.flashSeconds)
            default: break
            }
        }
    }
}

extension RepositorySummary: ListRow {
    package var rowID: RepositoryName { name }
    package var searchText: String { name.text }

    /// One of which only the name is known.
    fileprivate init(gone name: RepositoryName) {
        self.init(name: name, tagCount: 0, manifestCount: 0, bytes: 0, bytesUnique: 0)
    }
}

/// How repositories are shown. They arrive in byte order of their names.
package struct RepositoryOrder: RowOrder {
    package var filter = Filter()
    var sort = RepositoriesScreen.Sort.name
    package var isDescending = false

    package var isByArrival: Bool { sort == .name }

    package func key(of row: RepositorySummary) -> Int64 {
        switch sort {
        case .name: 0
        case .tags: Int64(row.tagCount)
        case .bytes: row.bytes
        case .unique: row.bytesUnique
        case .pushed: row.lastPush.sortKey
        }
    }

    package static func arrives(_ first: RepositorySummary, before second: RepositorySummary) -> Bool {
        first.name < second.name
    }
}

extension Date? {
    /// Milliseconds for sorting; what never was comes first.
    var sortKey: Int64 {
        guard let seconds = self?.timeIntervalSince1970 else { return .min }
        return Int64(min(max(seconds, -9e15), 9e15) * 1000)
    }
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
    var isEmptyStore: Bool { isReconciled && repositories.loaded.value != nil && repositories.list.all.isEmpty }

    mutating func repositoriesArrived(_ result: Result<RepositoryChanges, Failure>) {
        repositories.loaded.arrived(result.map(\.mark))
        let filter = filters[.repositories] ?? Filter()
        switch result {
        case .success(let changes): repositories.take(changes, filter: filter)
        case .failure: repositories.clear(filter: filter)
        }
    }

    /// What the list of repositories lacks, as an effect; nil where it is up to `generation` or on its way.
    mutating func wantRepositories(_ generation: UInt64) -> [Effect] {
        guard repositories.loaded.request(for: generation, at: now) else { return [] }
        defer { repositories.isReadWhole = false }
        return [.loadRepositories(since: repositories.isReadWhole ? nil : repositories.loaded.value)]
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
