import OCI

/// The `Range` of a request (RFC 9110 §14.2): which parts of the content it asks for.
enum ByteRange: Equatable {
    /// No range, one in another unit, or such as the RFC lets a server ignore.
    case whole
    /// In the order in which they were asked for; none is empty, and together they are no longer than the content.
    case parts([Range<Int64>])
    case unsatisfiable

    /// - Parameters:
    ///   - size: bytes of the content.
    ///   - rangesMax: ranges beyond which the whole is served: many small ones are an attack, not a download.
    init(_ header: String?, size: Int64, rangesMax: Int) {
        guard let header, header.prefix(6).lowercased() == "bytes=" else { self = .whole; return }
        let items = header.dropFirst(6).split(separator: ",", omittingEmptySubsequences: false)
        guard items.count <= rangesMax else { self = .whole; return }
        var parts: [Range<Int64>] = []
        for item in items {
            switch Item(item, size: size) {
            case .malformed: self = .whole; return
            // The RFC lets a range that ends before it begins be ignored; distribution refuses it, and a client that errs
            // wants to know.
            case .outside: continue
            case .part(let part): parts.append(part)
            }
        }
        guard let first = parts.first else { self = .unsatisfiable; return }
        if parts.count == 1 { self = .parts([first]); return }
        // Overlapping ranges may ask for the same bytes a thousand times over.
        let total = parts.sumClamped { $0.upperBound - $0.lowerBound }
        // What stands between the parts must fit into the length too.
        self = total > min(size, .max / 2) ? .whole : .parts(parts)
    }

    private enum Item {
        case malformed
        case outside
        case part(Range<Int64>)

        init(_ text: Substring, size: Int64) {
            let sides = OptionalSpace.trim(text).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { self = .malformed; return }
            switch (ByteRange.number(sides[0]), ByteRange.number(sides[1])) {
            case (nil, let suffix?) where sides[0].isEmpty:
                self = suffix == 0 || size == 0 ? .outside : .part(max(0, size - suffix)..<size)
            case (let first?, nil) where sides[1].isEmpty:
                self = first < size ? .part(first..<size) : .outside
            case (let first?, let last?) where first <= last:
                self = first < size ? .part(first..<min(size, last == .max ? size : last + 1)) : .outside
            case (_?, _?): self = .outside
            default: self = .malformed
            }
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
