import Drawing
import Foundation
package import OCI
package import RegistryCore

/// The tags of one repository.
struct TagsScreen: Sendable {
    enum Sort: CaseIterable, Sendable {
        case name, bytes, pushed, pulled

        var startsDescending: Bool { self != .name }
    }

    /// Whose tags ``list`` holds.
    var repository: RepositoryName?
    var list = OrderedList(TagOrder())
    var sort = Sort.name
    var isDescending = false
    var marks: Set<Tag> = []
    /// What is known of the tags of ``list`` together.
    private(set) var facts = TagFacts()

    init(repository: RepositoryName? = nil, sort: Sort = .name, isDescending: Bool = false) {
        self.repository = repository
        self.sort = sort
        self.isDescending = isDescending
    }

    mutating func arrange(filter: Filter) { list.arrange(order(filter)) }

    private func order(_ filter: Filter) -> TagOrder {
        TagOrder(filter: filter, sort: sort, isDescending: isDescending)
    }

    mutating func take(_ listing: TagListing, filter: Filter) {
        facts = listing.facts
        list.replace(listing.tags, order(filter))
        if !marks.isEmpty { marks.formIntersection(list.all.map(\.tag)) }
    }

    mutating func pulled(_ times: [Tag: Date]) {
        guard !times.isEmpty else { return }
        list.merge(
            times.compactMap { tag, time in
                list.current(TagSummary(named: tag)).map {
                    var row = $0
                    row.lastPull = max(row.lastPull ?? time, time)
                    return row
                }
            })
    }

    var nameColumns: Int { facts.nameColumns }
    var namesakes: [Digest: [Tag]] { facts.namesakes }
}

/// The tags of a repository, made ready to be shown. Made by whoever loads them, for it costs a look at each.
package struct TagListing: Sendable, Equatable {
    /// In natural order.
    package let tags: [TagSummary]
    package let mark: Int64
    let facts: TagFacts

    package init(_ list: TagList) {
        tags = NaturalOrder.sorted(list.tags)
        mark = list.mark
        facts = TagFacts(tags)
    }

    static let none = TagListing(TagList([]))
}

/// What is known of the tags of a repository together.
struct TagFacts: Sendable, Equatable {
    /// Columns of the longest name; names are ASCII.
    private(set) var nameColumns = 0
    /// By digest, the first tags that point at it, in order: looked up for each frame that shows one of them.
    private(set) var namesakes: [Digest: [Tag]] = [:]

    init(_ tags: [TagSummary] = []) {
        for row in tags {
            nameColumns = max(nameColumns, row.tag.text.utf8.count + (row.isDamaged ? 2 : 0))
            guard row.sameDigest > 0, namesakes[row.digest]?.count ?? 0 <= TagsScreen.namesakesMax else { continue }
            namesakes[row.digest, default: []].append(row.tag)
        }
    }
}

/// How tags are shown. They arrive in natural order.
package struct TagOrder: RowOrder {
    package var filter = Filter()
    var sort = TagsScreen.Sort.name
    package var isDescending = false

    package var isByArrival: Bool { sort == .name }

    package func key(of row: TagSummary) -> Int64 {
        switch sort {
        case .name: 0
        case .bytes: row.bytes
        case .pushed: row.updated.sortKey
        case .pulled: row.lastPull.sortKey
        }
    }

    package static func arrives(_ first: TagSummary, before second: TagSummary) -> Bool {
        NaturalOrder.precedes(first.tag.text, second.tag.text)
    }
}

extension TagsScreen {
    /// Tags of one digest that are named beside one of them.
    static let namesakesMax = 20
}

extension NaturalOrder {
    /// Costs a look at each where they are in order already.
    static func sorted(_ tags: [TagSummary]) -> [TagSummary] {
        tags.sortedUnlessInOrder { precedes($0.tag.text, $1.tag.text) }
    }
}

extension TagSummary: ListRow {
    package var rowID: Tag { tag }
    package var searchText: String { "\(tag) \(platforms.joined(separator: " ")) \(digest)".lowercased() }

    /// One of which only the name is known.
    fileprivate init(named tag: Tag) {
        self.init(tag: tag, digest: Self.noDigest, mediaType: .octetStream, bytes: 0)
    }

    private static let noDigest = Digest.of([UInt8]())
}

extension Model {
    /// Shows the tags of `name`: what is known of them at once, the rest when it arrives.
    mutating func showTags(of name: RepositoryName) {
        guard tags.repository != name else { return }
        let (sort, isDescending) = (tags.sort, tags.isDescending)
        let list = tags.list.successor(TagOrder())
        tags = TagsScreen(repository: name, sort: sort, isDescending: isDescending)
        tags.list = list
        if pulledSince.contains(name) { tagLists[name]?.expire() }
        tags.take(tagLists[name]?.value ?? .none, filter: filters[.tags] ?? Filter())
    }

    /// Tag lists kept besides the one that is shown.
    private static let tagListsMax = 64

    /// While the index is built a long list of tags changes all the time, and is read again this many seconds later: reading
    /// it more often would cost as much as building the index.
    private static let longListSeconds = 30.0

    private func canWait(_ list: Loaded<TagListing>?) -> Bool {
        guard !isReconciled, let listing = list?.value, let arrived = list?.arrived else { return false }
        return listing.tags.count > OrderedList<TagOrder>.rowsAtOnceMax
            && now.timeIntervalSince(arrived) < Self.longListSeconds
    }

    /// What the list of the repository's tags lacks, as an effect; nil where it is up to `generation` or on its way.
    mutating func wantTags(of name: RepositoryName, _ generation: UInt64) -> [Effect] {
        if tagLists.count > Self.tagListsMax, tagLists[name] == nil { tagLists.removeAll() }
        guard !canWait(tagLists[name]), tagLists[name, default: Loaded()].request(for: generation, at: now) else {
            return []
        }
        // When something was pulled is in no list that has not changed.
        let isOutdated = pulledSince.remove(name) != nil
        return [.loadTags(name, since: isOutdated ? nil : tagLists[name]?.value?.mark)]
    }

    /// - Parameter result: nil where nothing has changed.
    mutating func tagsArrived(_ name: RepositoryName, _ result: Result<TagListing?, Failure>) {
        if case .success(nil) = result {
            tagLists[name]?.arrivedUnchanged()
            return
        }
        tagLists[name, default: Loaded()].arrived(result.map { $0 ?? .none }, at: now)
        guard tags.repository == name else { return }
        tags.take(tagLists[name]?.value ?? .none, filter: filters[.tags] ?? Filter())
    }

    /// Repositories that are remembered for having been pulled from.
    private static let pulledMax = 1_000

    /// Notes when what was pulled: no list that is read says so before something else has changed.
    mutating func notePulls(_ events: [RegistryEvent]) {
        var repositories: [RepositoryName: Date] = [:]
        var pulled: [Tag: Date] = [:]
        for event in events {
            guard case .manifestPulled(let name, _, let tag, _) = event.action else { continue }
            repositories[name] = event.time
            if let tag, name == tags.repository { pulled[tag] = event.time }
        }
        guard !repositories.isEmpty else { return }
        self.repositories.pulled(repositories)
        tags.pulled(pulled)
        if pulledSince.count > Self.pulledMax { pulledSince = [] }
        pulledSince.formUnion(repositories.keys)
    }

    mutating func sortTags(reversing: Bool) {
        let all = TagsScreen.Sort.allCases
        if reversing {
            tags.isDescending.toggle()
            tags.arrange(filter: filters[.tags] ?? Filter())
        } else {
            setTagSort(all[((all.firstIndex(of: tags.sort) ?? 0) + 1) % all.count])
        }
    }

    /// Sorts by `sort`; when it is the order already, reverses it.
    mutating func setTagSort(_ sort: TagsScreen.Sort) {
        tags.isDescending = tags.sort == sort ? !tags.isDescending : sort.startsDescending
        tags.sort = sort
        tags.arrange(filter: filters[.tags] ?? Filter())
    }

    /// Marks or unmarks the selected tag and goes to the next, so that a run of tags is a run of key presses.
    mutating func toggleMark() {
        guard let tag = tags.list.selected?.tag else { return }
        if tags.marks.remove(tag) == nil { tags.marks.insert(tag) }
        move(by: 1, in: .tags)
    }

    /// The tags an action on this screen means: the marked ones, else the selected one.
    var chosenTags: [TagSummary] {
        guard tags.marks.isEmpty else { return tags.list.all.filter { tags.marks.contains($0.tag) } }
        return tags.list.selected.map { [$0] } ?? []
    }
}
