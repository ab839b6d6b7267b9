import RegistryCore
package import RegistryStorage

/// A JSON object in a file whose long lists are not held: the object without them, and where their elements stand.
///
/// Costs one pass over the file to open, then a block at a time, forwards or backwards. Memory: the head, and 40 bytes for
/// each block of 256 elements.
package struct ListedDocument: Sendable {
    /// Elements that stand next to each other and are read together.
    package struct Block: Sendable {
        package var list: String
        package var range: Range<Int64>
        package var count: Int
    }

    /// What is wrong with the document, as half a sentence.
    package struct Damaged: Error, Equatable {
        package let reason: String
    }

    private let file: any BlobReader
    /// The object without the elements of its lists.
    package let head: [UInt8]
    package let blocks: [Block]

    private static let partBytes = 1 << 18
    private static let blockElementsMax = 256
    private static let blockBytesMax: Int64 = 1 << 20

    /// - Parameter lists: the lists that are passed over, by the keys that lead to them joined with a dot.
    /// - Throws: `Damaged`; a failure to read the file.
    package init(_ file: any BlobReader, lists: Set<String>) async throws {
        var parts = JSONParts(lists: lists)
        var blocks: [Block] = []
        do {
            while parts.offset < file.size {
                let part = try await file.read(at: parts.offset, count: Self.partBytes)
                guard !part.isEmpty else { throw JSONParts.Damaged(reason: "it is cut short") }
                try parts.feed(part) { list, range in
                    if let last = blocks.last, last.list == list, last.count < Self.blockElementsMax,
                        range.upperBound - last.range.lowerBound <= Self.blockBytesMax
                    {
                        blocks[blocks.count - 1].range = last.range.lowerBound..<range.upperBound
                        blocks[blocks.count - 1].count += 1
                    } else {
                        blocks.append(Block(list: list, range: range, count: 1))
                    }
                }
            }
            try parts.finish()
        } catch let damaged as JSONParts.Damaged {
            throw Damaged(reason: damaged.reason)
        }
        self.file = file
        head = parts.head
        self.blocks = blocks
    }

    /// The elements of a list.
    package func count(of list: String) -> Int { blocks.lazy.filter { $0.list == list }.reduce(0) { $0 + $1.count } }

    /// The elements of one block, each as its JSON.
    package func elements(of block: Block) async throws -> [ArraySlice<UInt8>] {
        let start = block.range.lowerBound
        let bytes = try await file.read(at: start, count: Int(block.range.upperBound - start))
        var parts = JSONParts(elementsOf: block.list, at: start)
        var elements: [ArraySlice<UInt8>] = []
        do {
            try parts.feed(bytes) { _, range in
                elements.append(bytes[Int(range.lowerBound - start)..<Int(range.upperBound - start)])
            }
        } catch let damaged as JSONParts.Damaged {
            throw Damaged(reason: damaged.reason)
        }
        guard elements.count == block.count else { throw Damaged(reason: "it has changed while it was read") }
        return elements
    }
}
