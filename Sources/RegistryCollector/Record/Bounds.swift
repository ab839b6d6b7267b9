package import Foundation
import RegistryCore

/// What numbers of a plan, a record or a request may be. They come from files and from other processes; what is inside the
/// bounds can be added up and compared without harm.
package enum Bounds {
    /// An exbibyte: more than any file system holds.
    package static let bytesMax: Int64 = 1 << 60
    /// A hundred years.
    package static let secondsMax = 3_155_760_000
    /// The years 1 to 9999, which RFC 3339 can write; in seconds since 1970.
    private static let timeMin = -62_135_596_800.0
    private static let timeMax = 253_402_300_799.0

    package static func bytes(_ value: Int64, _ field: String) throws(PlanInvalid) {
        guard (0...bytesMax).contains(value) else {
            throw PlanInvalid(reason: "\(field) is \(value); it may be 0 to \(bytesMax)")
        }
    }

    package static func seconds(_ value: Int, _ field: String) throws(PlanInvalid) {
        guard (0...secondsMax).contains(value) else {
            throw PlanInvalid(reason: "\(field) is \(value); it may be 0 to \(secondsMax), a hundred years")
        }
    }

    package static func date(_ value: Date, _ field: String) throws(PlanInvalid) {
        guard (timeMin...timeMax).contains(value.timeIntervalSince1970) else {
            throw PlanInvalid(reason: "\(field) is not in the years 1 to 9999")
        }
    }

    /// The nearest time that may be written.
    package static func clamped(_ date: Date) -> Date {
        Date(timeIntervalSince1970: min(max(date.timeIntervalSince1970, timeMin), timeMax))
    }

    package static func clamped(bytes: Int64) -> Int64 { min(max(bytes, 0), bytesMax) }

    package static func clamped(seconds: Int) -> Int { min(max(seconds, 0), secondsMax) }
}
