/// Reads one JSON text from its front to its end, by RFC 8259 and nothing else, into whatever the caller makes of it.
///
/// A decoder that is laxer than those of the clients would take what none of them can read, and one that sees other members
/// than they do would guard other blobs than they pull. So everything that Go's encoding/json refuses is refused here: a
/// comma too many, comments, single quotes, words that are no literals, bytes behind the end, another encoding than UTF-8.
/// A name that is repeated in an object is refused as well, wherever it stands: the RFC leaves open which one counts (§4).
///
/// One pass without a tree: memory is what the caller keeps, beside a position for each level.
struct JSONReader {
    /// Why the bytes were not taken, and where in the document.
    enum Fault: Error, Equatable {
        case notJSON
        case tooDeep
        case tooManyValues
        case repeatedName
        /// A value of another kind than is asked for.
        case wrongType(at: String)
        /// One that is of the right kind and wrong all the same.
        case invalid(reason: String, at: String)
    }

    let limits: Limits
    let bytes: [UInt8]
    var position = 0
    private var depth = 0
    private var values = 0
    private var path: [Place] = []

    struct Limits {
        /// Objects and arrays inside each other.
        var depthMax: Int
        /// Values of all kinds.
        var valuesMax: Int
    }

    private enum Place {
        case name(String)
        case index(Int)
    }

    init(_ bytes: [UInt8], _ limits: Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    // MARK: Values

    /// Reads an object, giving each name to `member`, which must take the value behind it.
    mutating func object(_ member: (inout JSONReader, String) throws(Fault) -> Void) throws(Fault) {
        try open(UInt8(ascii: "{"))
        var names: Set<String> = []
        guard !take(UInt8(ascii: "}")) else { return depth -= 1 }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw .notJSON }
            let name = try text()
            guard names.insert(name).inserted else { throw .repeatedName }
            guard take(UInt8(ascii: ":")) else { throw .notJSON }
            path.append(.name(name))
            try member(&self, name)
            path.removeLast()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw .notJSON }
        depth -= 1
    }

    /// Reads an array, calling `element` before each value, which it must take.
    mutating func array(_ element: (inout JSONReader) throws(Fault) -> Void) throws(Fault) {
        try open(UInt8(ascii: "["))
        guard !take(UInt8(ascii: "]")) else { return depth -= 1 }
        var count = 0
        repeat {
            path.append(.index(count))
            try element(&self)
            path.removeLast()
            count += 1
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw .notJSON }
        depth -= 1
    }

    mutating func string() throws(Fault) -> String {
        try begin()
        guard next == UInt8(ascii: "\"") else { throw try otherType() }
        return try text()
    }

    /// A number without fraction and exponent, as Go asks of its integers.
    mutating func integer() throws(Fault) -> Int64 {
        try begin()
        guard let byte = next, byte == UInt8(ascii: "-") || Self.isDigit(byte) else { throw try otherType() }
        let start = position
        try number()
        guard let value = Int64(String(decoding: bytes[start..<position], as: UTF8.self)) else {
            throw .wrongType(at: place)
        }
        return value
    }

    /// True when the value is null, which is taken then: to Go, and so to most of the field, it says nothing.
    mutating func null() throws(Fault) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: "n") else { return false }
        try begin()
        try literal("null")
        return true
    }

    /// Reads a value of any kind that nobody wants.
    mutating func skip() throws(Fault) {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): try object { reader, _ throws(Fault) in try reader.skip() }
        case UInt8(ascii: "["): try array { reader throws(Fault) in try reader.skip() }
        default:
            try begin()
            try scalar()
        }
    }

    /// Nothing but white space may follow.
    mutating func end() throws(Fault) {
        skipSpace()
        guard position == bytes.count else { throw .notJSON }
    }

    /// Where the reader is, as people write it: `layers.[0].digest`; empty at the top. Names are cut, for they may be as long
    /// as the document.
    var place: String {
        path.map { place in
            switch place {
            case .name(let name): String(name.prefix(64))
            case .index(let index): "[\(index)]"
            }
        }.joined(separator: ".")
    }

    // MARK: Steps

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func open(_ bracket: UInt8) throws(Fault) {
        try begin()
        guard next == bracket else { throw try otherType() }
        position += 1
        depth += 1
        guard depth <= limits.depthMax else { throw .tooDeep }
    }

    /// Said before each value.
    private mutating func begin() throws(Fault) {
        skipSpace()
        values += 1
        guard values <= limits.valuesMax else { throw .tooManyValues }
    }

    /// What is wrong where another kind of value was to stand: its kind, or that it is none.
    private mutating func otherType() throws(Fault) -> Fault {
        var rest = self
        try rest.skip()
        return .wrongType(at: place)
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func scalar() throws(Fault) {
        switch next {
        case UInt8(ascii: "\""): _ = try text()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        default: try number()
        }
    }

    private mutating func literal(_ word: StaticString) throws(Fault) {
        for offset in 0..<word.utf8CodeUnitCount {
            guard next == word.utf8Start[offset] else { throw .notJSON }
            position += 1
        }
    }

    /// RFC 8259 §6: no plus, no zeros in front, digits on both sides of the point.
    private mutating func number() throws(Fault) {
        if next == UInt8(ascii: "-") { position += 1 }
        if next == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if next == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        guard next == UInt8(ascii: "e") || next == UInt8(ascii: "E") else { return }
        position += 1
        if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
        try digits()
    }

    private mutating func digits() throws(Fault) {
        guard let first = next, Self.isDigit(first) else { throw .notJSON }
        while let byte = next, Self.isDigit(byte) { position += 1 }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
