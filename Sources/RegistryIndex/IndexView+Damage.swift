import Foundation
import GRDB
package import OCI

/// What of the tree cannot be read.
extension IndexView {
    /// All of it, by path. Costs memory in proportion.
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

    /// The paths in one repository. Costs time in proportion to all that is damaged.
    package func damagedPaths(in name: RepositoryName) throws -> [String] {
        try String.fetchAll(
            db.cachedStatement(
                sql: "SELECT path FROM damage WHERE repository = (SELECT id FROM repository WHERE name = ?)"),
            arguments: [name.text])
    }

    /// Whether a blob is damaged although it is in the store, as one whose link cannot be read.
    package func hasDamageNamingBlobs() throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM damage WHERE digest IS NOT NULL)")) ?? false
    }

    /// Whether a manifest of the repository, or something that it cannot be without, is absent or cannot be read. Entries of
    /// an index may be absent, and so may layers that a client fetches from elsewhere.
    package func isDamaged(below digest: Digest, in name: RepositoryName) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(
                sql: """
                    \(Self.reach(from: "SELECT id FROM blob WHERE digest = ?2", withReferrers: false))
                    SELECT EXISTS (
                        SELECT 1 FROM reach JOIN revision v ON v.repository = ?1 AND v.manifest = reach.id
                        JOIN edge e ON e.manifest = reach.id JOIN blob b ON b.id = e.target
                        WHERE NOT b.present AND e.role <> \(EdgeRow.Role.entry.rawValue)
                        AND e.media_type NOT LIKE '%nondistributable%' AND e.media_type NOT LIKE '%foreign%'
                    ) OR EXISTS (SELECT 1 FROM blob WHERE digest = ?2 AND NOT present)
                    OR EXISTS (
                        SELECT 1 FROM damage d JOIN blob b ON b.digest = d.digest JOIN reach ON reach.id = b.id
                    )
                    """), arguments: [try repositoryID(name), digest.column]) ?? false
    }

    /// The place of something unreadable that may reference what these repositories hold, or that names the digest; nil when
    /// there is none. What belongs to no repository may reference anything. Costs a few lookups, however much is damaged.
    package func damage(naming digest: Digest?, or names: [RepositoryName]) throws -> String? {
        func first(_ condition: String, _ arguments: StatementArguments) throws -> String? {
            try String.fetchOne(
                db.cachedStatement(sql: "SELECT path FROM damage WHERE \(condition) ORDER BY path LIMIT 1"),
                arguments: arguments)
        }
        if let path = try first("repository IS NULL", []) { return path }
        if let digest, let path = try first("digest = ?", [digest.column]) { return path }
        for name in names {
            let path = try first("repository = (SELECT id FROM repository WHERE name = ?)", [name.text])
            if let path { return path }
        }
        return nil
    }

    /// What the storage said of a manifest's files when they were last found sound, 0 for never; nil when the repository is
    /// not known to hold it.
    package func revisionStamp(_ digest: Digest, in name: RepositoryName) throws -> Int64? {
        try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT v.stamp FROM revision v JOIN blob b ON b.id = v.manifest
                    WHERE b.digest = ? AND v.repository = (SELECT id FROM repository WHERE name = ?)
                    """), arguments: [digest.column, name.text])
    }

    /// What the link of a layer of the repository leads to; nil when that is no other digest than its own.
    package func aliasTarget(of digest: Digest, in name: RepositoryName) throws -> Digest? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT t.digest FROM alias a JOIN blob b ON b.id = a.blob JOIN blob t ON t.id = a.target
                    WHERE b.digest = ? AND a.repository = (SELECT id FROM repository WHERE name = ?)
                    """), arguments: [digest.column, name.text]
        ).map { try $0.digest("digest") }
    }

    /// Tags of the repository whose manifest is none that it is known to hold, with what they point at.
    package func tagsWithoutManifest(in name: RepositoryName) throws -> [(tag: Tag, digest: Digest)] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT t.name, b.digest FROM tag t JOIN blob b ON b.id = t.manifest
                    WHERE t.repository = (SELECT id FROM repository WHERE name = ?) AND NOT EXISTS (
                        SELECT 1 FROM revision v WHERE v.repository = t.repository AND v.manifest = t.manifest)
                    """), arguments: [name.text]
        ).map { (try $0.tag("name"), try $0.digest("digest")) }
    }
}
