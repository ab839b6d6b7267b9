import Foundation
import GRDB
package import OCI

/// What a sweep asks: many rows with one statement each, by number, since a preview of ten thousand lines is to be there at
/// once. Each costs time in proportion to what it gives.
extension IndexView {
    // MARK: Manifests

    static let revisionColumns = """
        SELECT v.repository, v.manifest, b.digest, COALESCE(v.media_type, m.media_type), m.subject, v.leased, v.loose
        """

    /// Manifests that no tag and no index of their repository holds, and whose subject, if they name one, is not in it.
    package func looseRevisions() throws -> [SweepRevisionRow] {
        try rows(
            """
            \(Self.revisionColumns) FROM revision v INDEXED BY revision_loose JOIN blob b ON b.id = v.manifest
            JOIN manifest m ON m.blob = v.manifest WHERE v.loose > 0
            """, [], Self.revisionRow)
    }

    /// Those of the keys that there are.
    package func revisions(_ keys: some Collection<RevisionKey>) throws -> [SweepRevisionRow] {
        let pairs = keys.map { "[\($0.repository),\($0.manifest)]" }.joined(separator: ",")
        return try rows(
            """
            \(Self.revisionColumns) FROM json_each(?) j
            JOIN revision v ON v.repository = j.value ->> 0 AND v.manifest = j.value ->> 1
            JOIN blob b ON b.id = v.manifest JOIN manifest m ON m.blob = v.manifest
            """, ["[\(pairs)]"], Self.revisionRow)
    }

    /// The manifest as part of the repository; nil when it is not.
    package func sweepRevision(_ digest: Digest, in name: RepositoryName) throws -> SweepRevisionRow? {
        try rows(
            """
            \(Self.revisionColumns) FROM blob b JOIN revision v ON v.manifest = b.id JOIN manifest m ON m.blob = b.id
            WHERE b.digest = ? AND v.repository = (SELECT id FROM repository WHERE name = ?)
            """, [digest.column, name.text], Self.revisionRow
        ).first
    }

    static func revisionRow(_ row: Row) throws -> SweepRevisionRow {
        SweepRevisionRow(
            key: RevisionKey(repository: row[0], manifest: row[1]), digest: try row.digest(at: 2),
            mediaType: MediaType(row[3]), subject: row.hasNull(atIndex: 4) ? nil : try row.digest(at: 4),
            leased: row[5], loose: row[6])
    }

    /// Tags of the repository that point at the manifest, in byte order.
    package func tags(of key: RevisionKey) throws -> [Tag] {
        try rows(
            "SELECT name FROM tag WHERE manifest = ? AND repository = ? ORDER BY name", [key.manifest, key.repository]
        ) { try Tag($0[0] as String) }
    }

    /// Manifests of the repository that list the manifest.
    package func parents(of key: RevisionKey) throws -> [Int64] {
        try rows(
            """
            SELECT DISTINCT e.manifest FROM edge e JOIN revision v ON v.manifest = e.manifest AND v.repository = ?
            WHERE e.target = ?
            """, [key.repository, key.manifest]
        ) { $0[0] }
    }

    /// What the manifests reference, each in document order.
    package func edges(of manifests: some Collection<Int64>) throws -> [SweepEdgeRow] {
        try rows(
            """
            SELECT e.manifest, e.target, m.blob IS NOT NULL, e.media_type FROM json_each(?) j
            JOIN edge e ON e.manifest = j.value LEFT JOIN manifest m ON m.blob = e.target
            """, [Self.list(manifests)]
        ) { SweepEdgeRow(manifest: $0[0], target: $0[1], isManifest: $0[2], mediaType: MediaType($0[3])) }
    }

    /// Manifests whose subject is one of these, in any repository, each with its subject.
    package func referrers(of manifests: some Collection<Int64>) throws -> [(subject: Int64, manifest: Int64)] {
        try rows(
            """
            SELECT s.id, m.blob FROM json_each(?) j JOIN blob s ON s.id = j.value JOIN manifest m ON m.subject = s.digest
            """, [Self.list(manifests)]
        ) { ($0[0], $0[1]) }
    }

    /// The repositories that the manifests are part of.
    package func holders(of manifests: some Collection<Int64>) throws -> [RevisionKey] {
        try rows(
            "SELECT v.repository, v.manifest FROM json_each(?) j JOIN revision v ON v.manifest = j.value",
            [Self.list(manifests)]
        ) { RevisionKey(repository: $0[0], manifest: $0[1]) }
    }

    // MARK: Tags

    /// The tag with what it points at and when it was set, in seconds since 1970; nil when the index does not know it.
    package func tagKey(
        _ tag: Tag, in name: RepositoryName
    ) throws -> (key: RevisionKey, digest: Digest, updated: Int64)? {
        try rows(
            """
            SELECT t.repository, t.manifest, b.digest, t.updated FROM tag t JOIN blob b ON b.id = t.manifest
            WHERE t.name = ? AND t.repository = (SELECT id FROM repository WHERE name = ?)
            """, [tag.text, name.text]
        ) { (RevisionKey(repository: $0[0], manifest: $0[1]), try $0.digest(at: 2), $0[3] as Int64) }.first
    }

    /// Tags that look like those under which clients of older registries list referrers, with what they point at.
    package func fallbackTags() throws -> [(tag: Tag, key: RevisionKey, digest: Digest, updated: Int64)] {
        try rows(
            """
            SELECT t.name, t.repository, t.manifest, b.digest, t.updated FROM tag t INDEXED BY tag_fallback
            JOIN blob b ON b.id = t.manifest WHERE t.name >= 'sha256-' AND t.name < 'sha256.'
            """
        ) { (try Tag($0[0] as String), RevisionKey(repository: $0[1], manifest: $0[2]), try $0.digest(at: 3), $0[4]) }
    }

    // MARK: Repositories

    /// Nil for a name that the index has never met.
    package func repositoryID(_ name: RepositoryName) throws -> Int64? {
        try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM repository WHERE name = ?"), arguments: [name.text])
    }

    package func repositoryName(_ id: Int64) throws -> RepositoryName? {
        try rows("SELECT name FROM repository WHERE id = ?", [id]) { try RepositoryName(onDisk: $0[0] as String) }.first
    }

    /// Repositories that were met once and hold nothing now.
    package func emptyRepositories() throws -> [RepositoryName] {
        try rows("SELECT name FROM repository INDEXED BY repository_empty WHERE links = 0 AND bare = 0") {
            try RepositoryName(onDisk: $0[0] as String)
        }
    }

    /// Tags, manifests and layers of a repository together.
    package func linkCount(_ repository: Int64) throws -> Int {
        try Int.fetchOne(
            db.cachedStatement(sql: "SELECT links FROM repository WHERE id = ?"), arguments: [repository]) ?? 0
    }

    /// Blobs in the store, and their bytes. Costs a scan of them.
    package func presentBlobTotals() throws -> (count: Int, bytes: Int64) {
        try rows("SELECT COUNT(*), \(Self.sum("size")) FROM blob WHERE present") { row -> (Int, Int64) in
            (row[0], row[1])
        }.first ?? (0, 0)
    }

    // MARK: Reading

    static func list(_ ids: some Collection<Int64>) -> String {
        var list = "["
        list.reserveCapacity(ids.count * 8)
        for id in ids { list += list.utf8.count == 1 ? "\(id)" : ",\(id)" }
        return list + "]"
    }

    func rows<Value>(
        _ sql: String, _ arguments: StatementArguments = StatementArguments(), _ value: (Row) throws -> Value
    ) throws -> [Value] {
        let cursor = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
        var values: [Value] = []
        while let row = try cursor.next() { values.append(try value(row)) }
        return values
    }
}

extension Row {
    /// A digest column by its place, without a copy of its bytes in between.
    func digest(at index: Int) throws -> Digest {
        guard let digest = try withUnsafeData(atIndex: index, { data in data.flatMap(Digest.init(column:)) }) else {
            throw UnreadableRow(column: "\(index)")
        }
        return digest
    }
}
