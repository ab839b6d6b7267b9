import Foundation
import GRDB
package import OCI

/// One transaction on the index. Lives only inside `ReferenceIndex.write`. Every call may be repeated without harm.
package struct IndexChange {
    let db: Database

    /// The state so far, for decisions inside the transaction.
    package var view: IndexView { IndexView(db: db) }
}

// MARK: What came

extension IndexChange {
    /// The bytes of a blob are in the store. `leased` is the time of a promise to a client, in seconds since 1970; 0 makes
    /// none and takes none back.
    package func blobPresent(_ digest: Digest, size: Int64, leased: Int64) throws {
        try db.executeCached(
            sql: """
                INSERT INTO blob (digest, size, present, leased) VALUES (?, ?, 1, ?)
                ON CONFLICT (digest) DO UPDATE SET size = excluded.size, present = 1, verified = 0,
                    leased = MAX(leased, excluded.leased)
                """, arguments: [digest.column, size, leased])
    }

    /// The blob may be read through the repository.
    ///
    /// - Parameter leased: when that was promised to a client, seconds since 1970; 0, for a link that was found, makes no
    ///   promise and takes none back.
    package func layerLinked(_ digest: Digest, in name: RepositoryName, leased: Int64 = 0) throws {
        try db.executeCached(
            sql: """
                INSERT INTO layer (repository, blob, leased, idle) VALUES (?, ?, ?, ?)
                ON CONFLICT (repository, blob) DO UPDATE SET leased = MAX(leased, excluded.leased)
                """, arguments: [try repository(name), try blob(digest), leased, max(1, leased)])
    }

    /// The manifest is part of the repository. What it references is promised to nobody any more: it is held.
    ///
    /// - Parameters:
    ///   - type: what to note as its type in this repository; nil, which also clears an earlier note, when its bytes say it.
    ///   - at: when it was pushed, seconds since 1970.
    ///   - leased: the same when nothing may hold the manifest itself yet, as before its tag or its index comes; else 0.
    package func manifestLinked(
        _ manifest: Manifest, noting type: MediaType? = nil, in name: RepositoryName, at: Int64, leased: Int64
    ) throws {
        let (place, id) = try link(manifest, in: name, at: at, leased: leased)
        try db.executeCached(
            sql: "UPDATE revision SET media_type = ? WHERE repository = ? AND manifest = ? AND media_type IS NOT ?",
            arguments: [type?.text, place, id, type?.text])
    }

    /// The same for a manifest that was found in the tree, where nobody says a type: what a push has noted stays, and what was
    /// noted before it could not be read comes back and is given.
    ///
    /// - Parameter stamp: what the storage said of its files before they were read.
    @discardableResult
    package func manifestFound(
        _ manifest: Manifest, in name: RepositoryName, at: Int64, stamp: Int64 = 0
    ) throws -> MediaType? {
        _ = try link(manifest, in: name, at: at, leased: at)
        try stampRevision(manifest.digest, in: name, stamp)
        return try rememberType(of: manifest.digest, in: name)
    }

    /// Gives the rows of the repository and of the manifest.
    private func link(
        _ manifest: Manifest, in name: RepositoryName, at: Int64, leased: Int64
    ) throws -> (place: Int64, id: Int64) {
        try blobPresent(manifest.digest, size: Int64(manifest.bytes.count), leased: 0)
        let id = try blob(manifest.digest)
        if try Bool.fetchOne(db.cachedStatement(sql: "SELECT 1 FROM manifest WHERE blob = ?"), arguments: [id]) == nil {
            try insert(manifest, id)
        }
        let place = try repository(name)
        try db.executeCached(
            sql: """
                INSERT INTO revision (repository, manifest, pushed, leased, loose) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (repository, manifest) DO UPDATE SET pushed = excluded.pushed, leased = excluded.leased
                """, arguments: [place, id, at, leased, max(1, at)])
        // A first comparison finds manifests in any order, and a clock that was wrong is no last push.
        try db.executeCached(
            sql: """
                UPDATE repository SET \(Schema.change),
                    pushed = CASE WHEN pushed IS NULL OR pushed < ?1 OR pushed > unixepoch() THEN ?1 ELSE pushed END
                WHERE id = ?2
                """, arguments: [at, place])
        try db.executeCached(
            sql: "UPDATE blob SET leased = 0 WHERE leased > 0 AND id IN (SELECT target FROM edge WHERE manifest = ?)",
            arguments: [id])
        try db.executeCached(
            sql: """
                UPDATE revision SET leased = 0
                WHERE repository = ? AND leased > 0 AND manifest IN (SELECT target FROM edge WHERE manifest = ?)
                """, arguments: [place, id])
        try db.executeCached(
            sql: """
                UPDATE layer SET leased = 0
                WHERE repository = ? AND leased > 0 AND blob IN (SELECT target FROM edge WHERE manifest = ?)
                """, arguments: [place, id])
        return (place, id)
    }

    private func insert(_ manifest: Manifest, _ id: Int64) throws {
        let annotations = manifest.annotations.isEmpty ? nil : try JSONEncoder().encode(manifest.annotations)
        try db.executeCached(
            sql: "INSERT INTO manifest (blob, media_type, subject, artifact_type, annotations) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                id, manifest.bodyType.text, manifest.subject?.digest.column, manifest.artifactType, annotations,
            ])
        var position = 0
        func add(_ descriptors: [Descriptor], _ role: EdgeRow.Role) throws {
            for descriptor in descriptors {
                try db.executeCached(
                    sql: """
                        INSERT INTO edge (manifest, position, target, role, media_type, size, platform)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        id, position, try blob(descriptor.digest, size: descriptor.size), role.rawValue,
                        descriptor.mediaType.text, descriptor.size, descriptor.platform?.label,
                    ])
                position += 1
            }
        }
        try add(manifest.config.map { [$0] } ?? [], .config)
        try add(manifest.layers, .layer)
        try add(manifest.entries, .entry)
    }

    /// The link of one digest leads to the bytes of another. The bytes stay as long as something references either.
    package func aliasLinked(_ digest: Digest, to target: Digest, in name: RepositoryName) throws {
        try layerLinked(digest, in: name)
        try db.executeCached(
            sql: "INSERT OR REPLACE INTO alias (repository, blob, target) VALUES (?, ?, ?)",
            arguments: [try repository(name), try blob(digest), try blob(target)])
    }

    /// Somebody read all bytes of a blob. `at` in seconds since 1970.
    package func blobVerified(_ digest: Digest, isRight: Bool, at: Int64) throws {
        try db.executeCached(
            sql: "UPDATE blob SET verified = ? WHERE digest = ?", arguments: [isRight ? at : -at, digest.column])
    }

    /// Directories of the repository are in the tree, whatever is in them.
    package func repositoryMet(_ name: RepositoryName) throws {
        try db.executeCached(
            sql: "INSERT INTO repository (name) VALUES (?) ON CONFLICT (name) DO UPDATE SET bare = 0 WHERE bare",
            arguments: [name.text])
    }

    /// The last directory of the repository is gone from the tree.
    package func repositoryBare(_ name: RepositoryName) throws {
        try db.executeCached(sql: "UPDATE repository SET bare = 1 WHERE name = ? AND links = 0", arguments: [name.text])
    }

    /// Keeps a word for a later run; nil takes it away.
    package func setState(_ value: String?, for key: String) throws {
        guard let value else { return try db.executeCached(sql: "DELETE FROM state WHERE key = ?", arguments: [key]) }
        try db.executeCached(sql: "INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)", arguments: [key, value])
    }

    func repository(_ name: RepositoryName) throws -> Int64 {
        if let id = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM repository WHERE name = ?"), arguments: [name.text])
        {
            return id
        }
        try db.executeCached(sql: "INSERT INTO repository (name) VALUES (?)", arguments: [name.text])
        return db.lastInsertedRowID
    }

    /// The row of a digest, made when it is missing, with the size somebody claims and no bytes.
    func blob(_ digest: Digest, size: Int64 = 0) throws -> Int64 {
        if let id = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM blob WHERE digest = ?"), arguments: [digest.column])
        {
            return id
        }
        try db.executeCached(
            sql: "INSERT INTO blob (digest, size, present) VALUES (?, ?, 0)", arguments: [digest.column, size])
        return db.lastInsertedRowID
    }
}

// MARK: What went

extension IndexChange {
    /// The manifest is no longer part of the repository; when it is part of none, what it references loses a reference.
    package func manifestUnlinked(_ digest: Digest, in name: RepositoryName) throws {
        try db.executeCached(
            sql: """
                DELETE FROM revision WHERE manifest = (SELECT id FROM blob WHERE digest = ?)
                AND repository = (SELECT id FROM repository WHERE name = ?)
                """, arguments: [digest.column, name.text])
        guard
            let id = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT id FROM blob WHERE digest = ?"), arguments: [digest.column]),
            try Bool.fetchOne(
                db.cachedStatement(sql: "SELECT 1 FROM revision WHERE manifest = ? LIMIT 1"), arguments: [id]) == nil
        else { return }
        let targets = try Int64.fetchAll(
            db.cachedStatement(sql: "SELECT target FROM edge WHERE manifest = ?"), arguments: [id])
        try remember(id)
        try db.executeCached(sql: "DELETE FROM edge WHERE manifest = ?", arguments: [id])
        try db.executeCached(sql: "DELETE FROM manifest WHERE blob = ?", arguments: [id])
        for target in targets + [id] { try forget(target) }
    }

    package func layerUnlinked(_ digest: Digest, in name: RepositoryName) throws {
        guard
            let place = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT id FROM repository WHERE name = ?"), arguments: [name.text]),
            let id = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT id FROM blob WHERE digest = ?"), arguments: [digest.column])
        else { return }
        try db.executeCached(sql: "DELETE FROM layer WHERE blob = ? AND repository = ?", arguments: [id, place])
        let target = try Int64.fetchOne(
            db.cachedStatement(sql: "DELETE FROM alias WHERE blob = ? AND repository = ? RETURNING target"),
            arguments: [id, place])
        for row in [id] + (target.map { [$0] } ?? []) { try forget(row) }
    }

    /// The bytes are gone from the store.
    package func blobAbsent(_ digest: Digest) throws {
        try db.executeCached(
            sql: "UPDATE blob SET present = 0, leased = 0 WHERE digest = ?", arguments: [digest.column])
        if let id = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM blob WHERE digest = ?"), arguments: [digest.column])
        {
            try forget(id)
        }
    }

    /// Drops a row that says nothing any more.
    private func forget(_ id: Int64) throws {
        try db.executeCached(
            sql: """
                DELETE FROM blob WHERE id = ? AND refcount = 0 AND NOT present
                AND NOT EXISTS (SELECT 1 FROM layer WHERE blob = blob.id)
                AND NOT EXISTS (SELECT 1 FROM alias WHERE target = blob.id)
                """, arguments: [id])
    }
}
