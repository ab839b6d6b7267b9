import Testing

@testable import RegistryHTTP

/// `Range` by RFC 9110 §14, and the `Content-Range` of a chunk by the distribution specification.
@Suite struct ByteRangeTests {
    @Test(
        arguments: [
            ("bytes=0-0", 0..<1), ("bytes=0-99", 0..<100), ("bytes=10-19", 10..<20), ("bytes=99-99", 99..<100),
            // Open and suffix forms.
            ("bytes=0-", 0..<100), ("bytes=90-", 90..<100), ("bytes=-1", 99..<100), ("bytes=-100", 0..<100),
            // Beyond the end is cut there.
            ("bytes=0-100", 0..<100), ("bytes=50-1000000", 50..<100), ("bytes=-101", 0..<100),
            ("bytes=007-8", 7..<9),
            // Numbers that no integer holds.
            ("bytes=0-9223372036854775807", 0..<100), ("bytes=1-99999999999999999999999", 1..<100),
            ("bytes=-9223372036854775808", 0..<100), ("bytes=-99999999999999999999999", 0..<100),
        ] as [(String, Range<Int64>)])
    func aPart(header: String, part: Range<Int64>) {
        #expect(ByteRange(header, size: 100, rangesMax: 4) == .parts([part]))
    }

    @Test(arguments: [
        "bytes=100-", "bytes=100-100", "bytes=20-10", "bytes=1000-2000", "bytes=-0", "bytes=9223372036854775807-",
        "bytes=99999999999999999999999-", "bytes=99999999999999999999999-99999999999999999999999",
    ])
    func nothingOfTheContent(header: String) {
        #expect(ByteRange(header, size: 100, rangesMax: 4) == .unsatisfiable)
    }

    @Test(arguments: ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=-0", "bytes=1-2"])
    func anEmptyContentHasNoPart(header: String) {
        #expect(ByteRange(header, size: 0, rangesMax: 4) == .unsatisfiable)
    }

    /// RFC 9110 §14.2: what is not understood is ignored.
    @Test(arguments: [
        nil, "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1-2-3", "bytes=--5",
        "bytes=+1-5", "bytes=1-+5", "bytes=1 -5", "bytes=1- 5", "bytes=0x1-5", "items=0-1", "0-1", "bytes 0-1",
        "bytes=0-1,", "bytes=0-1,x",
        "bytes=\u{0661}-\u{0662}",
    ])
    func theWhole(header: String?) {
        #expect(ByteRange(header, size: 100, rangesMax: 4) == .whole)
    }
}

/// Several parts in one request.
@Suite struct ByteRangesTests {
    @Test(
        arguments: [
            ("bytes=0-1,5-6", [0..<2, 5..<7]), ("bytes=90-, 0-0", [90..<100, 0..<1]),
            ("BYTES=0-1 ,\t-1", [0..<2, 99..<100]),
            // What lies outside is left out, as long as something is inside.
            ("bytes=0-1,200-300", [0..<2]), ("bytes=200-300,0-1,5-2", [0..<2]),
            // Overlap is no harm while it is not more than the whole.
            ("bytes=0-9,5-14", [0..<10, 5..<15]),
            ("bytes=0-24,25-49,50-74,75-99", [0..<25, 25..<50, 50..<75, 75..<100]),
        ] as [(String, [Range<Int64>])])
    func theParts(header: String, parts: [Range<Int64>]) {
        #expect(ByteRange(header, size: 100, rangesMax: 4) == .parts(parts))
    }

    @Test func allOutsideIsUnsatisfiable() {
        #expect(ByteRange("bytes=100-,200-300", size: 100, rangesMax: 4) == .unsatisfiable)
    }

    /// CVE-2011-3192 asked for a thousand overlapping ranges.
    @Test(arguments: ["bytes=0-,0-", "bytes=0-99,0-0", "bytes=0-0,1-1,2-2,3-3,4-4", "bytes=-100,-100,-100"])
    func moreThanTheWholeOrTooManyIsTheWhole(header: String) {
        #expect(ByteRange(header, size: 100, rangesMax: 4) == .whole)
    }

    @Test func sumsDoNotOverflow() {
        #expect(ByteRange("bytes=0-,0-,0-", size: .max, rangesMax: 4) == .whole)
    }
}

@Suite struct ChunkRangeTests {
    @Test(
        arguments: [
            ("0-0", 0, 0, 1), ("0-99", 0, 99, 100), ("100-199", 100, 199, 100), ("bytes 10-19", 10, 19, 10),
            ("bytes=10-19", 10, 19, 10), ("bytes 10-19/30", 10, 19, 10), ("10-19/*", 10, 19, 10),
            ("0-9223372036854775806", 0, .max - 1, .max),
        ] as [(String, Int64, Int64, Int64)])
    func firstAndLastAreInclusive(header: String, first: Int64, last: Int64, count: Int64) throws {
        let range = try #require(ChunkRange(header))
        #expect(range.first == first)
        #expect(range.last == last)
        #expect(range.count == count)
    }

    @Test(arguments: [
        "", "-", "5", "5-", "-5", "9-0", "a-b", "0-9-10", "--1-5", "0--1", "+0-9", "0-+9", " 0-9", "0 - 9", "items 0-9",
        "0-9223372036854775807", "0-99999999999999999999999", "bytes */10",
    ])
    func anythingElseIsNone(header: String) {
        #expect(ChunkRange(header) == nil)
    }
}
