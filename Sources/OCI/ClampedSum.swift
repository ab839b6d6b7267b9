/// Sums of numbers that come from outside: sizes that a manifest or a request claims, lengths and times of a disk. They may
/// be as large as their type, and two of them more: a sum that would not fit is the nearest number that does.
extension FixedWidthInteger {
    package func addingClamped(_ other: Self) -> Self {
        let (sum, overflow) = addingReportingOverflow(other)
        guard overflow else { return sum }
        return other < 0 ? .min : .max
    }

    package mutating func addClamped(_ other: Self) { self = addingClamped(other) }

    package func multipliedClamped(by other: Self) -> Self {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        guard overflow else { return product }
        return (self < 0) == (other < 0) ? .max : .min
    }
}

extension Sequence {
    package func sumClamped<Number: FixedWidthInteger>(_ number: (Element) -> Number) -> Number {
        reduce(into: 0) { $0.addClamped(number($1)) }
    }
}
