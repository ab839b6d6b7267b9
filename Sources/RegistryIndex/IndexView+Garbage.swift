import Foundation
import GRDB
package import OCI

/// What nothing holds, and what holds the rest.
extension IndexView {
    /// Blobs in the store that no edge, revision or tag points at, by their own digest or by an alias. Costs time in
    /// proportion to their number.
    package func unreferenced() throws -> [UnreferencedRow] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT digest, size, leased FROM blob WHERE refcount = 0 AND present AND NOT EXISTS (
                        SELECT 1 FROM alias a JOIN blob x ON x.id = a.blob WHERE a.target = blob.id AND x.refcount > 0)
                    """)
        ).map { row in
            UnreferencedRow(digest: try row.digest("digest"), size: row["size"], leased: row["leased"])
        }
    }

    /// Manifests that no tag and no index of their repository holds and that have no subject. A manifest with a subject
    /// goes only with it.
    package func untaggedRoots() throws -> [RevisionRow] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT r.name, b.digest, v.leased FROM revision v JOIN repository r ON r.id = v.repository
                    JOIN blob b ON b.id = v.manifest JOIN manifest m ON m.blob = v.manifest
                    WHERE m.subject IS NULL
                    AND NOT EXISTS (SELECT 1 FROM tag t WHERE t.manifest = v.manifest AND t.repository = v.repository)
                    AND NOT EXISTS (
                        SELECT 1 FROM edge e JOIN revision p ON p.manifest = e.manifest AND p.repository = v.repository
                        WHERE e.target = v.manifest)
                    ORDER BY r.name, b.digest
                    """)
        ).map { row in
            RevisionRow(
                repository: try row.repositoryName("name"), digest: try row.digest("digest"), leased: row["leased"])
        }
    }

    /// The manifest as part of the repository; nil when it is not.
    package func revision(_ digest: Digest, in name: RepositoryName) throws -> RevisionRow? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT v.leased FROM revision v JOIN repository r ON r.id = v.repository JOIN blob b ON b.id = v.manifest
                    WHERE b.digest = ? AND r.name = ?
                    """), arguments: [digest.column, name.text]
        ).map { RevisionRow(repository: name, digest: digest, leased: $0["leased"]) }
    }

    /// Repositories that the manifest is part of, in byte order.
    package func repositories(withRevision digest: Digest) throws -> [RepositoryName] {
        try names(
            "SELECT r.name FROM revision v JOIN repository r ON r.id = v.repository JOIN blob b ON b.id = v.manifest",
            digest)
    }

    /// Links whose content is this digest while their path has another, in byte order of the repositories.
    package func aliases(of digest: Digest) throws -> [(repository: RepositoryName, alias: Digest)] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT r.name, x.digest FROM alias a JOIN blob t ON t.id = a.target JOIN blob x ON x.id = a.blob
                    JOIN repository r ON r.id = a.repository WHERE t.digest = ? ORDER BY r.name, x.digest
                    """), arguments: [digest.column]
        ).map { (try $0.repositoryName("name"), try $0.digest("digest")) }
    }

    /// Repositories that link the blob as a layer, in byte order.
    package func repositories(withLayer digest: Digest) throws -> [RepositoryName] {
        try names(
            "SELECT r.name FROM layer l JOIN repository r ON r.id = l.repository JOIN blob b ON b.id = l.blob", digest)
    }

    private func names(_ select: String, _ digest: Digest) throws -> [RepositoryName] {
        try Row.fetchAll(
            db.cachedStatement(sql: "\(select) WHERE b.digest = ? ORDER BY r.name"), arguments: [digest.column]
        )
        .map { try $0.repositoryName("name") }
    }

    /// Tags of the repository that point at the manifest.
    package func tags(of digest: Digest, in name: RepositoryName) throws -> [Tag] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT t.name FROM tag t JOIN repository r ON r.id = t.repository JOIN blob b ON b.id = t.manifest
                    WHERE b.digest = ? AND r.name = ? ORDER BY t.name
                    """), arguments: [digest.column, name.text]
        ).map { try $0.tag("name") }
    }

    /// Manifests of the repository that list the digest.
    package func parents(of digest: Digest, in name: RepositoryName) throws -> [Digest] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT DISTINCT p.digest FROM edge e JOIN blob t ON t.id = e.target JOIN blob p ON p.id = e.manifest
                    JOIN revision v ON v.manifest = e.manifest JOIN repository r ON r.id = v.repository
                    WHERE t.digest = ? AND r.name = ?
                    """), arguments: [digest.column, name.text]
        ).map { try $0.digest("digest") }
    }

    /// Number of edges, revisions and tags that point at the blob, by its own digest or by an alias; nil when the index does
    /// not know it.
    package func references(to digest: Digest) throws -> (count: Int, size: Int64, leased: Int64, present: Bool)? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT refcount + (
                        SELECT COALESCE(SUM(x.refcount), 0) FROM alias a JOIN blob x ON x.id = a.blob WHERE a.target = blob.id
                    ) AS refcount, size, leased, present FROM blob WHERE digest = ?
                    """), arguments: [digest.column]
        ).map { ($0["refcount"], $0["size"], $0["leased"], $0["present"]) }
    }

    package func damage() throws -> [DamageRow] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT d.path, r.name, d.digest, d.reason FROM damage d LEFT JOIN repository r ON r.id = d.repository
                    ORDER BY path
                    """)
        ).map { row in
            DamageRow(
                path: row["path"], repository: try (row["name"] as String?).map { try RepositoryName(onDisk: $0) },
                digest: (row["digest"] as Data?).flatMap(Digest.init(column:)), reason: row["reason"])
        }
    }
}
