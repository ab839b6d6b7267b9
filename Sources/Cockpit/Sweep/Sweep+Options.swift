import Drawing
import RegistryCollector
import RegistryCore

/// What a sweep looks for, each thing with its key, and where it puts what goes.
extension Model {
    /// The graces one can choose, in seconds.
    static let graces = [0, 600, 3600, 86_400]
    /// The ages one can choose for uploads, and for referrers of missing subjects; nil leaves them alone.
    static let ages: [Int?] = [nil, SweepSession.day, SweepOptions.longSeconds]

    /// Takes the next longer or shorter grace.
    mutating func changeGrace(by step: Int) -> [Effect] {
        let graces = Self.graces
        let current = graces.lastIndex { $0 <= sweep.session.options.graceSeconds } ?? 0
        let next = min(max(0, current + step), graces.count - 1)
        guard graces[next] != sweep.session.options.graceSeconds else { return [] }
        return markForSweep { $0.graceSeconds = graces[next] }
    }

    /// Takes the next age, around the end.
    mutating func changeAge(_ age: WritableKeyPath<SweepOptions, Int?>) -> [Effect] {
        let current = Self.ages.firstIndex(of: sweep.session.options[keyPath: age]) ?? 0
        let next = Self.ages[(current + 1) % Self.ages.count]
        return markForSweep { $0[keyPath: age] = next }
    }

    mutating func toggleRetention() -> [Effect] {
        guard setup.hasRetention else {
            say(.note, "no retention is configured: every tag stays")
            return []
        }
        return markForSweep { $0.retention.toggle() }
    }

    /// Has what goes wait in the quarantine, or freed at once; the preview is the same.
    mutating func toggleQuarantine() {
        if !sweep.session.toggleQuarantine() { say(.trouble, "a sweep is running; it goes on as it was begun") }
    }

    /// The options as they stand, one a line, each with its key at the right of `width`.
    func sweepOptionLines(width: Int) -> [[Span]] {
        let (options, settings) = (sweep.session.options, sweep.session.settings)
        var lines = [
            Self.option(options.untagged, "untagged", "t", width),
            Self.option(options.layerLinks, "layer links", "L", width),
        ]
        if setup.hasRetention { lines.append(Self.option(options.retention, "not retained", "K", width)) }
        lines.append(Self.option("uploads", Self.ageText(options.uploadSeconds), "u", width))
        lines.append(Self.option("referrers", Self.ageText(options.referrerSeconds), "R", width))
        lines.append(Self.option("grace", Self.timeText(options.graceSeconds), "+ -", width))
        let seconds = settings.quarantineSeconds
        lines.append(
            seconds == 0
                ? Self.option("bytes", "freed at once", "f", width, .warn)
                : Self.option("quarantine", Self.timeText(seconds), "f", width))
        return lines
    }

    private static func option(_ isOn: Bool, _ word: String, _ key: String, _ width: Int) -> [Span] {
        let room = max(0, width - 4 - key.columns)
        return [Span(isOn ? "[x] " : "[ ] ", .mark), Span(word.padded(to: room)), Span(key, .hintKey)]
    }

    private static func option(
        _ word: String, _ value: String, _ key: String, _ width: Int, _ style: Style = .text
    ) -> [Span] {
        let room = max(0, width - word.columns - 1 - key.columns)
        return [Span(word + " ", .dim), Span(value.padded(to: room), style), Span(key, .hintKey)]
    }

    private static func ageText(_ seconds: Int?) -> String { seconds.map { "after \(timeText($0))" } ?? "stay" }

    /// Seconds in the largest unit that needs no fraction.
    static func timeText(_ seconds: Int) -> String {
        switch seconds {
        case 0: "none"
        case _ where seconds % 86_400 == 0 && seconds > 86_400: "\(seconds / 86_400) d"
        case _ where seconds % 3600 == 0: "\(seconds / 3600) h"
        case _ where seconds % 60 == 0: "\(seconds / 60) min"
        default: "\(seconds) s"
        }
    }
}
