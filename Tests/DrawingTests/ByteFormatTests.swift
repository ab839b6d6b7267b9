import Drawing
import SeededRandom
import Testing

@Suite("Numbers for people")
struct ByteFormatTests {
    @Test(
        "sizes",
        arguments: [
            (UInt64(0), "0 B"), (1, "1 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (4198, "4.10 KiB"),
            (10_240, "10.0 KiB"), (1_048_063, "1023 KiB"), (1_048_575, "1.00 MiB"), (641_728_512, "612 MiB"),
            (2_061_584_302, "1.92 GiB"), (19_649_475_379, "18.3 GiB"), (1 << 50, "1.00 PiB"), (.max, "16.0 EiB"),
        ])
    func sizes(bytes: UInt64, expected: String) {
        #expect(ByteFormat.size(bytes) == expected)
    }

    @Test("a size never takes more than eight columns and never shrinks as bytes grow")
    func width() {
        var random = SeededGenerator()
        for _ in 0..<5_000 {
            let bytes = UInt64.random(in: 0...UInt64.max, using: &random) >> UInt64.random(in: 0..<64, using: &random)
            #expect(ByteFormat.size(bytes).count <= 8, "\(bytes), seed \(random.seed)")
            #expect(ByteFormat.rate(bytesPerSecond: Double(bytes)).count <= 10, "\(bytes), seed \(random.seed)")
        }
        #expect(ByteFormat.size(-1) == "0 B")
        #expect(ByteFormat.rate(bytesPerSecond: .nan) == "0 B/s")
        #expect(ByteFormat.rate(bytesPerSecond: .infinity) == "0 B/s")
    }

    @Test(
        "durations",
        arguments: [
            (Duration.zero, "0 ms"), (.milliseconds(850), "850 ms"), (.milliseconds(4_290), "4.2 s"),
            (.seconds(200), "3 m 20 s"), (.seconds(7_500), "2 h 05 m"), (.seconds(3 * 86_400 + 4 * 3_600), "3 d 04 h"),
            (.seconds(-5), "0 ms"),
        ])
    func durations(duration: Duration, expected: String) {
        #expect(ByteFormat.duration(duration) == expected)
    }

    @Test(
        "ages",
        arguments: [
            (Int64(-100), "now"), (1, "now"), (2, "2 s"), (59, "59 s"), (60, "1 min"), (3_599, "59 min"),
            (3_600, "1 h"), (86_400, "1 d"), (2_592_000, "1 mo"), (31_535_999, "12 mo"), (31_536_000, "1 y"),
            (.max, "999999 y"),
        ])
    func ages(seconds: Int64, expected: String) {
        #expect(ByteFormat.age(seconds: seconds) == expected)
        #expect(expected.count <= 8)
    }

    @Test("counts and percentages")
    func counts() {
        let counts = [0, 999, 1_207, 1_000_000, -1_234].map(ByteFormat.count)
        #expect(counts == ["0", "999", "1 207", "1 000 000", "-1 234"])
        #expect(ByteFormat.percent(1, of: 1_000_000) == "1 %")
        #expect(ByteFormat.percent(999_999, of: 1_000_000) == "99 %")
        #expect(ByteFormat.percent(61, of: 100) == "61 %")
        #expect(ByteFormat.percent(5, of: 5) == "100 %")
        #expect(ByteFormat.percent(0, of: 0) == "0 %")
    }
}
