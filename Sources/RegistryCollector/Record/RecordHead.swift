import Foundation
import RegistryCore
import RegistryStorage

/// What is known of a run before its first line: small, whatever the lines are.
///
/// ```
/// {"by":"…","quarantine_seconds":86400,"started":"…","version":2,"plan":{…,"damaged":[],"spared":[],"lines":[
/// {"item":…},
/// {"item":…}
/// ],"totals":{"lines":2,…}}}
/// ```
/// One JSON object. Its first and its last line alone are the head; between them stands one line of the plan on each. The
/// first version was the same object in any layout, with its keys in any order; both are read.
struct RecordHead: Codable, Sendable, Equatable {
    /// Absent in the first.
    var version: Int?
    var plan: SweepPlan.Head
    var started: Date
    var by: String
    /// Seconds that what goes stays, from the end of the run.
    var quarantineSeconds: Int

    static let versionNow = 2
    static let lists: Set<String> = ["plan.lines", "plan.spared", "plan.damaged"]
    static let lines = "plan.lines"

    private static let firstBytesMax = 64 << 10
    private static let lastBytesMax = 8 << 10

    /// Throws `RecordUnreadable` for a version to come, and for numbers that no run of ours has.
    static func decoded(_ json: [UInt8]) throws -> RecordHead {
        struct Version: Decodable { var version: Int? }
        do {
            // Asked first: what a later version says may not be what this one means.
            if let version = try CollectorJSON.decode(Version.self, from: Data(json)).version, version > versionNow {
                throw RecordUnreadable(reason: "a later version of Berth wrote it (record version \(version))")
            }
            let head = try CollectorJSON.decode(RecordHead.self, from: Data(json))
            try Bounds.seconds(head.quarantineSeconds, "quarantine_seconds")
            try Bounds.date(head.started, "started")
            return head
        } catch let invalid as PlanInvalid {
            throw RecordUnreadable(reason: invalid.reason)
        } catch let unreadable as RecordUnreadable {
            throw unreadable
        } catch {
            throw RecordUnreadable(reason: "it is no record that this version knows: \(CollectorJSON.text(of: error))")
        }
    }

    /// The head from the first and the last line of a record in its present layout; nil for one in another, or cut short.
    static func short(_ file: any BlobReader) async throws -> [UInt8]? {
        let first = try await file.read(at: 0, count: firstBytesMax)
        guard let end = first.firstIndex(of: UInt8(ascii: "\n")), first[..<end].hasSuffix("\"lines\":[") else {
            return nil
        }
        let start = max(Int64(end), file.size - Int64(lastBytesMax))
        let tail = try await file.read(at: start, count: lastBytesMax)
        guard tail.last == UInt8(ascii: "\n"),
            let line = tail.dropLast().lastIndex(of: UInt8(ascii: "\n")), tail[(line + 1)...].first == UInt8(ascii: "]")
        else { return nil }
        return Array(first[..<end]) + tail[(line + 1)...]
    }

    /// The first line of a record, with its end.
    func firstLine() throws -> [UInt8] {
        struct Outer: Encodable {
            var by: String
            var quarantineSeconds: Int
            var started: Date
            var version: Int
        }
        struct Inner: Encodable {
            var plan: UUID
            var generation: UInt64
            var made: Date
            var options: SweepOptions
        }
        let outer = try CollectorJSON.line(
            Outer(by: by, quarantineSeconds: quarantineSeconds, started: started, version: Self.versionNow))
        let inner = try CollectorJSON.line(
            Inner(plan: plan.plan, generation: plan.generation, made: plan.made, options: plan.options))
        return outer.dropLast() + Array(",\"plan\":".utf8) + inner.dropLast()
            + Array(",\"damaged\":[],\"spared\":[],\"lines\":[\n".utf8)
    }

    /// The last line of a record, with its end.
    static func lastLine(_ totals: SweepPlan.Totals) throws -> [UInt8] {
        Array("],\"totals\":".utf8) + (try CollectorJSON.line(totals)) + Array("}}\n".utf8)
    }
}

/// Why a record cannot be understood, as half a sentence.
struct RecordUnreadable: Error, Equatable {
    let reason: String
}

extension ArraySlice<UInt8> {
    fileprivate func hasSuffix(_ text: StaticString) -> Bool {
        suffix(text.utf8CodeUnitCount).elementsEqual(
            UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
