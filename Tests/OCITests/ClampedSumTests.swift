import OCI
import Testing

/// Sums of numbers that others claim.
@Suite struct ClampedSumTests {
    @Test(
        arguments: [
            (1, 2, 3), (Int64.max, 1, .max), (.max, .max, .max), (.min, -1, .min), (.min, .max, -1),
            (-5, .max, .max - 5),
        ] as [(Int64, Int64, Int64)])
    func aSumThatDoesNotFitIsTheNearestThatDoes(first: Int64, second: Int64, sum: Int64) {
        #expect(first.addingClamped(second) == sum)
        #expect(second.addingClamped(first) == sum)
        #expect([first, second].sumClamped { $0 } == sum)
    }

    @Test(
        arguments: [
            (3, 4, 12), (Int64.max, 2, .max), (.max, -2, .min), (.min, -1, .max), (0, .max, 0),
        ] as [(Int64, Int64, Int64)])
    func aProductTooIsTheNearest(first: Int64, second: Int64, product: Int64) {
        #expect(first.multipliedClamped(by: second) == product)
    }
}
