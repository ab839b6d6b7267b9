import Foundation
import GRDB
package import OCI

/// What a sweep asks of bytes and of the links to them.
extension IndexView {
    // MARK: Blobs

    private static let blobColumns = "SELECT b.id, b.digest, b.size, b.leased, b.loose, b.departure, b.media_type"

    private static func blobRow(_ row: Row, references: Int) throws -> SweepBlobRow {
        SweepBlobRow(
            id: row[0], digest: try row.digest(at: 1), size: row[2], leased: row[3], loose: row[4],
            references: references, departure: row[5], mediaType: (row[6] as String?).map { MediaType($0) })
    }

    /// Blobs in the store that no edge, revision or tag points at, by their own digest or by an alias.
    package func unreferenced() throws -> [SweepBlobKey] {
        let unnamed =
            try hasAliases
            ? """
            AND NOT EXISTS (
                SELECT 1 FROM alias a JOIN blob x ON x.id = a.blob WHERE a.target = b.id AND x.refcount > 0)
            """ : ""
        return try rows(
            """
            SELECT b.id, b.size, b.digest FROM blob b INDEXED BY blob_unreferenced
            WHERE b.refcount = 0 AND b.present \(unnamed)
            """
        ) { SweepBlobKey(id: $0[0], size: $0[1], digest: try $0.digest(at: 2)) }
    }

    /// Most registries have none, and need not be asked for each blob.
    private var hasAliases: Bool {
        get throws { try Bool.fetchOne(db.cachedStatement(sql: "SELECT 1 FROM alias LIMIT 1")) != nil }
    }

    /// Those of the blobs that are in the store.
    package func blobs(_ ids: some Collection<Int64>) throws -> [SweepBlobRow] {
        try rows(
            """
            \(Self.blobColumns), b.refcount + (
                SELECT COALESCE(SUM(x.refcount), 0) FROM alias a JOIN blob x ON x.id = a.blob WHERE a.target = b.id)
            FROM json_each(?) j JOIN blob b ON b.id = j.value AND b.present
            """, [Self.list(ids)]
        ) { try Self.blobRow($0, references: $0[7]) }
    }

    /// Links that call bytes by another digest: each name among `ids` with the blob whose bytes it means, once for each
    /// repository that has such a link.
    package func aliasTargets(of ids: some Collection<Int64>) throws -> [(name: Int64, target: Int64)] {
        try rows("SELECT a.blob, a.target FROM json_each(?) j JOIN alias a ON a.blob = j.value", [Self.list(ids)]) {
            ($0[0], $0[1])
        }
    }

    /// Links that call these blobs by another digest, by the repository that has them.
    package func aliasHolders(of blobs: some Collection<Int64>) throws -> [(target: Int64, repository: Int64)] {
        guard try hasAliases else { return [] }
        return try rows(
            "SELECT a.target, a.repository FROM json_each(?) j JOIN alias a ON a.target = j.value", [Self.list(blobs)]
        ) { ($0[0], $0[1]) }
    }

    /// The repositories that link the blobs as layers, with what was promised of the links, in the order in which the blobs
    /// are given.
    package func layerHolders(
        of blobs: some Collection<Int64>
    ) throws -> [(blob: Int64, repository: Int64, leased: Int64)] {
        try rows(
            """
            SELECT l.blob, l.repository, l.leased FROM json_each(?) j CROSS JOIN layer l ON l.blob = j.value ORDER BY j.id
            """, [Self.list(blobs)]
        ) { ($0[0], $0[1], $0[2]) }
    }

    // MARK: Links to layers

    /// Links that no manifest of their repository needs, nor one that a link of distribution calls by another digest; without
    /// those to bytes that nothing at all references, which go with the bytes.
    package func idleLayers() throws -> [IdleLayerRow] {
        try rows(
            """
            SELECT l.repository, l.blob, b.digest, MAX(l.leased, b.leased), l.idle
            FROM layer l INDEXED BY layer_idle JOIN blob b ON b.id = l.blob
            WHERE l.idle > 0 AND (b.refcount > 0 OR NOT b.present) AND NOT EXISTS (
                SELECT 1 FROM alias a JOIN layer x ON x.repository = a.repository AND x.blob = a.blob
                WHERE a.target = l.blob AND a.repository = l.repository AND x.idle = 0)
            """
        ) {
            IdleLayerRow(
                repository: $0[0], blob: $0[1], digest: try $0.digest(at: 2), leased: $0[3], idle: $0[4])
        }
    }

    /// The link to a layer, when there is one and nothing in its repository needs it.
    package func idleLayer(_ digest: Digest, in name: RepositoryName) throws -> IdleLayerRow? {
        try rows(
            """
            SELECT l.repository, l.blob, b.digest, MAX(l.leased, b.leased), l.idle
            FROM blob b JOIN layer l ON l.blob = b.id AND l.repository = (SELECT id FROM repository WHERE name = ?)
            WHERE b.digest = ? AND l.idle > 0 AND NOT EXISTS (
                SELECT 1 FROM alias a JOIN layer x ON x.repository = a.repository AND x.blob = a.blob
                WHERE a.target = l.blob AND a.repository = l.repository AND x.idle = 0)
            """, [name.text, digest.column]
        ) {
            IdleLayerRow(
                repository: $0[0], blob: $0[1], digest: try $0.digest(at: 2), leased: $0[3], idle: $0[4])
        }.first
    }

    package func holdsLayer(_ digest: Digest, in name: RepositoryName) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT 1 FROM layer l JOIN blob b ON b.id = l.blob
                    WHERE b.digest = ? AND l.repository = (SELECT id FROM repository WHERE name = ?)
                    """), arguments: [digest.column, name.text]) ?? false
    }

    /// True when the repository has a link to the blob and something other than the manifests in `gone` needs it there:
    /// another manifest, a tag, or a link that calls the same bytes by another digest.
    package func keepsLayer(_ blob: Int64, in repository: Int64, without gone: Set<Int64>) throws -> Bool {
        let names =
            [blob]
            + (try rows(
                "SELECT blob FROM alias WHERE target = ? AND repository = ?", [blob, repository]
            ) { $0[0] as Int64 })
        for name in names {
            let users = try Int64.fetchCursor(
                db.cachedStatement(
                    sql: """
                        SELECT e.manifest FROM edge e JOIN revision v ON v.manifest = e.manifest AND v.repository = ?1
                        WHERE e.target = ?2
                        UNION ALL SELECT manifest FROM revision WHERE repository = ?1 AND manifest = ?2
                        """), arguments: [repository, name])
            while let user = try users.next() {
                if !gone.contains(user) { return true }
            }
        }
        return false
    }

    /// The links to layers, of these pairs, that there are.
    package func layerDigests(_ keys: some Collection<RevisionKey>) throws -> [(key: RevisionKey, digest: Digest)] {
        let pairs = keys.map { "[\($0.repository),\($0.manifest)]" }.joined(separator: ",")
        return try rows(
            """
            SELECT l.repository, l.blob, b.digest FROM json_each(?) j
            JOIN layer l ON l.repository = j.value ->> 0 AND l.blob = j.value ->> 1 JOIN blob b ON b.id = l.blob
            """, ["[\(pairs)]"]
        ) { (RevisionKey(repository: $0[0], manifest: $0[1]), try $0.digest(at: 2)) }
    }
}
