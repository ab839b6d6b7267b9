import Testing

@testable import berth

@Suite struct ProgressLineTests {
    @Test(
        "a bar, how much of it, and how long it may still take once that is known",
        arguments: [
            (0.0, 5.0, "[........................]   0%  x"),
            (0.5, 0.5, "[############............]  50%  x"),
            (0.5, 10.0, "[############............]  50%  10.0 s left  x"),
            (1.0, 10.0, "[########################] 100%  x"),
            (1.7, 10.0, "[########################] 100%  x"),
        ])
    func line(fraction: Double, seconds: Double, expected: String) {
        #expect(ProgressLine.line(fraction: fraction, seconds: seconds, "x") == expected)
    }

    @Test func withoutAFractionThereIsNoBar() {
        #expect(ProgressLine.line(fraction: nil, seconds: 9, "12 blobs") == "12 blobs")
    }
}
