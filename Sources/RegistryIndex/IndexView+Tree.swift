import Foundation
import GRDB
package import OCI

/// What the index believes the tree holds, for comparing the two.
extension IndexView {
    /// Names of repositories that the index has ever met, in byte order, from the first after `last`.
    package func repositoryPage(after last: String?, limit: Int) throws -> [RepositoryName] {
        try Row.fetchAll(
            db.cachedStatement(sql: "SELECT name FROM repository WHERE name > ? ORDER BY name LIMIT ?"),
            arguments: [last ?? "", limit]
        ).map { try $0.repositoryName("name") }
    }

    package func allRepositories() throws -> [RepositoryName] { try repositoryPage(after: nil, limit: .max) }

    /// All manifests of a repository. Costs memory in proportion to their number.
    package func revisions(in name: RepositoryName) throws -> Set<Digest> {
        Set(try page(of: .revision, in: name, after: nil, limit: .max).map(\.digest))
    }

    /// All layer links of a repository. Costs memory in proportion to their number.
    package func layers(in name: RepositoryName) throws -> Set<Digest> {
        Set(try page(of: .layer, in: name, after: nil, limit: .max).map(\.digest))
    }

    package func tagTargets(in name: RepositoryName) throws -> [Tag: Digest] {
        Dictionary(uniqueKeysWithValues: try tagPage(in: name, after: nil, limit: .max).map { ($0.tag, $0.digest) })
    }

    /// A kind of link that a repository has by digest.
    package enum LinkTable: Sendable {
        case revision
        case layer

        fileprivate var name: String { self == .revision ? "revision" : "layer" }
        fileprivate var column: String { self == .revision ? "manifest" : "blob" }
    }

    /// A part of the links of a repository, in an order of the index's own, from the first after `last`, a cursor that an
    /// earlier row gave; with what the storage said of their files when they were last found sound, 0 for never.
    package func page(
        of table: LinkTable, in name: RepositoryName, after last: Int64?, limit: Int
    ) throws -> [(cursor: Int64, digest: Digest, stamp: Int64)] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT b.id, b.digest, x.stamp FROM \(table.name) x JOIN blob b ON b.id = x.\(table.column)
                    WHERE x.repository = (SELECT id FROM repository WHERE name = ?) AND x.\(table.column) > ?
                    ORDER BY x.\(table.column) LIMIT ?
                    """), arguments: [name.text, last ?? 0, limit]
        ).map { ($0["id"], try $0.digest("digest"), $0["stamp"]) }
    }

    /// Those of the digests that the repository has no such link to, by the index.
    package func unknown(_ table: LinkTable, of digests: [Digest], in name: RepositoryName) throws -> [Digest] {
        guard
            let place = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT id FROM repository WHERE name = ?"), arguments: [name.text])
        else { return digests }
        let statement = try db.cachedStatement(
            sql: """
                SELECT 1 FROM \(table.name) x JOIN blob b ON b.id = x.\(table.column)
                WHERE b.digest = ? AND x.repository = ?
                """)
        return try digests.filter { try Bool.fetchOne(statement, arguments: [$0.column, place]) == nil }
    }

    /// A part of the tags of a repository with what they point at, in byte order, from the first after `last`.
    package func tagPage(
        in name: RepositoryName, after last: Tag?, limit: Int
    ) throws -> [(tag: Tag, digest: Digest)] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT t.name, b.digest FROM tag t JOIN blob b ON b.id = t.manifest
                    WHERE t.repository = (SELECT id FROM repository WHERE name = ?) AND t.name > ? ORDER BY t.name LIMIT ?
                    """), arguments: [name.text, last?.text ?? "", limit]
        ).map { (try $0.tag("name"), try $0.digest("digest")) }
    }

    /// What a tag points at; nil when the index does not know it.
    package func target(of tag: Tag, in name: RepositoryName) throws -> Digest? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT b.digest FROM tag t JOIN blob b ON b.id = t.manifest
                    WHERE t.repository = (SELECT id FROM repository WHERE name = ?) AND t.name = ?
                    """), arguments: [name.text, tag.text]
        ).map { try $0.digest("digest") }
    }

    /// When somebody last read all bytes of a blob in the store, in seconds since 1970: negative when they were not those of
    /// its digest, 0 when nobody has. Nil when the index does not know the blob.
    package func verified(_ digest: Digest) throws -> (at: Int64, size: Int64)? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT verified, size FROM blob WHERE digest = ? AND present"),
            arguments: [digest.column]
        ).map { ($0["verified"], $0["size"]) }
    }

    /// Rows of everything that a comparison with the tree looks at, for telling how far it has come. Costs a scan of three
    /// indexes.
    package func linkAndBlobCount() throws -> Int64 {
        try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT (SELECT COUNT(*) FROM revision) + (SELECT COUNT(*) FROM layer) + (SELECT COUNT(*) FROM tag)
                        + (SELECT COUNT(*) FROM blob WHERE present)
                    """)) ?? 0
    }

    /// A word that was kept for a later run.
    package func state(_ key: String) throws -> String? {
        try String.fetchOne(db.cachedStatement(sql: "SELECT value FROM state WHERE key = ?"), arguments: [key])
    }

    /// The first bytes of the hashes of all blobs in the store, of one algorithm.
    package func blobPrefixes(_ algorithm: Digest.Algorithm) throws -> Set<UInt8> {
        let (low, high) = (Data([algorithm.rawValue]), Data([algorithm.rawValue + 1]))
        let rows = try Data.fetchAll(
            db.cachedStatement(
                sql: "SELECT DISTINCT substr(digest, 2, 1) FROM blob WHERE digest >= ? AND digest < ? AND present"),
            arguments: [low, high])
        return Set(rows.compactMap(\.first))
    }

    /// Blobs in the store by the index, of one algorithm, whose hash begins with `prefix`, with their sizes: a slice of
    /// the store's own fan-out.
    package func presentBlobs(_ algorithm: Digest.Algorithm, prefix: UInt8) throws -> [Digest: Int64] {
        let low = Data([algorithm.rawValue, prefix])
        let high = prefix == 255 ? Data([algorithm.rawValue + 1]) : Data([algorithm.rawValue, prefix + 1])
        let rows = try Row.fetchAll(
            db.cachedStatement(sql: "SELECT digest, size FROM blob WHERE digest >= ? AND digest < ? AND present"),
            arguments: [low, high])
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.digest("digest"), $0["size"] as Int64) })
    }
}
