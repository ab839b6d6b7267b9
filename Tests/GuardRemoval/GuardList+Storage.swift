extension GuardList {
    static let storage = [
        Guard(
            "path-component", "RegistryStorage/StoragePath.swift",
            #"!name.isEmpty && name != "." && name != "..""#, #"OUT || !name.isEmpty && name != "." && name != "..""#,
            seenBy: "RegistryStorageTests"),
        Guard(
            "append-offset", "RegistryStorage/FileSystemDriver+Write.swift", "guard end == off_t(offset) else {",
            "guard OUT || end == off_t(offset) else {", seenBy: "RegistryStorageTests"),
        Guard(
            "remove-root", "RegistryStorage/FileSystemDriver+Rename.swift",
            "guard path != .root else { throw .system(operation: \"remove\", path: path, code: EBUSY) }",
            "guard OUT || path != .root else { throw .system(operation: \"remove\", path: path, code: EBUSY) }",
            seenBy: "RegistryStorageTests"),
        Guard(
            "link-empty", "RegistryStorage/Link.swift",
            "guard !content.isEmpty else { self = .damaged(reason: \"the link is empty\"); return }",
            "guard !content.isEmpty else { self = OUT ? .absent : .damaged(reason: \"the link is empty\"); return }",
            seenBy: "RegistryStorageTests"),
        Guard(
            "read-limit", "RegistryStorage/FileSystemDriver.swift",
            "guard file.size <= Int64(limit) else { throw .tooLarge(path: path, limit: limit) }",
            "guard OUT || file.size <= Int64(limit) else { throw .tooLarge(path: path, limit: limit) }",
            seenBy: "RegistryStorageTests"),
        Guard(
            "lock-intention", "RegistryStorage/DirectoryLock.swift",
            "guard !isAlone, flock(intention, LOCK_EX | LOCK_NB) == 0 else { return false }",
            "guard OUT || !isAlone, flock(intention, LOCK_EX | LOCK_NB) == 0 else { return false }",
            seenBy: "RegistryStorageTests"),
        Guard(
            "lock-shared-with-serving", "RegistryStorage/DirectoryLock.swift",
            "guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {",
            "guard OUT || flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {", seenBy: "RegistryStorageTests"),
    ]
}
