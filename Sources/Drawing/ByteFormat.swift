/// Numbers for people: sizes, rates, durations, ages and counts. No locale; the same everywhere.
package enum ByteFormat {
    private static let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

    /// A size with three significant digits, at most 8 columns: `0 B`, `4.10 KiB`, `18.3 GiB`, `612 MiB`.
    package static func size(_ bytes: UInt64) -> String {
        guard bytes >= 1024 else { return "\(bytes) B" }
        var exponent = 1
        while exponent < units.count - 1, bytes >> (10 * UInt64(exponent + 1)) > 0 { exponent += 1 }
        let text = significant(bytes, exponent)
        // Rounding can reach the next unit: 1,048,575 bytes are 1.00 MiB and not 1024 KiB.
        if text == "1024", exponent < units.count - 1 { return "1.00 \(units[exponent + 1])" }
        return "\(text) \(units[exponent])"
    }

    /// A size; what is negative counts as 0.
    package static func size(_ bytes: Int64) -> String { size(UInt64(max(0, bytes))) }

    /// A size; what is negative counts as 0.
    package static func size(_ bytes: Int) -> String { size(UInt64(max(0, bytes))) }

    /// A rate, at most 10 columns: `8.10 MiB/s`.
    package static func rate(bytesPerSecond: Double) -> String {
        guard bytesPerSecond.isFinite, bytesPerSecond > 0 else { return "0 B/s" }
        return size(UInt64(min(bytesPerSecond.rounded(), 1e18))) + "/s"
    }

    /// How long something took, at most 9 columns: `850 ms`, `4.2 s`, `3 m 20 s`, `2 h 05 m`, `3 d 04 h`.
    package static func duration(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        if seconds < 0 || attoseconds < 0 { return "0 ms" }
        if seconds == 0 { return "\(milliseconds) ms" }
        if seconds < 60 { return "\(seconds).\(milliseconds / 100) s" }
        if seconds < 3_600 { return "\(seconds / 60) m \(twoDigits(seconds % 60)) s" }
        if seconds < 86_400 { return "\(seconds / 3_600) h \(twoDigits(seconds / 60 % 60)) m" }
        return "\(min(seconds / 86_400, 9_999)) d \(twoDigits(seconds / 3_600 % 24)) h"
    }

    /// How long ago something was, at most 8 columns: `now`, `12 s`, `3 min`, `2 h`, `9 d`, `5 mo`, `3 y`.
    ///
    /// Less than 2 s, and the future, are `now`. A month is 30 days and a year 365.
    package static func age(seconds: Int64) -> String {
        switch seconds {
        case ..<2: "now"
        case ..<60: "\(seconds) s"
        case ..<3_600: "\(seconds / 60) min"
        case ..<86_400: "\(seconds / 3_600) h"
        case ..<2_592_000: "\(seconds / 86_400) d"
        case ..<31_536_000: "\(seconds / 2_592_000) mo"
        default: "\(min(seconds / 31_536_000, 999_999)) y"
        }
    }

    /// A count in groups of three: `1 207`.
    package static func count(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        var text = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(" ") }
            text.append(digit)
        }
        return text
    }

    /// A part of a whole, at most 5 columns: `61 %`. Only all of it is `100 %`, and only nothing is `0 %`.
    package static func percent(_ part: UInt64, of whole: UInt64) -> String {
        guard whole > 0, part > 0 else { return "0 %" }
        if part >= whole { return "100 %" }
        return "\(min(max(Int((Double(part) / Double(whole) * 100).rounded()), 1), 99)) %"
    }

    /// `bytes` in units of 1024 to the power of `exponent`, three significant digits, rounded half up.
    private static func significant(_ bytes: UInt64, _ exponent: Int) -> String {
        let shift = UInt64(10 * exponent)
        let whole = bytes >> shift
        // Ten bits below the unit are exact enough for two decimals and cannot overflow.
        let below = (bytes >> (shift - 10)) & 1023
        let hundredths = whole * 100 + (below * 100 + 512) / 1024
        if hundredths < 1_000 { return "\(hundredths / 100).\(twoDigits(Int64(hundredths % 100)))" }
        let tenths = whole * 10 + (below * 10 + 512) / 1024
        if tenths < 1_000 { return "\(tenths / 10).\(tenths % 10)" }
        return "\(whole + (below + 512) / 1024)"
    }

    private static func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
