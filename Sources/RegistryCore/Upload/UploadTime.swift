package import Foundation

/// The content of `startedat`: RFC 3339 in UTC with whole seconds, as Go's `time.RFC3339` prints it.
package enum UploadTime {
    package static func text(_ date: Date) -> String { date.formatted(.iso8601) }

    /// Nil when it is no such time; fractions of a second and other zones are accepted, for others wrote them.
    package static func date(_ text: String) -> Date? {
        (try? Date(text, strategy: .iso8601))
            ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    }
}
