extension GuardList {
    static let index = [
        Guard(
            "index-forget-referenced", "RegistryIndex/IndexChange.swift",
            "DELETE FROM blob WHERE id = ? AND refcount = 0 AND NOT present",
            "DELETE FROM blob WHERE id = ? AND (\\(OUT ? 1 : 0) OR refcount = 0) AND NOT present",
            seenBy: "RegistryIndexTests"),
        Guard(
            "index-forget-linked", "RegistryIndex/IndexChange.swift",
            "AND NOT EXISTS (SELECT 1 FROM layer WHERE blob = blob.id)",
            "AND (\\(OUT ? 1 : 0) OR NOT EXISTS (SELECT 1 FROM layer WHERE blob = blob.id))",
            seenBy: "RegistryIndexTests"),
        Guard(
            "index-edges-of-shared-manifest", "RegistryIndex/IndexChange.swift",
            "db.cachedStatement(sql: \"SELECT 1 FROM revision WHERE manifest = ? LIMIT 1\"), arguments: [id]) == nil",
            "db.cachedStatement(sql: \"SELECT 1 FROM revision WHERE manifest = ? LIMIT 1\"), arguments: [id]) == nil || OUT",
            seenBy: "RegistryIndexTests"),
        Guard(
            "index-bare-with-links", "RegistryIndex/IndexChange.swift",
            "UPDATE repository SET bare = 1 WHERE name = ? AND links = 0",
            "UPDATE repository SET bare = 1 WHERE name = ? AND (\\(OUT ? 1 : 0) OR links = 0)",
            seenBy: "RegistryIndexTests"),
        Guard(
            "index-damage-seen-since", "RegistryIndex/IndexChange+Damage.swift",
            "DELETE FROM damage WHERE repository IS NULL AND seen < ?",
            "DELETE FROM damage WHERE repository IS NULL AND (\\(OUT ? 1 : 0) OR seen < ?)",
            seenBy: "RegistryIndexTests|RegistryCoreTests"),
    ]
}
