import Foundation
import GRDB
package import OCI

/// One consistent state of the index, for reading. Lives only inside `ReferenceIndex.read`.
package struct IndexView {
    let db: Database
}

// MARK: Browsing

extension IndexView {
    /// Names in byte order, from the first after `last`; repositories with nothing in them are left out.
    package func repositoryNames(after last: String?, limit: Int) throws -> [RepositoryName] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT name FROM repository r WHERE name > ? AND (\(Self.holdsSomething))
                ORDER BY name LIMIT ?
                """, arguments: [last ?? "", limit]
        ).map { try $0.repositoryName("name") }
    }

    private static let holdsSomething = """
        EXISTS (SELECT 1 FROM revision WHERE repository = r.id) OR EXISTS (SELECT 1 FROM layer WHERE repository = r.id)
        OR EXISTS (SELECT 1 FROM tag WHERE repository = r.id)
        """

    package func contains(_ name: RepositoryName) throws -> Bool {
        try Bool.fetchOne(
            db, sql: "SELECT \(Self.holdsSomething) FROM repository r WHERE name = ?", arguments: [name.text]) ?? false
    }

    /// Every repository with its totals, in byte order. Costs time in proportion to the blobs.
    package func repositories() throws -> [RepositoryRow] {
        try Row.fetchAll(
            db,
            sql: """
                WITH held AS (
                    SELECT repository, blob FROM layer UNION SELECT repository, manifest FROM revision
                ), holders AS (
                    SELECT blob, COUNT(*) AS n FROM held GROUP BY blob
                ), sizes AS (
                    SELECT h.repository, SUM(b.size) AS bytes, SUM(CASE WHEN o.n = 1 THEN b.size ELSE 0 END) AS bytes_unique
                    FROM held h JOIN blob b ON b.id = h.blob AND b.present JOIN holders o ON o.blob = h.blob
                    GROUP BY h.repository
                )
                SELECT r.name, r.pushed, COALESCE(s.bytes, 0) AS bytes, COALESCE(s.bytes_unique, 0) AS bytes_unique,
                    (SELECT COUNT(*) FROM tag WHERE repository = r.id) AS tags,
                    (SELECT COUNT(*) FROM revision WHERE repository = r.id) AS manifests
                FROM repository r LEFT JOIN sizes s ON s.repository = r.id
                WHERE \(Self.holdsSomething)
                ORDER BY r.name
                """
        ).map { row in
            RepositoryRow(
                name: try row.repositoryName("name"), tagCount: row["tags"], manifestCount: row["manifests"],
                bytes: row["bytes"], bytesUnique: row["bytes_unique"], pushed: row["pushed"])
        }
    }

    /// Tags in byte order, from the first after `last`.
    package func tagNames(in name: RepositoryName, after last: String?, limit: Int) throws -> [Tag] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT t.name FROM tag t JOIN repository r ON r.id = t.repository
                WHERE r.name = ? AND t.name > ? ORDER BY t.name LIMIT ?
                """, arguments: [name.text, last ?? "", limit]
        ).map { try $0.tag("name") }
    }

    package func tags(in name: RepositoryName) throws -> [TagRow] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT t.name, b.digest, m.media_type, t.updated,
                    (SELECT COUNT(*) - 1 FROM tag o WHERE o.manifest = t.manifest AND o.repository = t.repository) AS same
                FROM tag t JOIN repository r ON r.id = t.repository JOIN blob b ON b.id = t.manifest
                LEFT JOIN manifest m ON m.blob = t.manifest
                WHERE r.name = ? ORDER BY t.name
                """, arguments: [name.text]
        ).map { row in
            TagRow(
                tag: try row.tag("name"), digest: try row.digest("digest"),
                mediaType: MediaType(row["media_type"] ?? ""), updated: row["updated"], sameDigest: row["same"])
        }
    }
}

// MARK: The graph

extension IndexView {
    /// Nil when the digest is not that of a manifest the index knows.
    package func manifest(_ digest: Digest) throws -> ManifestRow? {
        try Row.fetchOne(
            db, sql: "\(Self.manifestColumns) WHERE b.digest = ?", arguments: [digest.column]
        ).map(Self.manifestRow)
    }

    /// Manifests of the repository whose subject is `subject`, by digest.
    package func referrers(of subject: Digest, in name: RepositoryName) throws -> [ManifestRow] {
        try Row.fetchAll(
            db,
            sql: """
                \(Self.manifestColumns) JOIN revision v ON v.manifest = m.blob JOIN repository r ON r.id = v.repository
                WHERE m.subject = ? AND r.name = ? ORDER BY b.digest
                """, arguments: [subject.column, name.text]
        ).map(Self.manifestRow)
    }

    private static let manifestColumns = """
        SELECT b.digest, b.size, m.media_type, m.subject, m.artifact_type, m.annotations
        FROM manifest m JOIN blob b ON b.id = m.blob
        """

    private static func manifestRow(_ row: Row) throws -> ManifestRow {
        let annotations = (row["annotations"] as Data?).flatMap {
            try? JSONDecoder().decode([String: String].self, from: $0)
        }
        return ManifestRow(
            digest: try row.digest("digest"), mediaType: MediaType(row["media_type"]), size: row["size"],
            subject: (row["subject"] as Data?).flatMap(Digest.init(column:)), artifactType: row["artifact_type"],
            annotations: annotations ?? [:])
    }

    /// What a manifest references, in document order; empty for anything else.
    package func edges(of digest: Digest) throws -> [EdgeRow] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT t.digest, e.role, e.media_type, e.size, e.platform, t.present, mt.blob IS NOT NULL AS is_manifest
                FROM edge e JOIN blob b ON b.id = e.manifest JOIN blob t ON t.id = e.target
                LEFT JOIN manifest mt ON mt.blob = e.target
                WHERE b.digest = ? ORDER BY e.position
                """, arguments: [digest.column]
        ).map { row in
            EdgeRow(
                digest: try row.digest("digest"), role: EdgeRow.Role(rawValue: row["role"]) ?? .layer,
                mediaType: MediaType(row["media_type"]), size: row["size"], platform: row["platform"],
                present: row["present"], isManifest: row["is_manifest"])
        }
    }

    /// Bytes of all distinct blobs that a manifest reaches and that are in the store, its own included.
    package func bytesReached(from digest: Digest) throws -> Int64 {
        try Int64.fetchOne(
            db,
            sql: """
                WITH RECURSIVE reach(id) AS (
                    SELECT id FROM blob WHERE digest = ?
                    UNION SELECT e.target FROM edge e JOIN reach ON e.manifest = reach.id
                )
                SELECT COALESCE(SUM(b.size), 0) FROM reach JOIN blob b ON b.id = reach.id AND b.present
                """, arguments: [digest.column]) ?? 0
    }

    /// Every tag, over all repositories, that reaches the blob: through indexes, and from a subject to its referrers.
    package func uses(of digest: Digest) throws -> [UseRow] {
        try Row.fetchAll(
            db,
            sql: """
                WITH RECURSIVE up(id) AS (
                    SELECT id FROM blob WHERE digest = ?
                    UNION SELECT e.manifest FROM edge e JOIN up ON e.target = up.id
                    UNION SELECT s.id FROM manifest m JOIN up ON m.blob = up.id JOIN blob s ON s.digest = m.subject
                )
                SELECT r.name AS repository, t.name AS tag, b.digest FROM up JOIN tag t ON t.manifest = up.id
                JOIN repository r ON r.id = t.repository JOIN blob b ON b.id = t.manifest
                ORDER BY r.name, t.name
                """, arguments: [digest.column]
        ).map { row in
            UseRow(
                repository: try row.repositoryName("repository"), tag: try row.tag("tag"),
                digest: try row.digest("digest"))
        }
    }
}

// MARK: Garbage

extension IndexView {
    /// Blobs in the store that no edge, revision or tag points at. Costs time in proportion to their number.
    package func unreferenced() throws -> [UnreferencedRow] {
        try Row.fetchAll(db, sql: "SELECT digest, size, leased FROM blob WHERE refcount = 0 AND present").map { row in
            UnreferencedRow(digest: try row.digest("digest"), size: row["size"], leased: row["leased"])
        }
    }

    /// Manifests that no tag and no index of their repository holds and that have no subject. A manifest with a subject
    /// goes only with it.
    package func untaggedRoots() throws -> [RevisionRow] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT r.name, b.digest, v.leased FROM revision v JOIN repository r ON r.id = v.repository
                JOIN blob b ON b.id = v.manifest JOIN manifest m ON m.blob = v.manifest
                WHERE m.subject IS NULL
                AND NOT EXISTS (SELECT 1 FROM tag t WHERE t.manifest = v.manifest AND t.repository = v.repository)
                AND NOT EXISTS (
                    SELECT 1 FROM edge e JOIN revision p ON p.manifest = e.manifest AND p.repository = v.repository
                    WHERE e.target = v.manifest)
                ORDER BY r.name, b.digest
                """
        ).map { row in
            RevisionRow(
                repository: try row.repositoryName("name"), digest: try row.digest("digest"), leased: row["leased"])
        }
    }

    /// The manifest as part of the repository; nil when it is not.
    package func revision(_ digest: Digest, in name: RepositoryName) throws -> RevisionRow? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT v.leased FROM revision v JOIN repository r ON r.id = v.repository JOIN blob b ON b.id = v.manifest
                WHERE b.digest = ? AND r.name = ?
                """, arguments: [digest.column, name.text]
        ).map { RevisionRow(repository: name, digest: digest, leased: $0["leased"]) }
    }

    /// Repositories that the manifest is part of, in byte order.
    package func repositories(withRevision digest: Digest) throws -> [RepositoryName] {
        try names(
            "SELECT r.name FROM revision v JOIN repository r ON r.id = v.repository JOIN blob b ON b.id = v.manifest",
            digest)
    }

    /// Repositories that link the blob as a layer, in byte order.
    package func repositories(withLayer digest: Digest) throws -> [RepositoryName] {
        try names(
            "SELECT r.name FROM layer l JOIN repository r ON r.id = l.repository JOIN blob b ON b.id = l.blob", digest)
    }

    private func names(_ select: String, _ digest: Digest) throws -> [RepositoryName] {
        try Row.fetchAll(db, sql: "\(select) WHERE b.digest = ? ORDER BY r.name", arguments: [digest.column])
            .map { try $0.repositoryName("name") }
    }

    /// Tags of the repository that point at the manifest.
    package func tags(of digest: Digest, in name: RepositoryName) throws -> [Tag] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT t.name FROM tag t JOIN repository r ON r.id = t.repository JOIN blob b ON b.id = t.manifest
                WHERE b.digest = ? AND r.name = ? ORDER BY t.name
                """, arguments: [digest.column, name.text]
        ).map { try $0.tag("name") }
    }

    /// Manifests of the repository that list the digest.
    package func parents(of digest: Digest, in name: RepositoryName) throws -> [Digest] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT DISTINCT p.digest FROM edge e JOIN blob t ON t.id = e.target JOIN blob p ON p.id = e.manifest
                JOIN revision v ON v.manifest = e.manifest JOIN repository r ON r.id = v.repository
                WHERE t.digest = ? AND r.name = ?
                """, arguments: [digest.column, name.text]
        ).map { try $0.digest("digest") }
    }

    /// Number of edges, revisions and tags that point at the blob; nil when the index does not know it.
    package func references(to digest: Digest) throws -> (count: Int, size: Int64, leased: Int64, present: Bool)? {
        try Row.fetchOne(
            db, sql: "SELECT refcount, size, leased, present FROM blob WHERE digest = ?", arguments: [digest.column]
        ).map { ($0["refcount"], $0["size"], $0["leased"], $0["present"]) }
    }

    package func damage() throws -> [DamageRow] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT d.path, r.name, d.digest, d.reason FROM damage d LEFT JOIN repository r ON r.id = d.repository
                ORDER BY path
                """
        ).map { row in
            DamageRow(
                path: row["path"], repository: try (row["name"] as String?).map { try RepositoryName(onDisk: $0) },
                digest: (row["digest"] as Data?).flatMap(Digest.init(column:)), reason: row["reason"])
        }
    }
}

// MARK: Comparing with the tree

extension IndexView {
    package func allRepositories() throws -> [RepositoryName] {
        try Row.fetchAll(db, sql: "SELECT name FROM repository ORDER BY name").map { try $0.repositoryName("name") }
    }

    package func revisions(in name: RepositoryName) throws -> Set<Digest> { try digests("revision", "manifest", name) }

    package func layers(in name: RepositoryName) throws -> Set<Digest> { try digests("layer", "blob", name) }

    private func digests(_ table: String, _ column: String, _ name: RepositoryName) throws -> Set<Digest> {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT b.digest FROM \(table) x JOIN blob b ON b.id = x.\(column)
                JOIN repository r ON r.id = x.repository WHERE r.name = ?
                """, arguments: [name.text])
        return Set(try rows.map { try $0.digest("digest") })
    }

    package func tagTargets(in name: RepositoryName) throws -> [Tag: Digest] {
        Dictionary(uniqueKeysWithValues: try tags(in: name).map { ($0.tag, $0.digest) })
    }

    /// The first bytes of the hashes of all blobs in the store, of one algorithm.
    package func blobPrefixes(_ algorithm: Digest.Algorithm) throws -> Set<UInt8> {
        let (low, high) = (Data([algorithm.rawValue]), Data([algorithm.rawValue + 1]))
        let rows = try Data.fetchAll(
            db,
            sql: "SELECT DISTINCT substr(digest, 2, 1) FROM blob WHERE digest >= ? AND digest < ? AND present",
            arguments: [low, high])
        return Set(rows.compactMap(\.first))
    }

    /// Blobs in the store by the index, of one algorithm, whose hash begins with `prefix`, with their sizes: a slice of
    /// the store's own fan-out.
    package func presentBlobs(_ algorithm: Digest.Algorithm, prefix: UInt8) throws -> [Digest: Int64] {
        let low = Data([algorithm.rawValue, prefix])
        let high = prefix == 255 ? Data([algorithm.rawValue + 1]) : Data([algorithm.rawValue, prefix + 1])
        let rows = try Row.fetchAll(
            db, sql: "SELECT digest, size FROM blob WHERE digest >= ? AND digest < ? AND present",
            arguments: [low, high])
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.digest("digest"), $0["size"] as Int64) })
    }
}
