import GRDB
package import OCI

/// Repositories and tags, as lists show them.
extension IndexView {
    /// Names in byte order, at most `limit`, from the first after `last`, of those that are to be shown; repositories with
    /// nothing in them are left out. Costs a row for each that is looked at.
    package func repositoryNames(
        after last: String?, limit: Int, where isShown: (RepositoryName) -> Bool = { _ in true }
    ) throws -> [RepositoryName] {
        let cursor = try Row.fetchCursor(
            db.cachedStatement(
                sql: "SELECT name FROM repository r WHERE name > ? AND (\(Self.holdsSomething)) ORDER BY name"),
            arguments: [last ?? ""])
        var names: [RepositoryName] = []
        while names.count < limit, let row = try cursor.next() {
            let name = try row.repositoryName("name")
            if isShown(name) { names.append(name) }
        }
        return names
    }

    private static let holdsSomething = "r.links > 0"

    /// A sum of sizes in SQL that is exact below 9 PB and cannot leave what a number holds, as `SUM` would with an error: a
    /// file of the store may be as large as its holes.
    static func sum(_ sizes: String) -> String { "CAST(TOTAL(\(sizes)) AS INTEGER)" }

    package func contains(_ name: RepositoryName) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT \(Self.holdsSomething) FROM repository r WHERE name = ?"),
            arguments: [name.text]) ?? false
    }

    /// What is made of every repository with its totals, in byte order. There may be so many that a list of them in between
    /// is worth leaving out.
    package func repositories<Value>(_ value: (RepositoryRow) -> Value) throws -> [Value] {
        try rows("\(Self.totals) FROM repository r WHERE \(Self.holdsSomething) ORDER BY name") {
            value(try Self.totalsRow($0))
        }
    }

    /// What a list that was made at `mark` does not know: repositories with their totals, and those that hold nothing now.
    /// Costs a row for each that changed.
    package func repositories(
        changedAfter mark: Int64
    ) throws -> (changed: [RepositoryRow], gone: [RepositoryName]) {
        var (changed, gone): ([RepositoryRow], [RepositoryName]) = ([], [])
        let found = try rows(
            "\(Self.totals), links FROM repository r INDEXED BY repository_changed WHERE changed > ? ORDER BY name",
            [mark]
        ) { ($0[Self.totalsColumns] as Int > 0, try Self.totalsRow($0)) }
        for (holdsSomething, row) in found {
            if holdsSomething { changed.append(row) } else { gone.append(row.name) }
        }
        return (changed, gone)
    }

    /// The moment of this state: what changes later has a larger one.
    package func repositoryMark() throws -> Int64 {
        try Int64.fetchOne(db.cachedStatement(sql: "SELECT MAX(changed) FROM repository")) ?? 0
    }

    /// The moment of the last change of what a list of its tags shows; nil for a name that was never met.
    package func mark(of name: RepositoryName) throws -> Int64? {
        try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT changed FROM repository WHERE name = ?"), arguments: [name.text])
    }

    private static let totals = "SELECT name, pushed, tags, manifests, bytes_high, bytes_low, own_high, own_low"
    private static let totalsColumns = 8

    private static func totalsRow(_ row: Row) throws -> RepositoryRow {
        RepositoryRow(
            name: try RepositoryName(onDisk: row[0] as String), tagCount: row[2], manifestCount: row[3],
            bytes: bytes(row[4], row[5]), bytesUnique: bytes(row[6], row[7]), pushed: row[1])
    }

    /// A sum of sizes of which the second number counts the lower 32 bits; the largest number where it is more.
    private static func bytes(_ high: Int64, _ low: Int64) -> Int64 {
        let (carried, isMore) = high.multipliedReportingOverflow(by: 1 << 32)
        return isMore ? .max : carried.addingClamped(low)
    }

    /// Tags in byte order, at most `limit`, from the first after `last`, of those that are to be shown. Costs a row for each
    /// that is looked at.
    package func tagNames(
        in name: RepositoryName, after last: String?, limit: Int, where isShown: (Tag) -> Bool = { _ in true }
    ) throws -> [Tag] {
        let cursor = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT t.name FROM tag t JOIN repository r ON r.id = t.repository
                    WHERE r.name = ? AND t.name > ? ORDER BY t.name
                    """), arguments: [name.text, last ?? ""])
        var tags: [Tag] = []
        while tags.count < limit, let row = try cursor.next() {
            let tag = try row.tag("name")
            if isShown(tag) { tags.append(tag) }
        }
        return tags
    }

    /// The manifest that was pushed to the repository last; nil when it has none. Costs time in proportion to their number.
    package func newestRevision(in name: RepositoryName) throws -> Digest? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT b.digest FROM revision v JOIN repository r ON r.id = v.repository
                    JOIN blob b ON b.id = v.manifest WHERE r.name = ? AND b.present
                    ORDER BY v.pushed DESC, v.manifest DESC LIMIT 1
                    """), arguments: [name.text]
        ).map { try $0.digest("digest") }
    }

    /// What is made of each tag, in byte order. Costs time in proportion to their number, whatever they point at.
    package func tags<Value>(in name: RepositoryName, _ value: (TagRow) throws -> Value) throws -> [Value] {
        try rows(
            """
            WITH holders AS MATERIALIZED (
                SELECT o.manifest, COUNT(*) AS n FROM tag o JOIN repository r ON r.id = o.repository
                WHERE r.name = ?1 GROUP BY o.manifest
            )
            SELECT t.name, b.digest, COALESCE(v.media_type, m.media_type, ''), t.updated, h.n - 1
            FROM tag t JOIN repository r ON r.id = t.repository JOIN blob b ON b.id = t.manifest
            JOIN holders h ON h.manifest = t.manifest
            LEFT JOIN manifest m ON m.blob = t.manifest
            LEFT JOIN revision v ON v.repository = t.repository AND v.manifest = t.manifest
            WHERE r.name = ?1 ORDER BY t.name
            """, [name.text]
        ) { row in
            try value(
                TagRow(
                    tag: try Tag(row[0] as String), digest: try row.digest(at: 1),
                    mediaType: MediaType(row[2] as String), updated: row[3], sameDigest: row[4]))
        }
    }
}
