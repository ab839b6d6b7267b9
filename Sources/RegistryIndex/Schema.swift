import GRDB

/// The tables of the index and the rules that keep its counts.
///
/// ```
/// repository ──< tag >── blob            a tag points at the blob that is its manifest
///            ──< revision >── blob       the manifest is part of the repository
///            ──< layer >── blob          the blob was uploaded or mounted here
/// manifest (a blob that was parsed) ──< edge >── blob
/// ```
///
/// `blob.refcount` is the number of edges, revisions and tags that point at a blob; triggers keep it, so no transaction
/// can change an edge and forget the count. Bytes without reference are then one partial index away (a thousandth of the
/// time of an anti-join). `revision.media_type` is what the client that pushed the manifest here called it, where its bytes
/// say otherwise or nothing; NULL for all but a few. It belongs to the repository: what somebody calls the same bytes in
/// another one changes nothing here. An alias is a link of distribution whose path names one digest and whose content
/// another: the bytes lie under the second, and are needed as long as something references the first.
///
/// Times are seconds since 1970; `leased` is the time of the last promise to a client that nothing has made good yet, 0 for
/// none; `verified` is when the bytes of a blob were last found to be those of its digest, negative when they were found
/// not to be, 0 when nobody has looked. `damage.seen` is the number of the comparison that saw it last.
enum Schema {
    /// Raised with every change of the tables: a database with another number is thrown away and built anew.
    static let version = 3

    static func create(_ db: Database) throws {
        try db.execute(sql: tables)
        try db.execute(sql: triggers)
        try db.execute(sql: "PRAGMA user_version = \(version)")
    }

    private static let tables = """
        CREATE TABLE repository (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            pushed INTEGER
        );
        CREATE TABLE blob (
            id INTEGER PRIMARY KEY,
            digest BLOB NOT NULL UNIQUE,
            size INTEGER NOT NULL,
            present INTEGER NOT NULL,
            leased INTEGER NOT NULL DEFAULT 0,
            refcount INTEGER NOT NULL DEFAULT 0,
            verified INTEGER NOT NULL DEFAULT 0
        );
        CREATE INDEX blob_unreferenced ON blob (id) WHERE refcount = 0;
        CREATE TABLE manifest (
            blob INTEGER PRIMARY KEY REFERENCES blob,
            media_type TEXT NOT NULL,
            subject BLOB,
            artifact_type TEXT,
            annotations TEXT
        );
        CREATE INDEX manifest_subject ON manifest (subject) WHERE subject IS NOT NULL;
        CREATE TABLE edge (
            manifest INTEGER NOT NULL REFERENCES manifest,
            position INTEGER NOT NULL,
            target INTEGER NOT NULL REFERENCES blob,
            role INTEGER NOT NULL,
            media_type TEXT NOT NULL,
            size INTEGER NOT NULL,
            platform TEXT,
            PRIMARY KEY (manifest, position)
        ) WITHOUT ROWID;
        CREATE INDEX edge_target ON edge (target, manifest);
        CREATE TABLE revision (
            repository INTEGER NOT NULL REFERENCES repository,
            manifest INTEGER NOT NULL REFERENCES blob,
            pushed INTEGER NOT NULL,
            leased INTEGER NOT NULL DEFAULT 0,
            media_type TEXT,
            PRIMARY KEY (repository, manifest)
        ) WITHOUT ROWID;
        CREATE INDEX revision_manifest ON revision (manifest, repository);
        CREATE INDEX revision_typed ON revision (repository, manifest) WHERE media_type IS NOT NULL;
        CREATE TABLE layer (
            repository INTEGER NOT NULL REFERENCES repository,
            blob INTEGER NOT NULL REFERENCES blob,
            PRIMARY KEY (repository, blob)
        ) WITHOUT ROWID;
        CREATE INDEX layer_blob ON layer (blob, repository);
        CREATE TABLE tag (
            repository INTEGER NOT NULL REFERENCES repository,
            name TEXT NOT NULL,
            manifest INTEGER NOT NULL REFERENCES blob,
            updated INTEGER NOT NULL,
            PRIMARY KEY (repository, name)
        ) WITHOUT ROWID;
        CREATE INDEX tag_manifest ON tag (manifest, repository);
        CREATE TABLE damage (
            path TEXT PRIMARY KEY,
            repository INTEGER REFERENCES repository,
            digest BLOB,
            reason TEXT NOT NULL,
            seen INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX damage_repository ON damage (repository);
        CREATE TABLE alias (
            repository INTEGER NOT NULL REFERENCES repository,
            blob INTEGER NOT NULL REFERENCES blob,
            target INTEGER NOT NULL REFERENCES blob,
            PRIMARY KEY (repository, blob)
        ) WITHOUT ROWID;
        CREATE INDEX alias_target ON alias (target);
        CREATE TABLE state (
            key TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) WITHOUT ROWID;
        """

    private static let triggers = """
        CREATE TRIGGER edge_added AFTER INSERT ON edge BEGIN
            UPDATE blob SET refcount = refcount + 1 WHERE id = NEW.target;
        END;
        CREATE TRIGGER edge_removed AFTER DELETE ON edge BEGIN
            UPDATE blob SET refcount = refcount - 1 WHERE id = OLD.target;
        END;
        CREATE TRIGGER revision_added AFTER INSERT ON revision BEGIN
            UPDATE blob SET refcount = refcount + 1 WHERE id = NEW.manifest;
        END;
        CREATE TRIGGER revision_removed AFTER DELETE ON revision BEGIN
            UPDATE blob SET refcount = refcount - 1 WHERE id = OLD.manifest;
        END;
        CREATE TRIGGER tag_added AFTER INSERT ON tag BEGIN
            UPDATE blob SET refcount = refcount + 1 WHERE id = NEW.manifest;
        END;
        CREATE TRIGGER tag_moved AFTER UPDATE OF manifest ON tag BEGIN
            UPDATE blob SET refcount = refcount - 1 WHERE id = OLD.manifest;
            UPDATE blob SET refcount = refcount + 1 WHERE id = NEW.manifest;
        END;
        CREATE TRIGGER tag_removed AFTER DELETE ON tag BEGIN
            UPDATE blob SET refcount = refcount - 1 WHERE id = OLD.manifest;
        END;
        """
}
