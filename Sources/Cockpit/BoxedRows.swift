/// Rows of a long list, each in a box of its own, which other lists of the same rows hold as well.
///
/// To put one among a hundred thousand others moves words and not rows, and the same rows in another order cost a word each.
package struct BoxedRows<Row: Sendable>: RandomAccessCollection, Sendable {
    final class Box: Sendable {
        let row: Row
        init(_ row: Row) { self.row = row }
    }

    private(set) var boxes: [Box] = []

    init() {}
    init(_ boxes: [Box]) { self.boxes = boxes }
    init(boxing rows: some Sequence<Row>) { boxes = rows.map(Box.init) }

    package var startIndex: Int { 0 }
    package var endIndex: Int { boxes.count }
    package subscript(index: Int) -> Row { boxes[index].row }

    mutating func set(_ box: Box, at index: Int) { boxes[index] = box }
    mutating func insert(_ box: Box, at index: Int) { boxes.insert(box, at: index) }
    mutating func remove(at index: Int) { boxes.remove(at: index) }
}
