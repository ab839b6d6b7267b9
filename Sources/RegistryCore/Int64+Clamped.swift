extension Int64 {
    /// The sum, or the largest number there is where it is larger: for counts of bytes that others claim.
    package func clampedAdding(_ other: Int64) -> Int64 {
        let (sum, isOver) = addingReportingOverflow(other)
        return isOver ? (other > 0 ? .max : .min) : sum
    }
}

extension Sequence<Int64> {
    /// The sum of all, which does not overflow.
    package var clampedSum: Int64 { reduce(0) { $0.clampedAdding($1) } }
}
