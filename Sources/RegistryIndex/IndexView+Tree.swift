import Foundation
import GRDB
package import OCI

/// What the index believes the tree holds, for comparing the two.
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
