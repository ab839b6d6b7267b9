extension Duration {
    /// A duration as `config.yml` spells it: Go's `time.ParseDuration`, or an integer, which is nanoseconds.
    ///
    /// `168h`, `1h30m`, `1.5s`, `-10ms`, `0`. A number without a unit is an integer or nothing.
    /// - Returns: nil for anything else, and for what does not fit in 64 bits of nanoseconds (292 years).
    ///
    /// <https://pkg.go.dev/time#ParseDuration>
    package init?(go text: String) {
        if let nanoseconds = Int64(text) {
            self = .nanoseconds(nanoseconds)
            return
        }
        var rest = Substring(text)
        let negative = rest.first == "-"
        if negative || rest.first == "+" { rest.removeFirst() }
        guard !rest.isEmpty else { return nil }
        var total: Int64 = 0
        while !rest.isEmpty {
            guard let part = Duration.nextPart(of: &rest) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return nil }
            total = sum
        }
        self = .nanoseconds(negative ? -total : total)
    }

    /// Milliseconds and longer as Go spells them: `1s`, `500ms`.
    var goText: String {
        let milliseconds = components.attoseconds / 1_000_000_000_000_000
        return milliseconds == 0 ? "\(components.seconds)s" : "\(components.seconds * 1000 + milliseconds)ms"
    }

    /// The duration as a number.
    var inSeconds: Double { self / .seconds(1) }

    /// Takes one number and its unit off the front; the answer is in nanoseconds.
    private static func nextPart(of rest: inout Substring) -> Int64? {
        let whole = takeDigits(from: &rest)
        var fraction = Substring()
        if rest.first == "." {
            rest.removeFirst()
            fraction = takeDigits(from: &rest)
        }
        guard !(whole.isEmpty && fraction.isEmpty), let unit = takeUnit(from: &rest) else { return nil }
        guard let count = whole.isEmpty ? 0 : Int64(whole) else { return nil }
        let (nanoseconds, overflow) = count.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        let (sum, sumOverflow) = nanoseconds.addingReportingOverflow(part(fraction, of: unit))
        return sumOverflow ? nil : sum
    }

    /// `fraction` are the digits behind the point. Unit over scale first: that way `0.29s` is exactly 290 ms, and what
    /// is below a nanosecond is cut off, both as in Go. Eighteen digits fit in 64 bits and are more than any unit needs.
    private static func part(_ fraction: Substring, of unit: Int64) -> Int64 {
        let digits = fraction.prefix(18)
        guard let count = Int64(digits) else { return 0 }
        let scale = digits.reduce(1.0) { scale, _ in scale * 10 }
        return Int64(Double(count) * (Double(unit) / scale))
    }

    private static func takeDigits(from rest: inout Substring) -> Substring {
        let digits = rest.prefix { $0.isASCII && $0.isWholeNumber }
        rest.removeFirst(digits.count)
        return digits
    }

    /// Takes a unit off the front; the answer is its length in nanoseconds.
    private static func takeUnit(from rest: inout Substring) -> Int64? {
        let name = rest.prefix { !($0.isASCII && $0.isWholeNumber) && $0 != "." }
        rest.removeFirst(name.count)
        switch name {
        case "ns": return 1
        // Latin u, the micro sign, the Greek letter.
        case "us", "\u{B5}s", "\u{3BC}s": return 1_000
        case "ms": return 1_000_000
        case "s": return 1_000_000_000
        case "m": return 60 * 1_000_000_000
        case "h": return 3_600 * 1_000_000_000
        default: return nil
        }
    }
}
