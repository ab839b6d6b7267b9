import Foundation
import GRDB
package import OCI

/// What the question "what would come back?" asks: what something reaches in its own repositories, and who else holds that.
extension IndexView {
    /// What is below the rows of `reach`, in the repository of each: what its manifests reference, the bytes that a link of
    /// distribution calls by another digest, and referrers where `?2` says so. A manifest that the repository does not hold
    /// is its document and nothing below.
    private static func below(_ columns: String) -> String {
        """
        UNION SELECT \(columns), reach.repository, e.target FROM reach
            CROSS JOIN revision v ON v.repository = reach.repository AND v.manifest = reach.id
            CROSS JOIN edge e ON e.manifest = reach.id
        UNION SELECT \(columns), reach.repository, a.target FROM reach
            CROSS JOIN alias a ON a.repository = reach.repository AND a.blob = reach.id
        UNION SELECT \(columns), reach.repository, m.blob FROM reach CROSS JOIN blob s ON s.id = reach.id
            CROSS JOIN manifest m ON m.subject = s.digest
            CROSS JOIN revision v ON v.repository = reach.repository AND v.manifest = m.blob
            WHERE ?2
        """
    }

    /// Everything that the manifests reach in their repositories, themselves included, each place once.
    package func reached(
        from roots: some Collection<RevisionKey>, withReferrers: Bool = true
    ) throws -> [RevisionKey] {
        guard !roots.isEmpty else { return [] }
        return try rows(
            """
            WITH RECURSIVE reach(root, repository, id) AS (
                SELECT 0, j.value ->> 0, j.value ->> 1 FROM json_each(?1) j \(Self.below("0"))
            )
            SELECT repository, id FROM reach
            """, [Self.list(roots), withReferrers]
        ) { RevisionKey(repository: $0[0], manifest: $0[1]) }
    }

    /// The same for each of the manifests on its own: its place among `roots`, and what it reaches. Holds nothing of it.
    package func eachReached(from roots: [RevisionKey], _ body: (_ root: Int, _ blob: Int64) throws -> Void) throws {
        guard !roots.isEmpty else { return }
        let cursor = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    WITH RECURSIVE reach(root, repository, id) AS (
                        SELECT j.key, j.value ->> 0, j.value ->> 1 FROM json_each(?1) j \(Self.below("reach.root"))
                    )
                    SELECT root, id FROM reach
                    """), arguments: [Self.list(roots), true])
        while let row = try cursor.next() { try body(row[0], row[1]) }
    }

    /// Manifests that reach any of the blobs and that tags of their repository point at, with how many do.
    package func taggedHolders(of blobs: some Collection<Int64>) throws -> [(key: RevisionKey, tags: Int)] {
        guard !blobs.isEmpty else { return [] }
        return try rows(
            """
            WITH RECURSIVE start(id) AS (
                SELECT value FROM json_each(?1)
                UNION SELECT a.blob FROM json_each(?1) j CROSS JOIN alias a ON a.target = j.value
            ), \(Self.above)
            SELECT up.repository, up.id, COUNT(*) FROM up
            CROSS JOIN tag t ON t.manifest = up.id AND t.repository = up.repository GROUP BY up.repository, up.id
            """, [Self.list(blobs)]
        ) { (RevisionKey(repository: $0[0], manifest: $0[1]), $0[2]) }
    }

    /// Tags that point at any of the manifests in their repositories, in byte order, at most `limit`.
    package func tags(
        of keys: some Collection<RevisionKey>, limit: Int
    ) throws -> [(key: RevisionKey, repository: RepositoryName, tag: Tag)] {
        try rows(
            """
            SELECT t.repository, t.manifest, r.name, t.name FROM json_each(?) j
            CROSS JOIN tag t ON t.manifest = j.value ->> 1 AND t.repository = j.value ->> 0
            CROSS JOIN repository r ON r.id = t.repository ORDER BY r.name, t.name LIMIT ?
            """, [Self.list(keys), limit]
        ) {
            (
                RevisionKey(repository: $0[0], manifest: $0[1]), try RepositoryName(onDisk: $0[2] as String),
                try Tag($0[3] as String)
            )
        }
    }

    /// Manifests above the blobs, in any repository, that nothing holds.
    package func looseRevisions(above blobs: some Collection<Int64>) throws -> [SweepRevisionRow] {
        guard !blobs.isEmpty else { return [] }
        return try rows(
            """
            WITH RECURSIVE start(id) AS (
                SELECT value FROM json_each(?1)
                UNION SELECT a.blob FROM json_each(?1) j CROSS JOIN alias a ON a.target = j.value
            ), up(id) AS (
                SELECT id FROM start
                UNION SELECT e.manifest FROM up CROSS JOIN edge e ON e.target = up.id
                UNION SELECT s.id FROM up CROSS JOIN manifest m ON m.blob = up.id CROSS JOIN blob s ON s.digest = m.subject
            )
            \(Self.revisionColumns) FROM up CROSS JOIN revision v ON v.manifest = up.id CROSS JOIN blob b ON b.id = up.id
            CROSS JOIN manifest m ON m.blob = up.id WHERE v.loose > 0
            """, [Self.list(blobs)], Self.revisionRow)
    }

    /// Manifests of the repositories.
    package func revisions(in repositories: some Collection<Int64>) throws -> [RevisionKey] {
        try rows(
            "SELECT v.repository, v.manifest FROM json_each(?) j CROSS JOIN revision v ON v.repository = j.value",
            [Self.list(repositories)]
        ) { RevisionKey(repository: $0[0], manifest: $0[1]) }
    }

    /// What unreadable places of the repositories name: manifests that are served as absent.
    package func damaged(in repositories: some Collection<Int64>) throws -> [RevisionKey] {
        try rows(
            """
            SELECT d.repository, b.id FROM json_each(?) j CROSS JOIN damage d ON d.repository = j.value
            CROSS JOIN blob b ON b.digest = d.digest
            """, [Self.list(repositories)]
        ) { RevisionKey(repository: $0[0], manifest: $0[1]) }
    }

    /// Blobs that the repositories link as layers, each once.
    package func layers(in repositories: some Collection<Int64>) throws -> [Int64] {
        try rows(
            "SELECT DISTINCT l.blob FROM json_each(?) j CROSS JOIN layer l ON l.repository = j.value",
            [Self.list(repositories)]
        ) { $0[0] }
    }

    private static func list(_ keys: some Collection<RevisionKey>) -> String {
        "[" + keys.lazy.map { "[\($0.repository),\($0.manifest)]" }.joined(separator: ",") + "]"
    }
}
