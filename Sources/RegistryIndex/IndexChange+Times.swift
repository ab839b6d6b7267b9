import Foundation
import GRDB

/// Times that lie in the future: a clock was wrong when they were written down. Nobody knows when it was, so they count from
/// when they were noticed; else what they are about would be spared for as long as the clock was wrong.
extension IndexChange {
    /// Sets such times to `now`, in seconds since 1970.
    ///
    /// - Parameter tags: also of tags and pulls, which a retention asks for. Costs a look at each of them; without, at what
    ///   nothing holds.
    package func timesEnded(at now: Int64, tags: Bool) throws {
        for table in IndexView.timed(tags: tags) {
            let settings = table.columns.map { "\($0) = MIN(\($0), ?1)" }.joined(separator: ", ")
            try db.executeCached(
                sql: "UPDATE \(table.name) SET \(settings) WHERE \(table.condition)", arguments: [now])
        }
    }
}

extension IndexView {
    /// True when there are times after `now`.
    package func hasTimes(after now: Int64, tags: Bool) throws -> Bool {
        for table in Self.timed(tags: tags) {
            let sql = "SELECT 1 FROM \(table.name) WHERE \(table.condition) LIMIT 1"
            if try Bool.fetchOne(db.cachedStatement(sql: sql), arguments: [now]) ?? false { return true }
        }
        return false
    }

    /// The largest number of a comparison that has seen damage; 0 for none.
    package func lastPass() throws -> Int64 {
        try Int64.fetchOne(db.cachedStatement(sql: "SELECT MAX(seen) FROM damage")) ?? 0
    }

    fileprivate struct Timed {
        var name: String
        /// Those whose rows have an index of their own.
        var rows: String?
        var columns: [String]

        var condition: String {
            let late = "(" + columns.map { "\($0) > ?1" }.joined(separator: " OR ") + ")"
            return rows.map { "\($0) AND \(late)" } ?? late
        }
    }

    fileprivate static func timed(tags: Bool) -> [Timed] {
        let garbage = [
            Timed(name: "blob", rows: "refcount = 0", columns: ["leased", "loose"]),
            Timed(name: "revision", rows: "loose > 0", columns: ["leased", "loose"]),
            Timed(name: "layer", rows: "idle > 0", columns: ["leased", "idle"]),
            Timed(name: "tag", rows: "name >= 'sha256-' AND name < 'sha256.'", columns: ["updated"]),
        ]
        return tags
            ? garbage + [Timed(name: "tag", columns: ["updated"]), Timed(name: "pull", columns: ["at"])] : garbage
    }
}
