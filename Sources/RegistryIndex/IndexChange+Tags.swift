import Foundation
import GRDB
package import OCI

/// Where tags point, where they pointed before, and when they were pulled.
extension IndexChange {
    /// The tag points at the manifest. `by` is who pointed it there; a digest that it pointed at before is noted as one
    /// that it held.
    package func tagSet(
        _ tag: Tag, to digest: Digest, in name: RepositoryName, at: Int64, by: String = ""
    ) throws {
        let place = try repository(name)
        let target = try blob(digest)
        if let old = try view.target(of: tag, in: name), old != digest {
            try depart(tag, from: old, place, at: at, by: by, .moved)
        }
        try db.executeCached(
            sql: """
                INSERT INTO tag (repository, name, manifest, updated) VALUES (?, ?, ?, ?)
                ON CONFLICT (repository, name) DO UPDATE SET manifest = excluded.manifest, updated = excluded.updated
                """, arguments: [place, tag.text, target, at])
        try db.executeCached(
            sql: "UPDATE revision SET leased = 0 WHERE repository = ? AND manifest = ?", arguments: [place, target])
    }

    /// Departures that are kept; the oldest are forgotten first.
    private static let departuresMax: Int64 = 100_000

    private func depart(
        _ tag: Tag, from digest: Digest, _ place: Int64, at: Int64, by: String, _ cause: DepartureRow.Cause
    ) throws {
        try db.executeCached(
            sql: "INSERT INTO departure (repository, tag, digest, at, by, cause) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [place, tag.text, digest.column, at, by, cause.rawValue])
        try forgetOldDepartures()
    }

    private func forgetOldDepartures() throws {
        try db.executeCached(
            sql: "DELETE FROM departure WHERE id <= (SELECT MAX(id) FROM departure) - ?",
            arguments: [Self.departuresMax])
    }

    /// A manifest of the repository was pulled, by a tag where one is given, at some time in seconds since 1970.
    package func pulled(_ name: RepositoryName, _ tag: Tag?, at: Int64) throws {
        try db.executeCached(
            sql: """
                INSERT INTO pull (repository, tag, at) SELECT id, ?, ? FROM repository WHERE name = ?
                ON CONFLICT (repository, tag) DO UPDATE SET at = MAX(at, excluded.at)
                """, arguments: [tag?.text ?? "", at, name.text])
    }

    /// The tag is gone. What it pointed at is noted as something that it held, until `at`, in seconds since 1970.
    package func tagRemoved(
        _ tag: Tag, in name: RepositoryName, at: Int64 = 0, by: String = "", _ cause: DepartureRow.Cause = .deleted
    ) throws {
        guard let digest = try view.target(of: tag, in: name) else { return }
        let place = try repository(name)
        try depart(tag, from: digest, place, at: at, by: by, cause)
        try db.executeCached(sql: "DELETE FROM tag WHERE name = ? AND repository = ?", arguments: [tag.text, place])
        try db.executeCached(sql: "DELETE FROM pull WHERE tag = ? AND repository = ?", arguments: [tag.text, place])
    }

    /// The same for many tags of one manifest.
    package func tagsRemoved(
        _ tags: [Tag], from digest: Digest, in name: RepositoryName, at: Int64, by: String, _ cause: DepartureRow.Cause
    ) throws {
        let place = try repository(name)
        for tag in tags {
            try db.executeCached(
                sql: """
                    INSERT INTO departure (repository, tag, digest, at, by, cause)
                    SELECT repository, name, ?, ?, ?, ? FROM tag WHERE repository = ? AND name = ?
                    """, arguments: [digest.column, at, by, cause.rawValue, place, tag.text])
            try db.executeCached(
                sql: "DELETE FROM tag WHERE name = ? AND repository = ?", arguments: [tag.text, place])
            try db.executeCached(
                sql: "DELETE FROM pull WHERE tag = ? AND repository = ?", arguments: [tag.text, place])
        }
        try forgetOldDepartures()
    }

    /// Writes down what only the manifest knows of what it references, and the last tag that held it, before it goes.
    ///
    /// Left alone SQLite looks for each type among all descriptors of the manifest: their square, for seconds.
    func remember(_ id: Int64) throws {
        try db.executeCached(
            sql: """
                UPDATE blob SET media_type = (
                    SELECT e.media_type FROM edge e INDEXED BY edge_target
                    WHERE e.target = blob.id AND e.manifest = ?1 ORDER BY e.position LIMIT 1)
                WHERE id IN (SELECT target FROM edge WHERE manifest = ?1)
                """, arguments: [id])
        try db.executeCached(
            sql: "UPDATE blob SET media_type = (SELECT media_type FROM manifest WHERE blob = ?1) WHERE id = ?1",
            arguments: [id])
        let departure = try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT MAX(id) FROM (
                        SELECT d.id FROM departure d JOIN blob b ON b.digest = d.digest WHERE b.id = ?1
                        UNION ALL SELECT departure FROM blob WHERE id = ?1)
                    """), arguments: [id])
        guard let departure else { return }
        try db.executeCached(
            sql: """
                UPDATE blob SET departure = ?2 WHERE id IN (
                    SELECT target FROM edge WHERE manifest = ?1
                    UNION ALL SELECT a.blob FROM blob s JOIN manifest a ON a.subject = s.digest WHERE s.id = ?1
                    UNION ALL SELECT ?1)
                AND (departure IS NULL OR departure < ?2)
                """, arguments: [id, departure])
    }
}
