import Drawing
import Foundation
import OCI
import RegistryCore

/// The signature screen: what a tag is made of, and from each blob back to every tag that uses it.
struct GraphScreen: Sendable {
    /// A node by the way to it: the tag is `[]`, its manifest `[0]`, that one's children `[0, 0]`, `[0, 1]`, ….
    typealias Path = [Int]

    /// What is looked at; nil before the first visit.
    var subject: Place?
    var loaded = Loaded<ImageGraph>()
    var folded: Set<Path> = []
    var tree = ListState()
    /// The tree as it is unfolded and filtered now.
    private(set) var lines: [TreeLine<Path>] = []
    /// Lines that match the filter themselves; the others show the way to them.
    private(set) var matches: Set<Path> = []
    /// Below 70 columns: whether the users stand in place of the tree.
    var isInverted = false

    /// The blob whose users ``users`` are.
    var usersOf: Digest?
    var users = Loaded<[BlobUse]>()
    var usersList = ListState()

    var selectedPath: Path? { tree.selection(count: lines.count).map { lines[$0].id } }

    /// The node that is selected; the root for the tag itself, nil while nothing is known.
    var selectedNode: ImageGraph.Node? {
        guard let path = selectedPath, var node = loaded.value?.root else { return nil }
        for index in path.dropFirst() {
            guard node.children.indices.contains(index) else { return nil }
            node = node.children[index]
        }
        return node
    }

    /// Builds the lines again after the graph, the folds or the filter changed; the selection stays on its node.
    ///
    /// - Parameter isRead: false while what is not there may only not have been read yet.
    mutating func arrange(filter: Filter, isRead: Bool = true) {
        let kept = selectedPath
        guard let graph = loaded.value else {
            (lines, matches) = ([], [])
            return
        }
        let root = GraphTree(graph, isRead: isRead).root
        let all = Tree.lines(of: [root]) { filter.isActive || !folded.contains($0) }
        if filter.isActive {
            matches = Set(all.filter { filter.matches(Self.searchText($0)) }.map(\.id))
            var shown: Set<Path> = []
            for match in matches {
                for length in 0...match.count { shown.insert(Array(match.prefix(length))) }
            }
            lines = all.filter { shown.contains($0.id) }
        } else {
            matches = []
            lines = all
        }
        if let kept, let index = lines.firstIndex(where: { $0.id == kept }) { tree.selection = index }
    }

    private static func searchText(_ line: TreeLine<Path>) -> String {
        (line.label + line.trailing).map(\.text).joined(separator: " ").lowercased()
    }
}

extension Model {
    /// Shows the graph of `place`; a graph already loaded for it is kept.
    mutating func showGraph(_ place: Place) {
        guard graph.subject != place else { return }
        graph = GraphScreen()
        graph.subject = place
    }

    mutating func graphArrived(_ name: RepositoryName, _ reference: Reference, _ result: Result<ImageGraph, Failure>) {
        guard graph.subject == .graph(name, reference) else { return }
        graph.loaded.arrived(result)
        graph.arrange(filter: filters[.graph] ?? Filter(), isRead: isReconciled)
    }

    mutating func usersArrived(_ digest: Digest, _ result: Result<[BlobUse], Failure>) {
        guard graph.usersOf == digest else { return }
        graph.users.arrived(result)
    }

    /// Folds or unfolds the selected node; on one that cannot, goes to its parent or its first child.
    mutating func fold(_ isFolding: Bool) {
        guard let index = graph.tree.selection(count: graph.lines.count) else { return }
        let line = graph.lines[index]
        switch (line.fold, isFolding) {
        case (.open, true): graph.folded.insert(line.id)
        case (.closed, false): graph.folded.remove(line.id)
        case (.open, false): move(by: 1, in: .graph)
        case (.closed, true), (.leaf, true):
            if let parent = graph.lines.firstIndex(where: { $0.id == line.id.dropLast() }), !line.id.isEmpty {
                graph.tree.selection = parent
            }
        case (.leaf, false): break
        }
        graph.arrange(filter: filter, isRead: isReconciled)
    }

    /// Unfolds everything; when nothing is folded, folds all but the first level.
    mutating func toggleFolds() {
        if graph.folded.isEmpty {
            graph.folded = Set(graph.lines.filter { $0.fold == .open && $0.id.count >= 2 }.map(\.id))
        } else {
            graph.folded = []
        }
        graph.arrange(filter: filter, isRead: isReconciled)
    }

    /// Goes to the users of the selected blob, or back to the tree.
    mutating func toggleUsedBy() {
        let isThere = focus == .users
        graph.isInverted = !isThere
        focuses[.graph] = isThere ? .graph : .users
    }

    /// Opens the graph of the tag that is selected among the users.
    mutating func openUser() {
        guard let users = graph.users.value, let index = graph.usersList.selection(count: users.count) else { return }
        focuses[.graph] = .graph
        open(.graph(users[index].repository, .tag(users[index].tag)))
    }
}
