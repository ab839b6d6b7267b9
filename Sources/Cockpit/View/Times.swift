import Foundation

/// Dates as people read them: short, and none of them goes stale while nothing is drawn.
struct Times: Sendable {
    private let calendar: Calendar

    init(_ timeZone: TimeZone) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        self.calendar = calendar
    }

    /// `12:00:07`.
    func clock(_ date: Date) -> String {
        let parts = calendar.dateComponents([.hour, .minute, .second], from: date)
        return [parts.hour, parts.minute, parts.second].map { Self.two($0) }.joined(separator: ":")
    }

    /// The time of day for today, `21 Nov 12:00` for this year, else `2025-11-21`; `-` for nil.
    func stamp(_ date: Date?, now: Date) -> String {
        guard let date else { return "-" }
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: date)
        let today = calendar.dateComponents([.year, .month, .day], from: now)
        if (parts.year, parts.month, parts.day) == (today.year, today.month, today.day) { return clock(date) }
        let month = parts.month ?? 1
        if parts.year == today.year {
            return "\(Self.two(parts.day)) \(Self.months[month - 1]) \(Self.two(parts.hour)):\(Self.two(parts.minute))"
        }
        return "\(parts.year ?? 0)-\(Self.two(month))-\(Self.two(parts.day))"
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func two(_ number: Int?) -> String {
        let number = number ?? 0
        return number < 10 ? "0\(number)" : "\(number)"
    }
}
