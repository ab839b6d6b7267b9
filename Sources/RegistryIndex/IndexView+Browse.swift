import GRDB
package import OCI

/// Repositories and tags, as lists show them.
extension IndexView {
    /// Names in byte order, from the first after `last`; repositories with nothing in them are left out.
    package func repositoryNames(after last: String?, limit: Int) throws -> [RepositoryName] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT name FROM repository r WHERE name > ? AND (\(Self.holdsSomething))
                    ORDER BY name LIMIT ?
                    """), arguments: [last ?? "", limit]
        ).map { try $0.repositoryName("name") }
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

    /// Every repository with its totals, in byte order. Costs time in proportion to the blobs.
    package func repositories() throws -> [RepositoryRow] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    WITH held AS (
                        SELECT repository, blob FROM layer UNION SELECT repository, manifest FROM revision
                    ), holders AS (
                        SELECT blob, COUNT(*) AS n FROM held GROUP BY blob
                    ), sizes AS (
                        SELECT h.repository, \(Self.sum("b.size")) AS bytes,
                            \(Self.sum("CASE WHEN o.n = 1 THEN b.size ELSE 0 END")) AS bytes_unique
                        FROM held h JOIN blob b ON b.id = h.blob AND b.present JOIN holders o ON o.blob = h.blob
                        GROUP BY h.repository
                    )
                    SELECT r.name, r.pushed, COALESCE(s.bytes, 0) AS bytes, COALESCE(s.bytes_unique, 0) AS bytes_unique,
                        (SELECT COUNT(*) FROM tag WHERE repository = r.id) AS tags,
                        (SELECT COUNT(*) FROM revision WHERE repository = r.id) AS manifests
                    FROM repository r LEFT JOIN sizes s ON s.repository = r.id
                    WHERE \(Self.holdsSomething)
                    ORDER BY r.name
                    """)
        ).map { row in
            RepositoryRow(
                name: try row.repositoryName("name"), tagCount: row["tags"], manifestCount: row["manifests"],
                bytes: row["bytes"], bytesUnique: row["bytes_unique"], pushed: row["pushed"])
        }
    }

    /// Tags in byte order, from the first after `last`.
    package func tagNames(in name: RepositoryName, after last: String?, limit: Int) throws -> [Tag] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT t.name FROM tag t JOIN repository r ON r.id = t.repository
                    WHERE r.name = ? AND t.name > ? ORDER BY t.name LIMIT ?
                    """), arguments: [name.text, last ?? "", limit]
        ).map { try $0.tag("name") }
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

    /// Tags in byte order. Costs time in proportion to their number, whatever they point at.
    package func tags(in name: RepositoryName) throws -> [TagRow] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    WITH holders AS MATERIALIZED (
                        SELECT o.manifest, COUNT(*) AS n FROM tag o JOIN repository r ON r.id = o.repository
                        WHERE r.name = ?1 GROUP BY o.manifest
                    )
                    SELECT t.name, b.digest, COALESCE(v.media_type, m.media_type) AS media_type, t.updated, h.n - 1 AS same
                    FROM tag t JOIN repository r ON r.id = t.repository JOIN blob b ON b.id = t.manifest
                    JOIN holders h ON h.manifest = t.manifest
                    LEFT JOIN manifest m ON m.blob = t.manifest
                    LEFT JOIN revision v ON v.repository = t.repository AND v.manifest = t.manifest
                    WHERE r.name = ?1 ORDER BY t.name
                    """), arguments: [name.text]
        ).map { row in
            TagRow(
                tag: try row.tag("name"), digest: try row.digest("digest"),
                mediaType: MediaType(row["media_type"] ?? ""), updated: row["updated"], sameDigest: row["same"])
        }
    }
}
