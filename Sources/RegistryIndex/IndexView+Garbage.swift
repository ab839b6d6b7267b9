import Foundation
import GRDB
package import OCI

/// What nothing holds, and what holds the rest.
extension IndexView {
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

    /// Some repositories that link the blob as a layer, `limit` at most, of those that will do. Costs no more than these and
    /// those that will not.
    package func repositories(
        withLayer digest: Digest, limit: Int, where willDo: (RepositoryName) -> Bool = { _ in true }
    ) throws -> [RepositoryName] {
        let cursor = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT r.name FROM blob b JOIN layer l ON l.blob = b.id JOIN repository r ON r.id = l.repository
                    WHERE b.digest = ?
                    """), arguments: [digest.column])
        var names: [RepositoryName] = []
        while names.count < limit, let row = try cursor.next() {
            let name = try row.repositoryName("name")
            if willDo(name) { names.append(name) }
        }
        return names
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
                    ) AS refcount, size, present,
                        MAX(leased, COALESCE((SELECT MAX(l.leased) FROM layer l WHERE l.blob = blob.id), 0)) AS leased
                    FROM blob WHERE digest = ?
                    """), arguments: [digest.column]
        ).map { ($0["refcount"], $0["size"], $0["leased"], $0["present"]) }
    }
}
