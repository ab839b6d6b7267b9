/// A driver whose medium can give a file or a directory another name: how things are retired and restored there.
package protocol RenamingStorage: StorageDriver {
    /// Gives a file or a directory another place, replacing a file that is there, without waiting until that survives a crash.
    /// Makes the directories above. It is in one of the two places whatever happens. Throws when the source is absent, and
    /// an error that `isOfOtherMedium` where it would have to be copied.
    func rename(_ source: StoragePath, to target: StoragePath) async throws(StorageError)

    /// The same, copying where it has to, and durable when it returns.
    func move(_ source: StoragePath, to target: StoragePath) async throws(StorageError)
}

extension RenamingStorage {
    package func retire(
        _ path: StoragePath, into place: StoragePath, copies: Bool, _ mayGoOn: () throws -> Void
    ) async throws -> Relocation {
        try await relocate(path, to: place.appending(path.components), copies: copies, mayGoOn)
    }

    package func restore(
        _ path: StoragePath, from place: StoragePath, _ mayGoOn: () throws -> Void
    ) async throws -> Relocation {
        try await relocate(place.appending(path.components), to: path, copies: true, mayGoOn)
    }

    private func relocate(
        _ source: StoragePath, to target: StoragePath, copies: Bool, _ mayGoOn: () throws -> Void
    ) async throws -> Relocation {
        guard try await stat(source) != nil else { return .absent }
        if try await stat(target) == nil {
            try mayGoOn()
            do throws(StorageError) {
                try await rename(source, to: target)
            } catch {
                guard copies, error.isOfOtherMedium else { throw error }
                try await move(source, to: target)
            }
            return .done
        }
        return try await merge(source, into: target, mayGoOn).map { .differs($0) } ?? .done
    }

    // MARK: Erasing

    package func erase(
        _ place: StoragePath, _ each: (StoragePath, FileStatus) async throws -> Void
    ) async throws {
        let isRest = place.name.hasSuffix(Layout.erasingSuffix)
        guard let doomed = isRest ? place : place.parent?.appending(place.name + Layout.erasingSuffix) else { return }
        // A crash may have left some of the same there.
        try await free(doomed, each)
        guard !isRest, try await stat(place) != nil else { return }
        try await move(place, to: doomed)
        try await free(doomed, each)
    }

    /// Removes a file or a directory with all below it, deepest first.
    private func free(
        _ path: StoragePath, _ each: (StoragePath, FileStatus) async throws -> Void
    ) async throws {
        // A link goes, and what it leads to stays: it may lead to a directory above it.
        if let status = try await stat(path), !status.isLink {
            if status.isDirectory {
                for entry in try await list(path) ?? [] { try await free(path.appending(entry.name), each) }
            } else {
                try await each(path, status)
            }
        }
        try await remove(path, .passing)
    }

    // MARK: Where the same path was both taken out and made anew

    /// Moves what is below `source` to the same places below `target`, file by file. What is there already with the same
    /// content goes from the source; what is there with only the beginning of it, as a crash leaves a file, is replaced.
    /// Directories are nothing by themselves.
    ///
    /// Gives the first path of the target that holds something else; that and what follows stays as it is in both places.
    /// Nil when nothing is left of the source.
    private func merge(
        _ source: StoragePath, into target: StoragePath, _ mayGoOn: () throws -> Void
    ) async throws -> StoragePath? {
        guard let new = try await stat(source) else { return nil }
        guard let old = try await stat(target) else {
            try mayGoOn()
            try await move(source, to: target)
            return nil
        }
        guard new.isDirectory == old.isDirectory else {
            // A directory with nothing in it is nothing, whatever was to be a file there.
            let (empty, isSource) = new.isDirectory ? (source, true) : (target, false)
            guard try await firstFile(below: empty) == nil else { return target }
            try mayGoOn()
            try await remove(empty, .lasting)
            if !isSource { try await move(source, to: target) }
            return nil
        }
        guard new.isDirectory else { return try await mergeFile(source, into: target, mayGoOn) }
        // Backwards, so that the history of a tag stands before what serves it.
        for entry in (try await list(source) ?? []).reversed() {
            let name = entry.name
            if let path = try await merge(source.appending(name), into: target.appending(name), mayGoOn) { return path }
        }
        try mayGoOn()
        try await remove(source, .emptyDirectory)
        return nil
    }

    private func mergeFile(
        _ source: StoragePath, into target: StoragePath, _ mayGoOn: () throws -> Void
    ) async throws -> StoragePath? {
        guard let new = try await open(source), let old = try await open(target),
            try await new.begins(with: old)
        else { return target }
        if old.size == new.size {
            // Whoever put it there may not have come to his end.
            try await settle(.files([target]))
            try mayGoOn()
            try await remove(source, .lasting)
        } else {
            try mayGoOn()
            try await move(source, to: target)
        }
        return nil
    }
}

extension StorageDriver {
    /// The first file at or below a path; nil where there are only directories, or nothing. Costs a look at each directory
    /// before it.
    package func firstFile(below path: StoragePath) async throws(StorageError) -> StoragePath? {
        guard let status = try await stat(path) else { return nil }
        guard status.isDirectory else { return path }
        for entry in try await list(path) ?? [] {
            let child = path.appending(entry.name)
            // A link is something, wherever it leads: behind it may be what is not ours.
            guard entry.isDirectory, !entry.isLink else { return child }
            if let file = try await firstFile(below: child) { return file }
        }
        return nil
    }
}

extension BlobReader {
    /// Bytes of two files that are compared at a time.
    private static var partBytes: Int { 1 << 20 }

    /// True when the content of the other one is the beginning of this one, or all of it. Costs reading both.
    package func begins(with other: any BlobReader) async throws(StorageError) -> Bool {
        guard other.size <= size else { return false }
        var offset: Int64 = 0
        while offset < other.size {
            let count = Int(min(Int64(Self.partBytes), other.size - offset))
            let part = try await read(at: offset, count: count)
            guard part.count == count, try await other.read(at: offset, count: count) == part else { return false }
            offset += Int64(count)
        }
        return true
    }
}
