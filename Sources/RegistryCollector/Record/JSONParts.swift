import RegistryCore

/// One pass over a JSON document that is too large to hold: where the elements of its long lists stand, and the document
/// without them.
///
/// It is fed in parts of any size and keeps the head and a few numbers, whatever the lists hold. What it gives is parsed by
/// whoever wants it; here only brackets, strings and commas are read, as far as telling elements apart needs.
struct JSONParts {
    /// What is wrong with the document, as half a sentence.
    struct Damaged: Error, Equatable {
        let reason: String
    }

    /// Bytes of everything that is in no long list.
    static let headBytesMax = 1 << 20
    /// Bytes of one element: a blob that a hundred thousand repositories hold has some six million.
    static let elementBytesMax = 16 << 20
    /// Objects and arrays inside each other.
    private static let depthMax = 64

    /// The lists that are passed over, by the keys that lead to them joined with a dot: `lines`, `plan.lines`.
    private let lists: Set<String>
    /// The document without the elements of its lists.
    private(set) var head: [UInt8] = []
    /// Bytes that were fed.
    private(set) var offset: Int64 = 0

    /// The list that is being passed over; nil outside.
    private var list: String?
    private var seen: Set<String> = []
    private var start: Int64 = 0
    /// What may come next in a list, outside its elements.
    private var place = Place.first
    private var inner = 0

    private var containers: [Bool] = []
    private var keys: [String] = []
    private var expectsKey = false
    private var key: [UInt8]?
    private var isInString = false
    private var isEscaped = false
    private var isOver = false

    private enum Place {
        case first, element, comma
    }

    init(lists: Set<String>) { self.lists = lists }

    /// For a run of elements of one list, with the commas between them and nothing else.
    init(elementsOf list: String, at offset: Int64) {
        lists = [list]
        self.list = list
        self.offset = offset
    }

    /// Reads on. Gives each element that ends here: the list that it is of, and where it stands in the document.
    mutating func feed(_ part: [UInt8], _ element: (String, Range<Int64>) throws -> Void) throws {
        try part.withUnsafeBufferPointer { bytes in
            var position = 0
            while position < bytes.count {
                if let list {
                    position = try pass(list, bytes, from: position, element)
                } else {
                    try take(bytes[position])
                    position += 1
                    offset += 1
                }
            }
        }
    }

    /// Throws when the document is not over.
    func finish() throws {
        guard isOver else { throw Damaged(reason: "it is cut short") }
    }

    // MARK: Lists

    /// Passes over a list until it or the part ends; gives where it stopped.
    private mutating func pass(
        _ list: String, _ bytes: UnsafeBufferPointer<UInt8>, from first: Int,
        _ element: (String, Range<Int64>) throws -> Void
    ) throws -> Int {
        // In variables of its own: this is where all of a large document passes.
        var (inner, isInString, isEscaped, place) = (inner, isInString, isEscaped, place)
        let base = offset - Int64(first)
        var position = first
        defer {
            (self.inner, self.isInString, self.isEscaped, self.place) = (inner, isInString, isEscaped, place)
            offset = base + Int64(position)
        }
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            if inner > 0 {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): inner += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    inner -= 1
                    guard inner == 0 else { continue }
                    let end = base + Int64(position)
                    guard end - start <= Int64(Self.elementBytesMax) else { throw Self.tooLarge }
                    place = .comma
                    try element(list, start..<end)
                default: continue
                }
                continue
            }
            switch (byte, place) {
            case (UInt8(ascii: " "), _), (UInt8(ascii: "\n"), _), (UInt8(ascii: "\r"), _), (UInt8(ascii: "\t"), _):
                break
            case (UInt8(ascii: "{"), .first), (UInt8(ascii: "{"), .element):
                start = base + Int64(position) - 1
                inner = 1
            case (UInt8(ascii: ","), .comma): place = .element
            case (UInt8(ascii: "]"), .first), (UInt8(ascii: "]"), .comma):
                self.list = nil
                head.append(byte)
                _ = containers.popLast()
                return position
            default: throw Damaged(reason: "its list of \(list) is none")
            }
        }
        if inner > 0, base + Int64(position) - start > Int64(Self.elementBytesMax) { throw Self.tooLarge }
        return position
    }

    private static var tooLarge: Damaged { Damaged(reason: "a line of it has more than \(elementBytesMax) bytes") }

    // MARK: The head

    private mutating func take(_ byte: UInt8) throws {
        if isOver {
            guard [UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t")].contains(byte) else {
                throw Damaged(reason: "something follows its end")
            }
            return
        }
        guard head.count < Self.headBytesMax else {
            throw Damaged(reason: "it has more than \(Self.headBytesMax) bytes beside its lines")
        }
        head.append(byte)
        if isInString { return try takeInString(byte) }
        switch byte {
        case UInt8(ascii: "\""):
            isInString = true
            if expectsKey, containers.count <= 2 { key = [] }
        case UInt8(ascii: "{"), UInt8(ascii: "["): try open(isObject: byte == UInt8(ascii: "{"))
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            guard containers.popLast() != nil else { throw Damaged(reason: "it is no JSON object") }
            keys.removeLast(max(0, keys.count - containers.count))
            expectsKey = false
            isOver = containers.isEmpty
        case UInt8(ascii: ":"): expectsKey = false
        case UInt8(ascii: ","): expectsKey = containers.last ?? false
        default: break
        }
    }

    private mutating func takeInString(_ byte: UInt8) throws {
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
            // Nobody writes our keys so, and one that is not recognised could hide a list.
            if key != nil { throw Damaged(reason: "it spells a key with a backslash") }
        } else if byte == UInt8(ascii: "\"") {
            isInString = false
            if let name = key {
                keys.removeLast(max(0, keys.count - (containers.count - 1)))
                keys.append(String(decoding: name, as: UTF8.self))
                key = nil
            }
        } else {
            key?.append(byte)
        }
    }

    private mutating func open(isObject: Bool) throws {
        if containers.isEmpty, !isObject { throw Damaged(reason: "it is no JSON object") }
        guard containers.count < Self.depthMax else { throw Damaged(reason: "it nests too deep") }
        // The keys that lead here, as long as every container above is an object.
        let path = keys.joined(separator: ".")
        let isNamed = keys.count == containers.count && !containers.contains(false)
        containers.append(isObject)
        expectsKey = isObject
        guard !isObject, isNamed, lists.contains(path) else { return }
        guard seen.insert(path).inserted else { throw Damaged(reason: "it has two lists of \(path)") }
        list = path
        place = .first
        inner = 0
    }
}
