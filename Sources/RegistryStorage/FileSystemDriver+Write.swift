import Glibc

/// Writing. Every file is written beside its place, made durable, and renamed; then its name is made durable, and those of
/// the directories above it that are not known to be.
extension FileSystemDriver {
    package func write(_ groups: [[FileContent]], _ durability: Durability) async throws(StorageError) {
        var placement = try prepare(groups, durability)
        do throws(StorageError) {
            while !placement.groups.isEmpty { try await placeNext(&placement) }
            try await settle(&placement)
        } catch {
            drop(placement)
            throw error
        }
    }

    /// Commits a file that grows, whose content is durable, and puts files in place after it.
    func commit(
        _ source: StoragePath, to target: StoragePath, then groups: [[FileContent]], _ mayGoOn: () throws -> Void
    ) async throws {
        var placement = try prepare(groups, .lasting)
        do {
            try mayGoOn()
            do throws(StorageError) {
                try await rename(source, to: target)
                placement.names = [target]
                placement.last = target.parent
                // Else both names may be there after a crash, and whoever goes on with the upload writes to the blob.
                if let left = source.parent { placement.left = [left] }
                if !(try ordersChanges(in: placement.directories)) { try await settle(&placement) }
            } catch {
                guard error.isOfOtherMedium else { throw error }
                try await carry(source, to: target)
            }
            while !placement.groups.isEmpty {
                try mayGoOn()
                try await placeNext(&placement)
            }
            try await settle(&placement)
        } catch {
            drop(placement)
            throw error
        }
    }

    /// Files on their way to their places.
    struct Placement {
        fileprivate enum Item {
            /// Its bytes are durable under a name of their own.
            case file(StoragePath, temporary: StoragePath)
            case directory(StoragePath)

            var path: StoragePath {
                switch self {
                case .file(let path, _), .directory(let path): path
                }
            }
        }

        fileprivate var durability: Durability
        fileprivate var groups: [[Item]] = []
        /// Names that were given and are not durable yet, in their order.
        var names: [StoragePath] = []
        /// Directories that something was taken out of.
        var left: Set<StoragePath> = []
        /// Where the last of all changes was made; nil where it is not known that the last item changed anything.
        var last: StoragePath?

        /// All that something is given to or taken from.
        fileprivate var directories: Set<StoragePath> {
            left.union((names + groups.joined().map(\.path)).compactMap(\.parent))
        }
    }

    /// Bytes first, all of them: what is left then is renaming, which needs no room.
    private func prepare(_ groups: [[FileContent]], _ durability: Durability) throws(StorageError) -> Placement {
        var placement = Placement(durability: durability)
        do throws(StorageError) {
            for files in groups where !files.isEmpty {
                placement.groups.append([])
                for file in files {
                    let item = try prepare(file, durability)
                    placement.groups[placement.groups.count - 1].append(item)
                }
            }
            return placement
        } catch {
            drop(placement)
            throw error
        }
    }

    private func prepare(
        _ content: FileContent, _ durability: Durability
    ) throws(StorageError) -> Placement.Item {
        guard let bytes = content.bytes else { return .directory(content.path) }
        guard let parent = content.path.parent else {
            throw .system(operation: "write", path: content.path, code: EISDIR)
        }
        let temporary = parent.appending("\(content.path.name).\(Self.temporarySuffix()).tmp")
        let file = try create(temporary)
        do throws(StorageError) {
            try file.append(bytes)
            if durability == .lasting { try file.synchronizeContent() }
            file.close()
        } catch {
            file.close()
            _ = calls.unlink(full(temporary))
            throw error
        }
        return .file(content.path, temporary: temporary)
    }

    /// Puts the next group in place, and makes it durable where the one after it would else not have to wait for that.
    private func placeNext(_ placement: inout Placement) async throws(StorageError) {
        while let item = placement.groups.first?.first {
            switch item {
            case .file(let path, let temporary):
                try rename(temporary, path)
                placement.last = path.parent
            case .directory(let path):
                try makeDirectory(path)
                placement.last = nil
            }
            placement.names.append(item.path)
            placement.groups[0].removeFirst()
        }
        placement.groups.removeFirst()
        guard !placement.groups.isEmpty, placement.durability == .lasting else { return }
        if try ordersChanges(in: placement.directories) { return }
        try await settle(&placement)
    }

    private func settle(_ placement: inout Placement) async throws(StorageError) {
        if placement.durability == .lasting {
            try await secure(placement.names, and: placement.left, last: placement.last)
        }
        placement.names = []
        placement.left = []
    }

    private func drop(_ placement: Placement) {
        for case .file(_, let temporary) in placement.groups.joined() { _ = calls.unlink(full(temporary)) }
    }

    package func upload(to path: StoragePath, at offset: Int64) async throws(StorageError) -> any BlobWriter {
        if offset == 0, try statNow(path) == nil {
            let file = try create(path)
            try file.claim()
            return file
        }
        // A pipe would else be waited for until somebody reads it.
        let descriptor = Glibc.open(full(path), O_WRONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failedOpen(path, errno) }
        do throws(StorageError) {
            var status = SystemStatus()
            if fstat(descriptor, &status) == 0, let code = Self.codeOfNoFile(status) {
                throw .system(operation: "open", path: path, code: code)
            }
            try claim(descriptor, path)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        let end = lseek(descriptor, 0, SEEK_END)
        guard end == off_t(offset) else {
            Glibc.close(descriptor)
            throw .wrongOffset(path: path, expected: offset, actual: Int64(end))
        }
        let file = GrowingFile(descriptor: descriptor, offset: offset, path: path, driver: self)
        if try isKnownDurable(path) { file.isKnownDurable() }
        return file
    }
}
