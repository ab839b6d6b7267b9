import Glibc

/// The `Date` of answers (RFC 9110 §6.6.1), written once a second. Belongs to one connection, so that it needs no lock.
struct DateField {
    /// Seconds since 1970 that `text` stands for.
    private var second = Int.min
    private var text = ""

    /// The present second. Costs a call that needs no kernel, and once a second some two hundred nanoseconds.
    mutating func now() -> String {
        let now = time(nil)
        if now != second { (second, text) = (now, Self.text(now)) }
        return text
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that may be sent (RFC 9110 §5.6.7), in no locale but English.
    ///
    /// - Parameter seconds: since 1970.
    static func text(_ seconds: Int) -> String {
        var seconds = time_t(seconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let year = parts.tm_year + 1900
        let date = "\(two(parts.tm_mday)) \(months[Int(parts.tm_mon) % 12]) \(two(year / 100))\(two(year % 100))"
        let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        return "\(days[Int(parts.tm_wday) % 7]), \(date) \(clock) GMT"
    }

    private static func two(_ number: CInt) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
