import Drawing
import Foundation
import OCI
import RegistryCore

/// The tags of one repository.
struct TagsScreen: Sendable {
    enum Sort: CaseIterable, Sendable {
        case name, bytes, pushed, pulled

        var startsDescending: Bool { self != .name }
    }

    /// Whose tags ``list`` holds.
    var repository: RepositoryName?
    var list = RowList<TagSummary>()
    var sort = Sort.name
    var isDescending = false
    var marks: Set<Tag> = []
    /// Columns of the longest name in ``list``; names are ASCII.
    private(set) var nameColumns = 0

    mutating func arrange(_ all: [TagSummary]? = nil, filter: Filter) {
        let (sort, isDescending) = (sort, isDescending)
        list.arrange(all, filter: filter) { left, right in
            let (first, second) = isDescending ? (right, left) : (left, right)
            switch sort {
            case .name: return NaturalOrder.precedes(first.tag.text, second.tag.text)
            case .bytes where left.bytes != right.bytes: return first.bytes < second.bytes
            case .pushed where left.updated != right.updated:
                return first.updated ?? .distantPast < second.updated ?? .distantPast
            case .pulled where left.lastPull != right.lastPull:
                return first.lastPull ?? .distantPast < second.lastPull ?? .distantPast
            case .bytes, .pushed, .pulled: return NaturalOrder.precedes(left.tag.text, right.tag.text)
            }
        }
        if !marks.isEmpty { marks.formIntersection(list.all.map(\.tag)) }
        if let all {
            nameColumns = all.reduce(0) { max($0, $1.tag.text.utf8.count + ($1.isDamaged ? 2 : 0)) }
            noteNamesakes(all)
        }
    }

    /// Tags of one digest that are named beside one of them.
    static let namesakesMax = 20

    /// By digest, the first tags that point at it, in order: looked up for each frame that shows one of them.
    private(set) var namesakes: [Digest: [Tag]] = [:]

    private mutating func noteNamesakes(_ all: [TagSummary]) {
        namesakes = [:]
        for row in all where row.sameDigest > 0 {
            guard namesakes[row.digest, default: []].count <= Self.namesakesMax else { continue }
            namesakes[row.digest, default: []].append(row.tag)
        }
    }
}

extension NaturalOrder {
    /// Costs a look at each where they are in order already.
    static func sorted(_ tags: [TagSummary]) -> [TagSummary] {
        tags.sortedUnlessInOrder { precedes($0.tag.text, $1.tag.text) }
    }
}

extension TagSummary: ListRow {
    var rowID: Tag { tag }
    var searchText: String { "\(tag) \(platforms.joined(separator: " ")) \(digest)".lowercased() }
}

extension Model {
    /// Shows the tags of `name`: what is known of them at once, the rest when it arrives.
    mutating func showTags(of name: RepositoryName) {
        guard tags.repository != name else { return }
        let (sort, isDescending) = (tags.sort, tags.isDescending)
        tags = TagsScreen(repository: name, sort: sort, isDescending: isDescending)
        tags.arrange(tagLists[name]?.value ?? [], filter: filters[.tags] ?? Filter())
    }

    mutating func tagsArrived(_ name: RepositoryName, _ result: Result<[TagSummary], Failure>) {
        // Sorted once, so that no frame has to; mostly it comes so.
        tagLists[name, default: Loaded()].arrived(result.map(NaturalOrder.sorted))
        guard tags.repository == name else { return }
        tags.arrange(tagLists[name]?.value ?? [], filter: filters[.tags] ?? Filter())
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
        let marked = tags.list.all.filter { tags.marks.contains($0.tag) }
        guard marked.isEmpty else {
            return marked.sorted { NaturalOrder.precedes($0.tag.text, $1.tag.text) }
        }
        return tags.list.selected.map { [$0] } ?? []
    }
}
