import Drawing

/// A row that lists can filter and find again.
package protocol ListRow: Sendable {
    associatedtype RowID: Hashable & Sendable
    /// What stays the same when the row's contents change.
    var rowID: RowID { get }
    /// What `/` searches, in lower case.
    var searchText: String { get }
}

/// The text behind `/`: parts that must all occur, or after `!` must not.
package struct Filter: Sendable, Equatable {
    var text = ""

    var isActive: Bool { !text.isEmpty && text != "!" }

    func matches(_ searchText: String) -> Bool { matcher.matches(searchText) }

    /// The filter made ready for many rows.
    var matcher: Matcher { Matcher(self) }

    struct Matcher {
        private let parts: [[UInt8]]
        private let isInverse: Bool

        fileprivate init(_ filter: Filter) {
            guard filter.isActive else {
                (parts, isInverse) = ([], false)
                return
            }
            isInverse = filter.text.hasPrefix("!")
            let text = isInverse ? filter.text.dropFirst() : filter.text[...]
            parts = text.lowercased().split(separator: " ").map { Array($0.utf8) }
        }

        /// Of one part, whatever is in it.
        init(literally text: String) { (parts, isInverse) = ([Array(text.utf8)], false) }

        /// Compared byte by byte: a hundred thousand rows take milliseconds so.
        func matches(_ searchText: String) -> Bool {
            var text = searchText
            return text.withUTF8 { bytes in parts.allSatisfy { Self.contains(bytes, $0) } } != isInverse
        }

        private static func contains(_ text: UnsafeBufferPointer<UInt8>, _ part: [UInt8]) -> Bool {
            guard let first = part.first else { return true }
            guard text.count >= part.count else { return false }
            for start in 0...(text.count - part.count) where text[start] == first {
                var length = 1
                while length < part.count, text[start + length] == part[length] { length += 1 }
                if length == part.count { return true }
            }
            return false
        }
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
