import Foundation
import GRDB
package import OCI

/// What cannot be read, and what was read and found sound.
extension IndexChange {
    /// Something in the tree cannot be read; what it may reference is not to be removed, nor the blob it names.
    ///
    /// - Parameter pass: the number of the comparison that saw it; later ones have larger numbers.
    package func damaged(
        _ path: String, in name: RepositoryName?, naming digest: Digest?, reason: String, pass: Int64
    ) throws {
        try db.executeCached(
            sql: """
                INSERT INTO damage (path, repository, digest, reason, seen) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (path) DO UPDATE SET repository = excluded.repository, digest = excluded.digest,
                    reason = excluded.reason, seen = MAX(seen, excluded.seen)
                """, arguments: [path, try name.map(repository), digest?.column, reason, pass])
    }

    /// The place is sound, or nothing is there any more.
    package func damageMended(_ path: String) throws {
        try db.executeCached(sql: "DELETE FROM damage WHERE path = ?", arguments: [path])
    }

    /// The manifest is whole in the repository, or gone: nothing at these places waits for it.
    package func damageMended(naming digest: Digest, below path: String) throws {
        try db.executeCached(
            sql: "DELETE FROM damage WHERE digest = ? AND path >= ? AND path < ?",
            arguments: [digest.column, path + "/", path + "0"])
    }

    /// Forgets the damage below a place of the tree that a comparison has looked at without seeing it again.
    package func damageCleared(below path: String, before pass: Int64) throws {
        // A range of the key: everything that begins with the path and a slash.
        try db.executeCached(
            sql: "DELETE FROM damage WHERE path >= ? AND path < ? AND seen < ?",
            arguments: [path + "/", path + "0", pass])
    }

    /// The same for damage that belongs to no repository.
    ///
    /// - Parameter layers: false where the links to layers were not looked at; what is unreadable among them stays then.
    package func damageOutsideRepositoriesCleared(before pass: Int64, layers: Bool = true) throws {
        try db.executeCached(
            sql: "DELETE FROM damage WHERE repository IS NULL AND seen < ? AND (? OR instr(path, '/_layers') = 0)",
            arguments: [pass, layers])
    }

    // MARK: What was found sound

    /// The link and the bytes of a manifest were read and are sound; `stamp` is what the storage said of them before.
    package func stampRevision(_ digest: Digest, in name: RepositoryName, _ stamp: Int64) throws {
        try db.executeCached(
            sql: """
                UPDATE revision SET stamp = ? WHERE manifest = (SELECT id FROM blob WHERE digest = ?)
                AND repository = (SELECT id FROM repository WHERE name = ?)
                """, arguments: [stamp, digest.column, name.text])
    }

    /// The link of a layer was read: it leads to `target`, another digest where it is an alias. Gives true when the index
    /// believed otherwise.
    @discardableResult
    package func layerFound(
        _ digest: Digest, to target: Digest, in name: RepositoryName, stamp: Int64
    ) throws -> Bool {
        let known = try view.holdsLayer(digest, in: name) ? try view.aliasTarget(of: digest, in: name) ?? digest : nil
        if known != target {
            if let known, known != digest { try layerUnlinked(digest, in: name) }
            if digest == target {
                try layerLinked(digest, in: name)
            } else {
                try aliasLinked(digest, to: target, in: name)
            }
        }
        try db.executeCached(
            sql: """
                UPDATE layer SET stamp = ? WHERE blob = (SELECT id FROM blob WHERE digest = ?)
                AND repository = (SELECT id FROM repository WHERE name = ?)
                """, arguments: [stamp, digest.column, name.text])
        return known != target
    }

    // MARK: What is out of sight for a while

    /// The manifest of the repository cannot be read: what it references is not known any more. The type that a client said
    /// of it, which the tree has no place for, is kept for when it can be read again.
    package func manifestLost(_ digest: Digest, in name: RepositoryName) throws {
        let type = try String.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT media_type FROM revision WHERE manifest = (SELECT id FROM blob WHERE digest = ?)
                    AND repository = (SELECT id FROM repository WHERE name = ?)
                    """), arguments: [digest.column, name.text])
        try setState(type, for: Self.typeKey(digest, name))
        try manifestUnlinked(digest, in: name)
    }

    /// Notes the type again that the repository knew the manifest by before it could not be read, and gives it; nil for none.
    func rememberType(of digest: Digest, in name: RepositoryName) throws -> MediaType? {
        let key = Self.typeKey(digest, name)
        guard let type = try view.state(key) else { return nil }
        try db.executeCached(
            sql: """
                UPDATE revision SET media_type = ? WHERE manifest = (SELECT id FROM blob WHERE digest = ?)
                AND repository = (SELECT id FROM repository WHERE name = ?)
                """, arguments: [type, digest.column, name.text])
        try setState(nil, for: key)
        return MediaType(type)
    }

    private static func typeKey(_ digest: Digest, _ name: RepositoryName) -> String { "type \(name.text)@\(digest)" }

    /// The link of a tag cannot be read: it points at nothing that anybody knows. No end of a tag is noted, for nobody ended
    /// it.
    package func tagLost(_ tag: Tag, in name: RepositoryName) throws {
        try db.executeCached(
            sql: "DELETE FROM tag WHERE name = ? AND repository = (SELECT id FROM repository WHERE name = ?)",
            arguments: [tag.text, name.text])
    }
}
