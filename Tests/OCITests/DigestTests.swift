import Foundation
import OCI
import SeededRandom
import Testing

/// The grammar of a digest, its forms and its order: what the registry takes as an address and what it refuses.
@Suite("Digest")
struct DigestTests {
    static let hex256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    static let hex512 = String(repeating: "0f", count: 64)

    @Test("survives a round trip through every form", arguments: ["sha256:\(hex256)", "sha512:\(hex512)"])
    func roundTrip(text: String) throws {
        let digest = try Digest(text)
        #expect(digest.description == text)
        #expect("\(digest.algorithm.name):\(digest.hex)" == text)
        #expect(Digest(algorithm: digest.algorithm, bytes: digest.bytes) == digest)
        #expect(Digest(algorithm: digest.algorithm, hex: digest.hex) == digest)
        let json = try JSONEncoder().encode([digest])
        #expect(String(decoding: json, as: UTF8.self) == #"["\#(text)"]"#)
        #expect(try JSONDecoder().decode([Digest].self, from: json) == [digest])
    }

    @Test("gives bytes, hexadecimal and the short form in the order of the text")
    func parts() throws {
        let digest = try Digest("sha256:\(Self.hex256)")
        #expect(digest.algorithm == .sha256)
        #expect(digest.bytes.count == 32)
        #expect(digest.bytes.prefix(3) == [0xE3, 0xB0, 0xC4])
        #expect(digest.bytes.last == 0x55)
        #expect(digest.short == "e3b0c44298fc")
    }

    @Test("reads a slice of a longer text")
    func slice() throws {
        let path = "manifests/sha256:\(Self.hex256)/x"
        let digest = try Digest(path.split(separator: "/")[1])
        #expect(digest.hex == Self.hex256)
    }

    static let bad = [
        "", ":", "sha256", "sha256:", hex256, ":\(hex256)",
        "SHA256:\(hex256)", "Sha256:\(hex256)", "sha256:\(hex256.uppercased())", "sha256:E\(hex256.dropFirst())",
        "sha256:\(hex256.dropLast())", "sha256:\(hex256)0", "sha256:\(hex256)\(hex256)", "sha512:\(hex256)",
        "sha256:\(hex512)", "sha512:\(hex512.dropLast())", "sha512:\(hex512)0",
        "sha384:\(String(repeating: "0", count: 96))", "md5:d41d8cd98f00b204e9800998ecf8427e", "sha256-\(hex256)",
        "sha256+b64:\(hex256)", "sha256 :\(hex256)", " sha256:\(hex256)", "sha256: \(hex256)", "sha256:\(hex256) ",
        "sha256:\(hex256)\n", "sha256:\(hex256)\r\n", "\nsha256:\(hex256)", "sha256:\(hex256)\0", "sha256:\(hex256):",
        "sha256::\(hex256.dropFirst())", "sha256:g\(hex256.dropFirst())", "sha256:../\(hex256.dropFirst(3))",
        "sha256:%65\(hex256.dropFirst(3))", "sha256:\(hex256.dropLast())\u{FF10}",
        "sha256:\u{301}\(hex256.dropFirst(2))",
        "sha256\u{301}:\(hex256)",
    ]

    @Test("refuses what is not exactly one", arguments: bad)
    func refuses(text: String) {
        #expect(throws: OCIError.invalidDigest(text)) { try Digest(text) }
    }

    @Test("keeps at most 256 characters of what it refuses")
    func evidenceIsCut() {
        let long = String(repeating: "x", count: 100_000)
        #expect(throws: OCIError.invalidDigest(String(repeating: "x", count: 256))) { try Digest(long) }
    }

    @Test("refuses bytes of another number than the algorithm's", arguments: [0, 31, 33, 63, 64])
    func byteCount(count: Int) {
        let digest = Digest(algorithm: .sha256, bytes: [UInt8](repeating: 1, count: count))
        #expect(digest == nil)
    }

    @Test("in a document that is no digest is a decoding error", arguments: [#"["sha256:0"]"#, "[7]", "[null]"])
    func decodingFails(json: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Digest].self, from: Data(json.utf8)) }
    }

    @Test("is equal only with the same algorithm and every bit the same", arguments: 0..<256)
    func equality(bit: Int) throws {
        let zero = try #require(Digest(algorithm: .sha256, bytes: [UInt8](repeating: 0, count: 32)))
        var bytes = zero.bytes
        bytes[bit / 8] ^= 1 << (bit % 8)
        let other = try #require(Digest(algorithm: .sha256, bytes: bytes))
        #expect(other != zero)
        #expect(Set([zero, other, zero]).count == 2)
    }

    @Test("of zeros differs between the algorithms")
    func algorithmsDiffer() throws {
        let short = try Digest("sha256:\(String(repeating: "0", count: 64))")
        let long = try Digest("sha512:\(String(repeating: "0", count: 128))")
        #expect(short != long)
        #expect(short < long)
    }

    @Test("sorts as its canonical form does")
    func order() {
        var random = SeededGenerator()
        let digests = (0..<200).map { number in
            let algorithm: Digest.Algorithm = number % 3 == 0 ? .sha512 : .sha256
            // Few values, so that long common prefixes happen.
            return Digest.of([UInt8.random(in: 0...40, using: &random)], algorithm)
        }
        let sorted = digests.sorted().map(\.description)
        #expect(sorted == digests.map(\.description).sorted(), "seed \(random.seed)")
    }

    @Test("sorts by the last byte when all before it are the same")
    func orderOfNeighbours() throws {
        let low = try Digest("sha256:\(Self.hex256.dropLast())4")
        let high = try Digest("sha256:\(Self.hex256)")
        #expect(low < high)
        #expect(!(high < low))
        #expect(!(high < high))
    }

    /// What a manifest names need not be the hash of anything.
    @Test("made to agree in all but a few bytes hashes as well as any other", arguments: Digest.Algorithm.allCases)
    func collisions(algorithm: Digest.Algorithm) throws {
        for place in 0..<algorithm.byteCount {
            let digests = try (UInt8(0)..<64).map { number in
                var bytes = [UInt8](repeating: 0, count: algorithm.byteCount)
                bytes[place] = number
                return try #require(Digest(algorithm: algorithm, bytes: bytes))
            }
            #expect(Set(digests.map(\.hashValue)).count == 64)
        }
    }
}
