import Foundation
import GRDB
package import OCI

/// Who references whom, in both directions.
extension IndexView {
    /// Nil when the digest is not that of a manifest the index knows. The type is what the bytes say or, where a
    /// repository is given, what was noted there.
    package func manifest(_ digest: Digest, in name: RepositoryName? = nil) throws -> ManifestRow? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    \(Self.manifestColumns) LEFT JOIN revision v
                    ON v.manifest = m.blob AND v.repository = (SELECT id FROM repository WHERE name = ?)
                    WHERE b.digest = ?
                    """), arguments: [name?.text, digest.column]
        ).map(Self.manifestRow)
    }

    /// Every type that was noted for a manifest of a repository, at most `limit`. Costs time in proportion to their number.
    package func notedTypes(limit: Int) throws -> [NotedTypeRow] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT r.name, b.digest, v.media_type FROM revision v INDEXED BY revision_typed
                    JOIN repository r ON r.id = v.repository JOIN blob b ON b.id = v.manifest
                    WHERE v.media_type IS NOT NULL LIMIT ?
                    """), arguments: [limit]
        ).map { row in
            NotedTypeRow(
                repository: try row.repositoryName("name"), digest: try row.digest("digest"),
                mediaType: MediaType(row["media_type"]))
        }
    }

    /// Manifests of the repository whose subject is `subject`, in byte order of the digests, at most `limit`, from the first
    /// after `last`; only those of an artifact type when one is given. Costs time in proportion to all of them.
    ///
    /// - Parameter bytesMax: of annotations (`Descriptor.bytes(of:)`); the first that goes beyond it is the last to come.
    package func referrers(
        of subject: Digest, artifactType: String? = nil, in name: RepositoryName, after last: Digest? = nil,
        limit: Int = .max, bytesMax: Int = .max
    ) throws -> [ManifestRow] {
        var (rows, bytes) = ([ManifestRow](), 0)
        let cursor = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    \(Self.manifestColumns) JOIN revision v ON v.manifest = m.blob JOIN repository r ON r.id = v.repository
                    WHERE m.subject = ?1 AND r.name = ?2 AND b.digest > ?3 AND (?4 IS NULL OR m.artifact_type = ?4)
                    ORDER BY b.digest LIMIT ?5
                    """), arguments: [subject.column, name.text, last?.column ?? Data(), artifactType, limit]
        )
        while bytes <= bytesMax, let row = try cursor.next() {
            let row = try Self.manifestRow(row)
            bytes = bytes.addingClamped(Descriptor.bytes(of: row.annotations))
            rows.append(row)
        }
        return rows
    }

    private static let manifestColumns = """
        SELECT b.digest, b.size, COALESCE(v.media_type, m.media_type) AS media_type, m.subject, m.artifact_type,
            m.annotations
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
            db.cachedStatement(
                sql: """
                    SELECT t.digest, e.role, e.media_type, e.size, e.platform, t.present,
                        CASE WHEN t.present THEN t.size END AS stored, mt.blob IS NOT NULL AS is_manifest
                    FROM edge e JOIN blob b ON b.id = e.manifest JOIN blob t ON t.id = e.target
                    LEFT JOIN manifest mt ON mt.blob = e.target
                    WHERE b.digest = ? ORDER BY e.position
                    """), arguments: [digest.column]
        ).map { row in
            EdgeRow(
                digest: try row.digest("digest"), role: EdgeRow.Role(rawValue: row["role"]) ?? .layer,
                mediaType: MediaType(row["media_type"]), size: row["size"], stored: row["stored"],
                platform: row["platform"],
                present: row["present"], isManifest: row["is_manifest"])
        }
    }

    /// What `start` reaches in the repository with the number of the first argument: what manifests list that it holds and,
    /// unless that is left out, what it holds that is about them. A manifest that only another repository has leads nowhere.
    static func reach(from start: String, withReferrers: Bool = true) -> String {
        let held = "reach CROSS JOIN revision v ON v.repository = ?1 AND v.manifest = reach.id"
        let referrers = """
            UNION SELECT a.blob FROM \(held) CROSS JOIN blob s ON s.id = reach.id
                CROSS JOIN manifest a ON a.subject = s.digest
                CROSS JOIN revision w ON w.repository = ?1 AND w.manifest = a.blob
            """
        return """
            WITH RECURSIVE reach(id) AS (
                \(start)
                UNION SELECT e.target FROM \(held) CROSS JOIN edge e ON e.manifest = reach.id
                \(withReferrers ? referrers : "")
            )
            """
    }

    /// Bytes of all distinct blobs that a manifest of the repository reaches and that are in the store, its own included.
    package func bytesReached(from digest: Digest, in name: RepositoryName) throws -> Int64 {
        try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    \(Self.reach(from: "SELECT id FROM blob WHERE digest = ?2"))
                    SELECT \(Self.sum("b.size")) FROM reach JOIN blob b ON b.id = reach.id AND b.present
                    """), arguments: [try repositoryID(name), digest.column]) ?? 0
    }

    /// What is known of the images that the tags of a repository point at, each once: of all that the repository's own
    /// manifests lead to, and of its referrers. One statement for all of them: one for each of tens of thousands would cost
    /// seconds. Costs time in proportion to what they reference.
    package func images(in name: RepositoryName) throws -> [Digest: ImageRow] {
        guard let place = try repositoryID(name) else { return [:] }
        let roots = "FROM (SELECT DISTINCT manifest FROM tag WHERE repository = ?1) t JOIN blob r ON r.id = t.manifest"
        // A sum that something is missing of comes as its complement, for a subquery gives one value.
        let bytes = Self.sum("CASE WHEN b.present THEN b.size ELSE 0 END")
        let sum = "SELECT CASE WHEN MIN(b.present) THEN \(bytes) ELSE ~\(bytes) END"
        // Most lead to what they list and no further: a walk for each of them would cost twice as much.
        let sums = try rows(
            """
            WITH far(id) AS MATERIALIZED (
                SELECT e.manifest FROM revision v CROSS JOIN edge e ON e.manifest = v.manifest
                    CROSS JOIN revision w ON w.repository = ?1 AND w.manifest = e.target WHERE v.repository = ?1
                UNION SELECT s.id FROM revision v CROSS JOIN manifest a ON a.blob = v.manifest
                    CROSS JOIN blob s ON s.digest = a.subject WHERE v.repository = ?1
            )
            SELECT r.digest, CASE WHEN t.manifest IN (SELECT id FROM far) THEN (
                \(Self.reach(from: "SELECT t.manifest"))
                \(sum) FROM reach JOIN blob b ON b.id = reach.id
            ) WHEN EXISTS (SELECT 1 FROM revision v WHERE v.repository = ?1 AND v.manifest = t.manifest) THEN (
                \(sum) FROM (
                    SELECT t.manifest AS id UNION SELECT e.target FROM edge e WHERE e.manifest = t.manifest
                ) near JOIN blob b ON b.id = near.id
            ) ELSE CASE WHEN r.present THEN r.size ELSE ~0 END END \(roots)
            """, [place]
        ) { (digest: try $0.digest(at: 0), sum: $0[1] as Int64) }
        var images: [Digest: ImageRow] = [:]
        images.reserveCapacity(sums.count)
        for image in sums {
            images[image.digest] = ImageRow(
                bytes: image.sum < 0 ? ~image.sum : image.sum, platforms: [], isWhole: image.sum >= 0)
        }
        let platforms = try rows(
            """
            SELECT r.digest, e.platform \(roots) JOIN edge e ON e.manifest = t.manifest
            WHERE e.role = \(EdgeRow.Role.entry.rawValue) AND e.platform IS NOT NULL ORDER BY e.manifest, e.position
            """, [place]
        ) { (digest: try $0.digest(at: 0), platform: $0[1] as String) }
        for entry in platforms { images[entry.digest]?.platforms.append(entry.platform) }
        return images
    }

    /// Manifests that reach the blob, itself included, and that tags of their repository point at, by the numbers that this
    /// state of the index has for them.
    package func taggedManifests(reaching digest: Digest) throws -> [RevisionKey] {
        try rows(
            """
            \(Self.reaching)
            SELECT repository, id FROM up
            WHERE EXISTS (SELECT 1 FROM tag t WHERE t.manifest = up.id AND t.repository = up.repository)
            """, [digest.column]
        ) { RevisionKey(repository: $0[0], manifest: $0[1]) }
    }

    /// Tags of the repository that point at the manifest.
    package func tagCount(of key: RevisionKey) throws -> Int {
        try Int.fetchOne(
            db.cachedStatement(sql: "SELECT COUNT(*) FROM tag WHERE manifest = ? AND repository = ?"),
            arguments: [key.manifest, key.repository]) ?? 0
    }

    /// What reaches the blob whose digest is the first argument, in each repository on its own: through the indexes that the
    /// repository holds, and from a subject to the referrers that it holds. A tag reaches nothing that only another
    /// repository has.
    private static let reaching = """
        WITH RECURSIVE start(id) AS (
            SELECT id FROM blob WHERE digest = ?1
            UNION SELECT a.blob FROM blob b CROSS JOIN alias a ON a.target = b.id WHERE b.digest = ?1
        ), \(above)
        """

    /// The repositories and manifests above what `start` holds. The joins say their order, for SQLite knows nothing of how
    /// many rows there are.
    static let above = """
        up(repository, id) AS (
            SELECT t.repository, t.manifest FROM start CROSS JOIN tag t ON t.manifest = start.id
            UNION SELECT v.repository, v.manifest FROM start CROSS JOIN revision v ON v.manifest = start.id
            UNION SELECT v.repository, e.manifest FROM start CROSS JOIN edge e ON e.target = start.id
                CROSS JOIN revision v ON v.manifest = e.manifest
            UNION SELECT v.repository, e.manifest FROM up CROSS JOIN edge e ON e.target = up.id
                CROSS JOIN revision v ON v.repository = up.repository AND v.manifest = e.manifest
            UNION SELECT v.repository, s.id FROM up
                CROSS JOIN revision o ON o.repository = up.repository AND o.manifest = up.id
                CROSS JOIN manifest m ON m.blob = up.id CROSS JOIN blob s ON s.digest = m.subject
                CROSS JOIN revision v ON v.repository = up.repository AND v.manifest = s.id
        )
        """

    /// Every tag, over all repositories, that reaches the blob: through indexes, and from a subject to its referrers.
    package func uses(of digest: Digest) throws -> [UseRow] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    \(Self.reaching)
                    SELECT r.name AS repository, t.name AS tag, b.digest FROM up
                    CROSS JOIN tag t ON t.manifest = up.id AND t.repository = up.repository
                    CROSS JOIN repository r ON r.id = t.repository CROSS JOIN blob b ON b.id = t.manifest
                    ORDER BY r.name, t.name
                    """), arguments: [digest.column]
        ).map { row in
            UseRow(
                repository: try row.repositoryName("repository"), tag: try row.tag("tag"),
                digest: try row.digest("digest"))
        }
    }
}
