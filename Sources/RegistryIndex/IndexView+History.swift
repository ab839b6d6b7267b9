import Foundation
import GRDB
package import OCI

/// What tags held before, and when they were pulled.
extension IndexView {
    private static let departureColumns = """
        SELECT r.name, d.tag, d.digest, d.at, d.by, d.cause, d.id FROM departure d JOIN repository r ON r.id = d.repository
        """

    private static func departureRow(_ row: Row) throws -> DepartureRow {
        DepartureRow(
            repository: try RepositoryName(onDisk: row[0] as String), tag: try Tag(row[1] as String),
            digest: try row.digest(at: 2), at: row[3], by: row[4],
            cause: DepartureRow.Cause(rawValue: row[5]) ?? .deleted)
    }

    /// The departures of these numbers.
    package func departures(_ ids: some Collection<Int64>) throws -> [Int64: DepartureRow] {
        let list = "[" + ids.map(String.init).joined(separator: ",") + "]"
        return Dictionary(
            uniqueKeysWithValues: try rows(
                "\(Self.departureColumns) JOIN json_each(?) j ON j.value = d.id", [list]
            ) { ($0[6] as Int64, try Self.departureRow($0)) })
    }

    /// The number of the last departure from a digest, in a repository or, with nil, in any; nil when none is known.
    package func lastDeparture(from digest: Digest, in repository: Int64?) throws -> Int64? {
        try Int64.fetchOne(
            db.cachedStatement(
                sql: "SELECT MAX(id) FROM departure WHERE digest = ? AND (?2 IS NULL OR repository = ?2)"),
            arguments: [digest.column, repository])
    }

    /// Departures, newest first, at most `limit`: of one tag, of a repository, or all; of those that are to be shown. Costs a
    /// row for each that is looked at.
    package func departures(
        of tag: Tag? = nil, in name: RepositoryName? = nil, limit: Int,
        where isShown: (DepartureRow) -> Bool = { _ in true }
    ) throws -> [DepartureRow] {
        let cursor = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    \(Self.departureColumns) WHERE (?1 IS NULL OR d.tag = ?1) AND (?2 IS NULL OR r.name = ?2)
                    ORDER BY d.id DESC
                    """), arguments: [tag?.text, name?.text])
        var departures: [DepartureRow] = []
        while departures.count < limit, let row = try cursor.next() {
            let departure = try Self.departureRow(row)
            if isShown(departure) { departures.append(departure) }
        }
        return departures
    }

    /// When each tag of a repository was last pulled, in seconds since 1970; under nil, any manifest of it.
    package func pulls(of name: RepositoryName) throws -> [Tag?: Int64] {
        Dictionary(
            try rows(
                "SELECT tag, at FROM pull WHERE repository = (SELECT id FROM repository WHERE name = ?)", [name.text]
            ) { row -> (Tag?, Int64) in ((row[0] as String).isEmpty ? nil : try Tag(row[0] as String), row[1]) },
            uniquingKeysWith: max)
    }
}
