/// The `Range` of a request (RFC 9110 §14.1.2), where it asks for one part in bytes.
enum ByteRange: Equatable {
    /// No range, several, or another unit: the whole is served, as the RFC allows.
    case whole
    /// Never empty.
    case part(Range<Int64>)
    case unsatisfiable

    /// - Parameter size: bytes of the content.
    init(_ header: String?, size: Int64) {
        guard let header, header.hasPrefix("bytes="), !header.contains(",") else { self = .whole; return }
        let sides = header.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2 else { self = .whole; return }
        switch (Self.number(sides[0]), Self.number(sides[1])) {
        case (nil, let suffix?) where sides[0].isEmpty:
            self = suffix == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - suffix)..<size)
        case (let first?, nil) where sides[1].isEmpty:
            self = first < size ? .part(first..<size) : .unsatisfiable
        case (let first?, let last?) where first <= last:
            self = first < size ? .part(first..<min(size, last == .max ? size : last + 1)) : .unsatisfiable
        // The RFC lets such a range be ignored; distribution refuses it, and a client that errs wants to know.
        case (_?, _?) where !sides[0].isEmpty && !sides[1].isEmpty: self = .unsatisfiable
        default: self = .whole
        }
    }

    /// Digits only; what is too large for the type is as good as the largest.
    fileprivate static func number(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return Int64(text) ?? .max
    }
}

/// The `Content-Range` of a chunk: `<first>-<last>`, both inclusive, without a unit (distribution-spec, "Pushing a blob in
/// chunks"). Nil when it is anything else; clients that write `bytes ` before it or `/<size>` behind are understood.
struct ChunkRange: Equatable {
    let first: Int64
    let last: Int64

    init?(_ header: String) {
        var text = header[...]
        for prefix in ["bytes=", "bytes "] where text.hasPrefix(prefix) { text = text.dropFirst(prefix.count) }
        text = text.prefix { $0 != "/" }
        let sides = text.split(separator: "-", omittingEmptySubsequences: false)
        guard sides.count == 2, let first = ByteRange.number(sides[0]), let last = ByteRange.number(sides[1]),
            last >= first, last < .max
        else { return nil }
        self.first = first
        self.last = last
    }

    var count: Int64 { last - first + 1 }
}
