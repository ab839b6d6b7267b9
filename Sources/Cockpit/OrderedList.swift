import Drawing

/// Which rows of a long list are shown, and in what order.
package protocol RowOrder: Equatable, Sendable {
    associatedtype Row: ListRow
    var filter: Filter { get }
    var isDescending: Bool { get }
    /// True for the order in which rows arrive, or the opposite one.
    var isByArrival: Bool { get }
    /// What rows are ordered by where that is no order of arrival; equal ones stand as they arrive.
    func key(of row: Row) -> Int64
    /// Whether one row arrives before another. No two are equal.
    static func arrives(_ first: Row, before second: Row) -> Bool
}

extension RowOrder {
    /// Whether one row stands above another.
    func precedes(_ first: Row, _ second: Row) -> Bool {
        guard !isByArrival else {
            return isDescending ? Self.arrives(second, before: first) : Self.arrives(first, before: second)
        }
        let (left, right) = (key(of: first), key(of: second))
        guard left != right else { return Self.arrives(first, before: second) }
        return isDescending ? right < left : left < right
    }

    /// True where rows are shown as they arrive, all of them.
    fileprivate var isArrival: Bool { isByArrival && !isDescending && !filter.isActive }

    /// Those of the rows, in order of arrival, that are shown, in this order.
    func arrange(_ rows: BoxedRows<Row>) -> BoxedRows<Row> {
        let matcher = filter.matcher
        let shown = filter.isActive ? rows.boxes.filter { matcher.matches($0.row.searchText) } : rows.boxes
        guard !isByArrival else { return BoxedRows(isDescending ? shown.reversed() : shown) }
        // Numbers are sorted and not rows, which are looked up for each comparison.
        var places = shown.indices.map { (key: key(of: shown[$0].row), index: $0) }
        if isDescending {
            places.sort { ($1.key, $0.index) < ($0.key, $1.index) }
        } else {
            places.sort { $0 < $1 }
        }
        return BoxedRows(places.map { shown[$0.index] })
    }
}

/// Rows that are to be filtered and sorted by somebody else than the thread that draws.
package struct ArrangeJob<Order: RowOrder>: Sendable, Equatable {
    var rows: BoxedRows<Order.Row>
    var order: Order
    fileprivate var number: Int
    /// What was shown before the last job: to let go of a hundred thousand rows takes milliseconds.
    fileprivate var spent: BoxedRows<Order.Row>?

    /// Costs time in proportion to the rows.
    func run() -> Arranged<Order> { Arranged(rows: order.arrange(rows), order: order, number: number) }

    package static func == (left: ArrangeJob, right: ArrangeJob) -> Bool {
        left.number == right.number && left.order == right.order && left.rows.count == right.rows.count
    }
}

/// What has come of it.
package struct Arranged<Order: RowOrder>: Sendable {
    fileprivate var rows: BoxedRows<Order.Row>
    fileprivate var order: Order
    fileprivate var number: Int
}

/// A long list that is kept up by what changed, with a selection that stays on its row.
///
/// What costs time in proportion to its rows, which is another filter or another order of a long one, is a job for somebody
/// else; till it is done the list stands as it was. Changes meanwhile are taken in afterwards.
struct OrderedList<Order: RowOrder>: Sendable {
    typealias Row = Order.Row
    private typealias Box = BoxedRows<Row>.Box

    /// Rows that are arranged at once; it takes a millisecond.
    static var rowsAtOnceMax: Int { 2_000 }
    /// Changes that are made one by one; more cost as much as the whole list.
    private static var changesAtOnceMax: Int { 256 }

    var state = ListState()
    /// Every row, in order of arrival.
    private(set) var all = BoxedRows<Row>()
    /// The rows to show, in order.
    var rows: BoxedRows<Row> { shown ?? all }
    /// Nil where that is all of them as they arrive: a second list of the same would be made anew by the first change.
    private var shown: BoxedRows<Row>?
    /// What was shown before.
    private var spent: BoxedRows<Row>?
    private(set) var order: Order
    private var wanted: Order
    /// The job that is under way; nil when none is.
    private var job: Int?
    private var jobs = 0
    /// Rows that have changed since the job was given out, as they were then and as they are now.
    private var meanwhile: [Row.RowID: (old: Row?, new: Box?)] = [:]
    private var isDue = false

    init(_ order: Order) {
        self.order = order
        wanted = order
    }

    /// A list of other rows in the place of this one: what comes back of a job that this one gave out is not for it.
    func successor(_ order: Order) -> OrderedList {
        var list = OrderedList(order)
        list.jobs = jobs
        return list
    }

    var selected: Row? { state.selection(count: rows.count).map { rows[$0] } }

    /// Whether the order on the screen is not the wanted one yet.
    var isArranging: Bool { isDue || job != nil }

    /// Wants another filter or another order.
    mutating func arrange(_ order: Order) {
        guard order != wanted || isDue || job != nil else { return }
        wanted = order
        arrange()
    }

    /// Takes the whole list anew.
    ///
    /// - Parameter all: in order of arrival.
    mutating func replace(_ all: [Row], _ order: Order) { replace(BoxedRows(boxing: all), order) }

    private mutating func replace(_ all: BoxedRows<Row>, _ order: Order) {
        let kept = selected
        wanted = order
        self.all = all
        // What was arranged of other rows is nothing any more.
        job = nil
        meanwhile = [:]
        arrange()
        if let kept, let row = current(kept) { select(row) }
    }

    private mutating func arrange() {
        guard all.count > Self.rowsAtOnceMax, !wanted.isByArrival || wanted.filter.isActive else {
            isDue = false
            job = nil
            meanwhile = [:]
            return show(wanted.arrange(all), wanted)
        }
        isDue = true
        // Better in another order than not at all.
        if rows.isEmpty, !wanted.filter.isActive { shown = all }
    }

    private mutating func show(_ rows: BoxedRows<Row>, _ order: Order) {
        let kept = selected
        spent = shown
        (shown, self.order) = (order.isArrival ? nil : rows, order)
        if let kept { select(kept) }
    }

    /// What somebody else is to do now; nil for nothing. One at a time.
    mutating func takeJob() -> ArrangeJob<Order>? {
        guard isDue, job == nil else { return nil }
        jobs += 1
        (job, isDue, meanwhile) = (jobs, false, [:])
        defer { spent = nil }
        return ArrangeJob(rows: all, order: wanted, number: jobs, spent: spent)
    }

    /// Takes what has come of a job.
    mutating func take(_ arranged: Arranged<Order>) {
        guard arranged.number == job else { return }
        job = nil
        let kept = selected
        show(arranged.rows, arranged.order)
        let changes = meanwhile
        meanwhile = [:]
        for change in changes.values { place(change.old, change.new) }
        // The user has thought of something else.
        if wanted != arranged.order { arrange() }
        // Also where it was none of those that were shown in between.
        if let kept, let row = current(kept) { select(row) }
    }

    /// Selects the row with this identity, if it is shown. Costs a look at each.
    mutating func select(_ id: Row.RowID) {
        if let index = rows.firstIndex(where: { $0.rowID == id }) { state.selection = index }
    }

    /// The same for a row that is known as it is now, or as it was when it was placed.
    private mutating func select(_ row: Row) {
        if let index = index(of: row) { state.selection = index } else { select(row.rowID) }
    }

    // MARK: What changed

    /// Puts rows in the place of those with their identity, adds new ones, and takes `gone` away.
    mutating func merge(_ changed: [Row], gone: [Row] = []) {
        let kept = selected
        guard changed.count + gone.count <= Self.changesAtOnceMax else { return mergeMany(changed, gone: gone) }
        for row in changed { change(to: row, row) }
        for row in gone { change(to: nil, row) }
        // It may be one of those that changed.
        if let kept, let row = current(kept) { select(row) }
    }

    private mutating func mergeMany(_ changed: [Row], gone: [Row]) {
        let ids = Set(changed.map(\.rowID)).union(gone.map(\.rowID))
        var merged: [Box] = []
        merged.reserveCapacity(all.count + changed.count)
        var rest = changed.map(Box.init)[...]
        for box in all.boxes where !ids.contains(box.row.rowID) {
            while let next = rest.first, Order.arrives(next.row, before: box.row) { merged.append(rest.removeFirst()) }
            merged.append(box)
        }
        replace(BoxedRows(merged + rest), wanted)
    }

    private mutating func change(to new: Row?, _ row: Row) {
        let index = arrivalIndex(of: row)
        let old = current(row)
        let new = new.map(Box.init)
        switch (old, new) {
        case (.some, let new?): all.set(new, at: index)
        case (.some, nil): all.remove(at: index)
        case (nil, let new?): all.insert(new, at: index)
        case (nil, nil): return
        }
        if isArranging {
            meanwhile[row.rowID, default: (old, nil)].new = new
        } else {
            place(old, new)
        }
    }

    /// Takes a row out of those that are shown, and puts it where it belongs as it is now.
    private mutating func place(_ old: Row?, _ new: Box?) {
        guard shown != nil else { return }
        if let old, let index = index(of: old) {
            // Mostly it stays where it is.
            if let new, stays(new.row, at: index) {
                shown?.set(new, at: index)
                return
            }
            shown?.remove(at: index)
        }
        guard let new, order.filter.matches(new.row.searchText) else { return }
        let index = lowerBound(rows) { order.precedes($0, new.row) }
        shown?.insert(new, at: index)
    }

    private func stays(_ row: Row, at index: Int) -> Bool {
        (index == 0 || order.precedes(rows[index - 1], row))
            && (index + 1 == rows.count || order.precedes(row, rows[index + 1]))
    }

    /// Where a row stands among those that are shown; nil when it is none of them. It has to be as it was placed.
    private func index(of row: Row) -> Int? {
        let index = lowerBound(rows) { order.precedes($0, row) }
        return index < rows.count && rows[index].rowID == row.rowID ? index : nil
    }

    /// The row as it is now; nil when there is none with its identity.
    func current(_ row: Row) -> Row? {
        let index = arrivalIndex(of: row)
        guard index < all.count, all[index].rowID == row.rowID else { return nil }
        return all[index]
    }

    /// Where a row stands among all, or would.
    private func arrivalIndex(of row: Row) -> Int { lowerBound(all) { Order.arrives($0, before: row) } }

    private func lowerBound(_ rows: BoxedRows<Row>, _ isBefore: (Row) -> Bool) -> Int {
        var (low, high) = (0, rows.count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(rows[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
