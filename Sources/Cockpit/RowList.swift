import Drawing

/// A row that lists can filter and find again.
protocol ListRow: Sendable {
    associatedtype RowID: Hashable & Sendable
    /// What stays the same when the row's contents change.
    var rowID: RowID { get }
    /// What `/` searches, in lower case.
    var searchText: String { get }
}

/// The text behind `/`: parts that must all occur, or after `!` must not.
struct Filter: Sendable, Equatable {
    var text = ""

    var isActive: Bool { !text.isEmpty && text != "!" }

    func matches(_ searchText: String) -> Bool {
        guard isActive else { return true }
        let inverse = text.hasPrefix("!")
        let parts = (inverse ? text.dropFirst() : text[...]).lowercased().split(separator: " ")
        return parts.allSatisfy { searchText.contains($0) } != inverse
    }
}

/// Rows sorted and filtered, with a selection that stays on its row when others come and go.
///
/// Arranged once per change and not per frame, so that ten thousand rows cost a frame what fifty do.
struct RowList<Row: ListRow>: Sendable {
    var state = ListState()
    /// Every row, as it arrived.
    private(set) var all: [Row] = []
    /// The rows to show, in order.
    private(set) var rows: [Row] = []

    var selected: Row? { state.selection(count: rows.count).map { rows[$0] } }

    /// Takes new rows, or a new order or filter for the old ones.
    mutating func arrange(_ all: [Row]? = nil, filter: Filter, by precedes: ((Row, Row) -> Bool)? = nil) {
        let kept = selected?.rowID
        if let all { self.all = all }
        rows = filter.isActive ? self.all.filter { filter.matches($0.searchText) } : self.all
        if let precedes { rows = rows.sortedUnlessInOrder(by: precedes) }
        if let kept, let index = rows.firstIndex(where: { $0.rowID == kept }) { state.selection = index }
    }

    /// Selects the row with this identity, if it is shown.
    mutating func select(_ id: Row.RowID) {
        if let index = rows.firstIndex(where: { $0.rowID == id }) { state.selection = index }
    }
}

extension Array {
    /// In order, or in the opposite one, costs a look at each: lists arrive sorted, and again and again.
    func sortedUnlessInOrder(by precedes: (Element, Element) -> Bool) -> [Element] {
        let neighbours = zip(self, dropFirst())
        if neighbours.allSatisfy({ !precedes($1, $0) }) { return self }
        if neighbours.allSatisfy({ precedes($1, $0) }) { return reversed() }
        return sorted(by: precedes)
    }
}
