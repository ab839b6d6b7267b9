import Foundation
private import Glibc

/// Dates as people read them: short, and none of them goes stale while nothing is drawn.
struct Times: Sendable {
    private let timeZone: TimeZone

    init(_ timeZone: TimeZone) { self.timeZone = timeZone }

    /// `12:00:07`.
    func clock(_ date: Date) -> String { Self.clock(parts(date)) }

    /// The time of day for today, `21 Nov 12:00` for this year, else `2025-11-21`; `-` for nil.
    func stamp(_ date: Date?, now: Date) -> String {
        guard let date else { return "-" }
        let (parts, today) = (parts(date), parts(now))
        if (parts.tm_year, parts.tm_yday) == (today.tm_year, today.tm_yday) { return Self.clock(parts) }
        if parts.tm_year == today.tm_year {
            let time = "\(Self.two(parts.tm_hour)):\(Self.two(parts.tm_min))"
            return "\(Self.two(parts.tm_mday)) \(Self.months[Int(parts.tm_mon)]) \(time)"
        }
        return "\(Int(parts.tm_year) + 1900)-\(Self.two(parts.tm_mon + 1))-\(Self.two(parts.tm_mday))"
    }

    /// Seconds from 1970 of the farthest date that is told apart from others: some hundred thousand years.
    private static let secondsMax = 4e12

    /// A date in its parts. A screen shows some dozens in each frame, and a calendar takes several times as long.
    private func parts(_ date: Date) -> tm {
        let seconds = min(Self.secondsMax, max(-Self.secondsMax, date.timeIntervalSince1970)).rounded(.down)
        let offset = timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: seconds))
        var local = time_t(seconds) + offset
        var parts = tm()
        gmtime_r(&local, &parts)
        return parts
    }

    private static func clock(_ parts: tm) -> String {
        "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func two(_ number: CInt) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
