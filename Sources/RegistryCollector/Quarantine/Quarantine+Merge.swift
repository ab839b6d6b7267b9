import RegistryCore
import RegistryStorage

/// Two places become one, where the same path was both taken out and made anew.
extension Quarantine {
    /// Bytes of two files that are compared at a time.
    private static let partBytes = 1 << 20

    /// Moves what is below `source` to the same places below `target`, file by file. What is there already with the same
    /// content goes from the source; what is there with only the beginning of it, as a crash leaves a file, is replaced.
    /// Directories are nothing by themselves.
    ///
    /// Gives the first path of the target that holds something else; that and what follows stays as it is in both places.
    /// Nil when nothing is left of the source.
    func merge(_ source: StoragePath, into target: StoragePath, _ hold: HoldWatch) async throws -> StoragePath? {
        guard let new = try await storage.stat(source) else { return nil }
        guard let old = try await storage.stat(target) else {
            try hold.confirm()
            try await storage.move(source, to: target)
            return nil
        }
        guard new.isDirectory == old.isDirectory else {
            // A directory with nothing in it is nothing, whatever was to be a file there.
            let (empty, isSource) = new.isDirectory ? (source, true) : (target, false)
            guard try await Self.firstFile(below: empty, storage) == nil else { return target }
            try hold.confirm()
            try await storage.remove(empty)
            if !isSource { try await storage.move(source, to: target) }
            return nil
        }
        guard new.isDirectory else { return try await mergeFile(source, into: target, hold) }
        // Backwards, so that the history of a tag stands before what serves it.
        for entry in (try await storage.list(source) ?? []).reversed() {
            let name = entry.name
            if let path = try await merge(source.appending(name), into: target.appending(name), hold) { return path }
        }
        try hold.confirm()
        _ = try await storage.removeIfEmpty(source)
        return nil
    }

    private func mergeFile(
        _ source: StoragePath, into target: StoragePath, _ hold: HoldWatch
    ) async throws -> StoragePath? {
        guard let new = try await storage.open(source), let old = try await storage.open(target) else { return target }
        guard old.size <= new.size else { return target }
        var offset: Int64 = 0
        while offset < old.size {
            let count = Int(min(Int64(Self.partBytes), old.size - offset))
            let part = try await new.read(at: offset, count: count)
            guard part.count == count, try await old.read(at: offset, count: count) == part else { return target }
            offset += Int64(count)
        }
        if old.size == new.size {
            // Whoever put it there may not have come to his end.
            try await storage.preserve([target])
            try hold.confirm()
            try await storage.remove(source)
        } else {
            try hold.confirm()
            try await storage.move(source, to: target)
        }
        return nil
    }
}
