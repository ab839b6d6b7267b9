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
/// What a sweep looks for is one partial index away too, so that a preview costs what the garbage costs. `revision.loose` is
/// since when no tag, no index and no subject of its repository holds the manifest, `layer.idle` since when no manifest of
/// the repository needs the link, 1 where nobody knows the time, and both 0 while something does; `repository.links` counts
/// its tags, manifests and layers, and `bare` is 1 for one that has not even directories; `blob.loose` is since when `refcount` is 0, and 0 for one that was never referenced.
/// Triggers keep these. They rely on one order: a manifest has its edges before its first revision, and keeps them until
/// its last is gone.
///
/// What lists show of a repository is kept with it, so that a list costs a row for each and a change costs its own rows:
/// `tags` and `manifests` are counts, `bytes` those of the blobs in the store that it holds by a layer or a manifest, each
/// once, and `own` those that no other repository holds; both as two numbers, of which the second counts the lower 32 bits
/// of each size, so that sums are exact where sizes are as large as the holes of files. `blob.holders` counts the
/// repositories that hold it. `changed` rises with everything that a list of repositories, or of the repository's tags, would
/// show otherwise; no two moments have the same.
///
/// A departure is the end of a tag's pointing at a digest; `blob.departure` is that of the last tag that held the blob, noted
/// when the last manifest that knew goes, and `blob.media_type` what that manifest said. A pull with an empty tag is that of
/// any manifest of the repository.
///
/// Times are seconds since 1970; `leased` is the time of the last promise to a client that nothing has made good yet, 0 for
/// none; `verified` is when the bytes of a blob were last found to be those of its digest, negative when they were found
/// not to be, 0 when nobody has looked. `damage.seen` is the number of the comparison that saw it last. `stamp` is what the
/// storage said of the files behind a row when a comparison last read them and found them sound, 0 when none has: as long as
/// it says the same they are not read again.
enum Schema {
    /// Says of a repository that lists show it otherwise now.
    static let change = "changed = (SELECT MAX(changed) FROM repository) + 1"

    /// Raised with every change of the tables: a database with another number is thrown away and built anew.
    static let version = 7

    static func create(_ db: Database) throws {
        try db.execute(sql: tables)
        try db.execute(sql: triggers)
        try db.execute(sql: totalTriggers)
        try db.execute(sql: "PRAGMA user_version = \(version)")
    }

    private static let tables = """
        CREATE TABLE repository (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            pushed INTEGER,
            links INTEGER NOT NULL DEFAULT 0,
            bare INTEGER NOT NULL DEFAULT 0,
            tags INTEGER NOT NULL DEFAULT 0,
            manifests INTEGER NOT NULL DEFAULT 0,
            bytes_high INTEGER NOT NULL DEFAULT 0,
            bytes_low INTEGER NOT NULL DEFAULT 0,
            own_high INTEGER NOT NULL DEFAULT 0,
            own_low INTEGER NOT NULL DEFAULT 0,
            changed INTEGER NOT NULL DEFAULT 0
        );
        CREATE INDEX repository_changed ON repository (changed);
        CREATE INDEX repository_empty ON repository (id) WHERE links = 0 AND bare = 0;
        CREATE TABLE blob (
            id INTEGER PRIMARY KEY,
            digest BLOB NOT NULL UNIQUE,
            size INTEGER NOT NULL,
            present INTEGER NOT NULL,
            leased INTEGER NOT NULL DEFAULT 0,
            refcount INTEGER NOT NULL DEFAULT 0,
            holders INTEGER NOT NULL DEFAULT 0,
            verified INTEGER NOT NULL DEFAULT 0,
            loose INTEGER NOT NULL DEFAULT 0,
            departure INTEGER,
            media_type TEXT
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
            loose INTEGER NOT NULL,
            stamp INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (repository, manifest)
        ) WITHOUT ROWID;
        CREATE INDEX revision_loose ON revision (repository, manifest) WHERE loose > 0;
        CREATE INDEX revision_manifest ON revision (manifest, repository);
        CREATE INDEX revision_typed ON revision (repository, manifest) WHERE media_type IS NOT NULL;
        CREATE TABLE layer (
            repository INTEGER NOT NULL REFERENCES repository,
            blob INTEGER NOT NULL REFERENCES blob,
            leased INTEGER NOT NULL DEFAULT 0,
            idle INTEGER NOT NULL,
            stamp INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (repository, blob)
        ) WITHOUT ROWID;
        CREATE INDEX layer_idle ON layer (repository, blob) WHERE idle > 0;
        CREATE INDEX layer_blob ON layer (blob, repository);
        CREATE TABLE tag (
            repository INTEGER NOT NULL REFERENCES repository,
            name TEXT NOT NULL,
            manifest INTEGER NOT NULL REFERENCES blob,
            updated INTEGER NOT NULL,
            PRIMARY KEY (repository, name)
        ) WITHOUT ROWID;
        CREATE INDEX tag_manifest ON tag (manifest, repository);
        CREATE INDEX tag_fallback ON tag (repository, name) WHERE name >= 'sha256-' AND name < 'sha256.';
        CREATE TABLE departure (
            id INTEGER PRIMARY KEY,
            repository INTEGER NOT NULL REFERENCES repository,
            tag TEXT NOT NULL,
            digest BLOB NOT NULL,
            at INTEGER NOT NULL,
            by TEXT NOT NULL,
            cause INTEGER NOT NULL
        );
        CREATE INDEX departure_digest ON departure (digest);
        CREATE INDEX departure_tag ON departure (repository, tag);
        CREATE TABLE pull (
            repository INTEGER NOT NULL REFERENCES repository,
            tag TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (repository, tag)
        ) WITHOUT ROWID;
        CREATE TABLE damage (
            path TEXT PRIMARY KEY,
            repository INTEGER REFERENCES repository,
            digest BLOB,
            reason TEXT NOT NULL,
            seen INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX damage_repository ON damage (repository);
        CREATE INDEX damage_digest ON damage (digest) WHERE digest IS NOT NULL;
        CREATE TABLE alias (
            repository INTEGER NOT NULL REFERENCES repository,
            blob INTEGER NOT NULL REFERENCES blob,
            target INTEGER NOT NULL REFERENCES blob,
            PRIMARY KEY (repository, blob)
        ) WITHOUT ROWID;
        CREATE INDEX alias_target ON alias (target);
        CREATE INDEX alias_blob ON alias (blob);
        CREATE TABLE state (
            key TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) WITHOUT ROWID;
        """

    /// True when something of the repository `r` holds its manifest `m`: both are SQL.
    private static func held(_ r: String, _ m: String) -> String {
        """
        (EXISTS (SELECT 1 FROM tag WHERE manifest = \(m) AND repository = \(r))
        OR EXISTS (
            SELECT 1 FROM edge e JOIN revision p ON p.manifest = e.manifest AND p.repository = \(r) WHERE e.target = \(m))
        OR EXISTS (
            SELECT 1 FROM manifest a JOIN blob s ON s.digest = a.subject
            JOIN revision p ON p.manifest = s.id AND p.repository = \(r) WHERE a.blob = \(m)))
        """
    }

    /// True when a manifest of the repository `r` needs its link to the blob `b`, or is that blob: registry 2.1 linked
    /// manifests among the layers.
    private static func needed(_ r: String, _ b: String) -> String {
        """
        (EXISTS (
            SELECT 1 FROM edge e JOIN revision p ON p.manifest = e.manifest AND p.repository = \(r) WHERE e.target = \(b))
        OR EXISTS (SELECT 1 FROM revision p WHERE p.repository = \(r) AND p.manifest = \(b))
        OR EXISTS (SELECT 1 FROM tag t WHERE t.repository = \(r) AND t.manifest = \(b)))
        """
    }

    private static let oneLess =
        "loose = CASE WHEN refcount = 1 THEN unixepoch() ELSE loose END, refcount = refcount - 1"

    /// Manifests that list `row`, or are listed by it, or are about it, take their hold from each other. The plus signs keep
    /// SQLite from walking a partial index where it has a key.
    private static func relatives(of row: String) -> String {
        """
        (SELECT target FROM edge WHERE manifest = \(row).manifest UNION ALL
        SELECT a.blob FROM blob s JOIN manifest a ON a.subject = s.digest WHERE s.id = \(row).manifest)
        """
    }

    private static let triggers = """
        CREATE TRIGGER edge_added AFTER INSERT ON edge BEGIN
            UPDATE blob SET refcount = refcount + 1 WHERE id = NEW.target;
        END;
        CREATE TRIGGER edge_removed AFTER DELETE ON edge BEGIN
            UPDATE blob SET \(oneLess) WHERE id = OLD.target;
        END;
        CREATE TRIGGER revision_added AFTER INSERT ON revision BEGIN
            UPDATE blob SET refcount = refcount + 1 WHERE id = NEW.manifest;
            UPDATE repository SET links = links + 1, manifests = manifests + 1, bare = 0, \(change)
            WHERE id = NEW.repository;
            UPDATE revision SET loose = 0
            WHERE repository = NEW.repository AND manifest = NEW.manifest AND \(held("NEW.repository", "NEW.manifest"));
            UPDATE revision SET loose = 0
            WHERE repository = NEW.repository AND manifest IN \(relatives(of: "NEW")) AND +loose > 0;
            UPDATE layer SET idle = 0
            WHERE repository = NEW.repository AND +idle > 0
            AND blob IN (SELECT target FROM edge WHERE manifest = NEW.manifest UNION ALL SELECT NEW.manifest);
        END;
        CREATE TRIGGER revision_removed AFTER DELETE ON revision BEGIN
            UPDATE blob SET \(oneLess) WHERE id = OLD.manifest;
            UPDATE repository SET links = links - 1, manifests = manifests - 1, \(change)
            WHERE id = OLD.repository;
            UPDATE revision SET loose = unixepoch()
            WHERE repository = OLD.repository AND manifest IN \(relatives(of: "OLD")) AND loose = 0
            AND NOT \(held("revision.repository", "revision.manifest"));
            UPDATE layer SET idle = unixepoch()
            WHERE repository = OLD.repository AND idle = 0
            AND blob IN (SELECT target FROM edge WHERE manifest = OLD.manifest UNION ALL SELECT OLD.manifest)
            AND NOT \(needed("layer.repository", "layer.blob"));
        END;
        CREATE TRIGGER layer_added AFTER INSERT ON layer BEGIN
            UPDATE repository SET links = links + 1, bare = 0, \(change)
            WHERE id = NEW.repository;
            UPDATE layer SET idle = 0
            WHERE repository = NEW.repository AND blob = NEW.blob AND \(needed("NEW.repository", "NEW.blob"));
        END;
        CREATE TRIGGER layer_removed AFTER DELETE ON layer BEGIN
            UPDATE repository SET links = links - 1, \(change)
            WHERE id = OLD.repository;
        END;
        CREATE TRIGGER tag_added AFTER INSERT ON tag BEGIN
            UPDATE blob SET refcount = refcount + 1 WHERE id = NEW.manifest;
            UPDATE repository SET links = links + 1, tags = tags + 1, bare = 0, \(change)
            WHERE id = NEW.repository;
            \(tagHolds)
        END;
        CREATE TRIGGER tag_moved AFTER UPDATE OF manifest ON tag WHEN NEW.manifest <> OLD.manifest BEGIN
            UPDATE blob SET \(oneLess) WHERE id = OLD.manifest;
            UPDATE blob SET refcount = refcount + 1 WHERE id = NEW.manifest;
            \(tagLetsGo)
            \(tagHolds)
        END;
        CREATE TRIGGER tag_removed AFTER DELETE ON tag BEGIN
            UPDATE blob SET \(oneLess) WHERE id = OLD.manifest;
            UPDATE repository SET links = links - 1, tags = tags - 1, \(change)
            WHERE id = OLD.repository;
            \(tagLetsGo)
        END;
        """

    private static let tagHolds = """
        UPDATE revision SET loose = 0 WHERE repository = NEW.repository AND manifest = NEW.manifest;
        UPDATE layer SET idle = 0 WHERE repository = NEW.repository AND blob = NEW.manifest;
        """

    private static let tagLetsGo = """
        UPDATE revision SET loose = unixepoch()
        WHERE repository = OLD.repository AND manifest = OLD.manifest AND loose = 0
        AND NOT \(held("OLD.repository", "OLD.manifest"));
        UPDATE layer SET idle = unixepoch()
        WHERE repository = OLD.repository AND blob = OLD.manifest AND idle = 0
        AND NOT \(needed("OLD.repository", "OLD.manifest"));
        """
}
