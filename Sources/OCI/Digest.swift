/// A content address: an algorithm and the hash it gives for exactly one sequence of bytes.
///
/// Grammar and registered algorithms: image-spec, `descriptor.md`, "Digests". Only sha256 and sha512 exist here; another
/// algorithm is an error at the edge, so no later code meets one. 64 bytes wide and without a heap allocation, so it is
/// cheap as a dictionary key on the hot paths.
package struct Digest: Hashable, Sendable {
    package enum Algorithm: UInt8, Sendable, CaseIterable {
        case sha256 = 1
        case sha512 = 2

        /// The name as it stands before the colon and as a directory in the storage tree.
        package var name: String {
            switch self {
            case .sha256: "sha256"
            case .sha512: "sha512"
            }
        }

        /// What the canonical form begins with.
        fileprivate var start: StaticString {
            switch self {
            case .sha256: "sha256:"
            case .sha512: "sha512:"
            }
        }

        /// Length of the hash in bytes; the hexadecimal form is twice as long.
        package var byteCount: Int {
            switch self {
            case .sha256: 32
            case .sha512: 64
            }
        }

        package init?(name: some StringProtocol) {
            switch name {
            case "sha256": self = .sha256
            case "sha512": self = .sha512
            default: return nil
            }
        }
    }

    package let algorithm: Algorithm
    private let hash: Hash

    /// The bytes of the hash in order, zeros behind its length for sha256. Plain words and not a vector: the alignment of
    /// a 64-byte vector is more than the frames of asynchronous functions give it.
    private struct Hash: Hashable {
        private var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)

        subscript(position: Int) -> UInt8 {
            get { withUnsafeBytes(of: words) { $0[position] } }
            set { withUnsafeMutableBytes(of: &words) { $0[position] = newValue } }
        }

        static func == (left: Hash, right: Hash) -> Bool {
            left.words.0 == right.words.0 && left.words.1 == right.words.1 && left.words.2 == right.words.2
                && left.words.3 == right.words.3 && left.words.4 == right.words.4 && left.words.5 == right.words.5
                && left.words.6 == right.words.6 && left.words.7 == right.words.7
        }

        /// The order of the bytes.
        static func < (left: Hash, right: Hash) -> Bool {
            func precedes(_ one: UInt64, _ other: UInt64) -> Bool { one.bigEndian < other.bigEndian }
            let (one, other) = (left.words, right.words)
            if one.0 != other.0 { return precedes(one.0, other.0) }
            if one.1 != other.1 { return precedes(one.1, other.1) }
            if one.2 != other.2 { return precedes(one.2, other.2) }
            if one.3 != other.3 { return precedes(one.3, other.3) }
            if one.4 != other.4 { return precedes(one.4, other.4) }
            if one.5 != other.5 { return precedes(one.5, other.5) }
            if one.6 != other.6 { return precedes(one.6, other.6) }
            return precedes(one.7, other.7)
        }

        var first: UInt64 { words.0.bigEndian }

        init() {}

        /// From `count` bytes in lower-case hexadecimal; nil when these are none.
        init?(hex: Slice<UnsafeBufferPointer<UInt8>>, count: Int) {
            guard hex.count == count * 2 else { return nil }
            let isHex = withUnsafeMutableBytes(of: &words) { hash in
                var place = hex.startIndex
                for position in 0..<count {
                    let (high, low) = (Self.nibble(hex[place]), Self.nibble(hex[place + 1]))
                    guard high < 16, low < 16 else { return false }
                    hash[position] = high << 4 | low
                    place += 2
                }
                return true
            }
            guard isHex else { return nil }
        }

        /// 16 and above for what is no lower-case hexadecimal digit.
        private static func nibble(_ byte: UInt8) -> UInt8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
            default: .max
            }
        }

        /// Takes as many bytes as there are, at most all.
        mutating func fill(_ bytes: UnsafeRawBufferPointer) {
            withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes.prefix($0.count)) }
        }

        /// All of them: a digest that a manifest names need not be the hash of anything, so whoever writes it could make
        /// thousands that agree in any part.
        func hash(into hasher: inout Hasher) { withUnsafeBytes(of: words) { hasher.combine(bytes: $0) } }
    }

    /// The first eight bytes of the hash as a number that has their order: of two digests the smaller has the smaller, or
    /// the same.
    package var start: UInt64 { hash.first }

    /// A digest from the raw bytes of a hash; nil when their number is not the algorithm's.
    package init?(algorithm: Algorithm, bytes: some Collection<UInt8>) {
        guard bytes.count == algorithm.byteCount else { return nil }
        var hash = Hash()
        for (position, byte) in bytes.enumerated() { hash[position] = byte }
        self.algorithm = algorithm
        self.hash = hash
    }

    /// The same from memory: a tenth of the time, for who reads thousands.
    package init?(algorithm: Algorithm, raw bytes: UnsafeRawBufferPointer) {
        guard bytes.count == algorithm.byteCount else { return nil }
        var hash = Hash()
        hash.fill(bytes)
        self.algorithm = algorithm
        self.hash = hash
    }

    /// Parses `sha256:<64 lower-case hex>` or `sha512:<128 lower-case hex>`; anything else throws, also upper case, white
    /// space and a missing algorithm.
    package init(_ text: some StringProtocol) throws(OCIError) {
        guard let digest = Self.withBytes(of: text, Self.parse) else { throw .invalidDigest(String(text.prefix(256))) }
        self = digest
    }

    /// The same from the hexadecimal part alone, as it stands in a path; nil when it is not one.
    package init?(algorithm: Algorithm, hex: some StringProtocol) {
        guard let hash = Self.withBytes(of: hex, { Hash(hex: $0[...], count: algorithm.byteCount) }) else { return nil }
        self.init(algorithm: algorithm, hash: hash)
    }

    private init(algorithm: Algorithm, hash: Hash) { (self.algorithm, self.hash) = (algorithm, hash) }

    /// As bytes and not as characters: each request with a digest comes here, twice.
    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Digest? {
        for algorithm in Algorithm.allCases {
            let start = algorithm.start
            guard bytes.count > start.utf8CodeUnitCount,
                start.withUTF8Buffer({ $0.elementsEqual(bytes.prefix($0.count)) })
            else { continue }
            return Hash(hex: bytes.dropFirst(start.utf8CodeUnitCount), count: algorithm.byteCount).map {
                Digest(algorithm: algorithm, hash: $0)
            }
        }
        return nil
    }

    private static func withBytes<Result>(
        of text: some StringProtocol, _ body: (UnsafeBufferPointer<UInt8>) -> Result?
    ) -> Result? {
        text.utf8.withContiguousStorageIfAvailable(body) ?? Array(text.utf8).withUnsafeBufferPointer(body)
    }

    /// The raw hash, 32 or 64 bytes.
    package var bytes: [UInt8] { (0..<algorithm.byteCount).map { hash[$0] } }

    /// The hash in lower-case hexadecimal, without the algorithm.
    package var hex: String {
        let count = algorithm.byteCount
        return String(unsafeUninitializedCapacity: count * 2) { buffer in
            for position in 0..<count {
                buffer[position * 2] = Self.hexDigit(hash[position] >> 4)
                buffer[position * 2 + 1] = Self.hexDigit(hash[position] & 0xF)
            }
            return count * 2
        }
    }

    /// The first twelve hexadecimal characters: enough for a person to tell digests apart, never to address one.
    package var short: String { String(hex.prefix(12)) }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}

extension Digest: CustomStringConvertible {
    /// The canonical form, `algorithm:hex`.
    package var description: String { "\(algorithm.name):\(hex)" }
}

extension Digest: Comparable {
    /// The order of the canonical forms, so that listings are stable and the same everywhere.
    package static func < (left: Digest, right: Digest) -> Bool {
        if left.algorithm != right.algorithm { return left.algorithm.rawValue < right.algorithm.rawValue }
        return left.hash < right.hash
    }
}
