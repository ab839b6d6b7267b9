import OCI
import Testing

/// The running hash against the published vectors of FIPS 180-4, in one piece and in many.
@Suite("Digester")
struct DigesterTests {
    struct Vector: Sendable {
        var text: String
        var count = 1
        var digest: String

        var bytes: [UInt8] { Array(String(repeating: text, count: count).utf8) }
    }

    /// NIST, "Examples with Intermediate Values": the empty message, "abc", and a million times "a".
    static let vectors = [
        Vector(text: "", digest: "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        Vector(text: "abc", digest: "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        Vector(
            text: "a", count: 1_000_000,
            digest: "sha256:cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
        Vector(
            text: "",
            digest: "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
                + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"),
        Vector(
            text: "abc",
            digest: "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"),
        Vector(
            text: "a", count: 1_000_000,
            digest: "sha512:e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
                + "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b"),
    ]

    @Test("agrees with the published vectors", arguments: vectors)
    func known(vector: Vector) throws {
        let expected = try Digest(vector.digest)
        #expect(Digest.of(vector.bytes, expected.algorithm) == expected)
    }

    @Test("gives the same however the bytes are cut", arguments: vectors, [1, 63, 64, 65, 127, 128, 4096])
    func streamed(vector: Vector, piece: Int) throws {
        let bytes = vector.bytes.prefix(20_000)
        let expected = Digest.of(Array(bytes), try Digest(vector.digest).algorithm)
        var digester = Digester(expected.algorithm)
        var rest = bytes
        while !rest.isEmpty {
            Array(rest.prefix(piece)).withUnsafeBytes { digester.update($0) }
            rest = rest.dropFirst(piece)
        }
        #expect(digester.finalize() == expected)
        #expect(digester.byteCount == Int64(bytes.count))
    }

    @Test("goes on after a digest of so far, and so does a copy", arguments: Digest.Algorithm.allCases)
    func forks(algorithm: Digest.Algorithm) {
        var digester = Digester(algorithm)
        Array("ab".utf8).withUnsafeBytes { digester.update($0) }
        #expect(digester.finalize() == Digest.of(Array("ab".utf8), algorithm))
        var fork = digester
        Array("x".utf8).withUnsafeBytes { fork.update($0) }
        Array("c".utf8).withUnsafeBytes { digester.update($0) }
        #expect(fork.finalize() == Digest.of(Array("abx".utf8), algorithm))
        #expect(digester.finalize() == Digest.of(Array("abc".utf8), algorithm))
        #expect(digester.byteCount == 3)
    }
}
