import Foundation
import OCI
import RegistryStorage

/// What one run took out of the tree: every path as it was, below a directory of the run's own.
///
/// ```
/// berth/trash/<run>/run.json                       what is to go, written before the first line goes
///                   done.json                      how it ended; absent while it runs and after a crash
///                   docker/registry/v2/…           what went, under the path that it had
/// berth/trash/<run>.purging/…                      being freed: nothing comes back from here
/// ```
struct Quarantine {
    let storage: any StorageDriver
    let run: UUID

    var place: StoragePath { Layout.trash.appending(run.uuidString.lowercased()) }

    private static let purgingSuffix = ".purging"

    /// Where a path of the tree goes.
    func place(of path: StoragePath) -> StoragePath { place.appending(path.components) }

    func holds(_ path: StoragePath) async throws -> Bool { try await storage.stat(place(of: path)) != nil }

    /// Takes a path out of the tree; false when nothing is there. What an earlier attempt took under the same path goes
    /// for good: it was judged as much as the other.
    ///
    /// Does not wait until that survives a crash: what one brings back is what the next run finds.
    func take(_ path: StoragePath) async throws -> Bool {
        guard try await storage.stat(path) != nil else { return false }
        let target = place(of: path)
        if try await storage.stat(target) != nil { try await storage.remove(target) }
        try await storage.relocate(path, to: target)
        return true
    }

    /// Puts a path back where it was; false when it is not here. What is there by now stays, and what is here goes.
    func restore(_ path: StoragePath) async throws -> Bool {
        guard try await holds(path) else { return false }
        if try await storage.stat(path) != nil {
            try await storage.remove(place(of: path))
        } else {
            try await storage.move(place(of: path), to: path)
        }
        return true
    }

    // MARK: Records

    /// What is known of a run before its first line.
    struct Record: Codable {
        var plan: SweepDocument
        var started: Date
        var by: String
        var quarantineSeconds: Int
    }

    /// How it ended.
    struct Ending: Codable {
        var finished: Date
        var bytesTaken: Int64
        var spared: [SweepDocument.Spared]
    }

    /// Bytes of a record: a plan of a million lines is some 600 MB, and no more is read.
    private static let recordBytesMax = 1 << 30

    func begin(_ record: Record) async throws {
        try await storage.write(place.appending("run.json"), Array(try SweepDocument.encode(record)))
    }

    func end(_ ending: Ending) async throws {
        try await storage.write(place.appending("done.json"), Array(try SweepDocument.encode(ending)))
    }

    /// Nil when there is none that can be read: nothing can come back then.
    func record() async throws -> Record? { try await read("run.json", Record.self) }

    func ending() async throws -> Ending? { try await read("done.json", Ending.self) }

    private func read<Document: Decodable>(_ name: String, _ type: Document.Type) async throws -> Document? {
        guard let bytes = try await storage.read(place.appending(name), limit: Self.recordBytesMax) else { return nil }
        return try? SweepDocument.decode(type, from: Data(bytes))
    }

    // MARK: Purging

    /// Frees everything; gives the room that it took on the medium, as measured file by file. From its first moment on
    /// nothing comes back; a crash in between leaves the rest to the next purge.
    func purge(_ pace: inout LinePace) async throws -> Int64 {
        let doomed = Layout.trash.appending(place.name + Self.purgingSuffix)
        // A crash may have left some of the same run there.
        if try await storage.stat(place) != nil, try await storage.stat(doomed) == nil {
            try await storage.move(place, to: doomed)
        }
        var bytes: Int64 = 0
        for left in [doomed, place] {
            // The records are ours and no part of what comes back.
            for record in ["run.json", "done.json"] { try await storage.discard(left.appending(record)) }
            bytes.addClamped(try await Self.free(left, storage, &pace))
        }
        return bytes
    }

    /// Directories in the trash, with the run that each belongs to; nil for one whose name is no run's, or which is being
    /// freed already.
    static func all(in storage: any StorageDriver) async throws -> [(run: UUID?, place: StoragePath)] {
        try await (storage.list(Layout.trash) ?? []).map { entry in
            (UUID(uuidString: entry.name), Layout.trash.appending(entry.name))
        }
    }

    /// Removes a file or a directory with all below it, deepest first, and gives the room that it took.
    static func free(
        _ path: StoragePath, _ storage: any StorageDriver, _ pace: inout LinePace
    ) async throws -> Int64 {
        // A link goes, and what it leads to stays: it may lead to a directory above it.
        guard let status = try await storage.stat(path), !status.isLink else {
            try await storage.discard(path)
            return 0
        }
        var bytes: Int64 = 0
        if status.isDirectory {
            for entry in try await storage.list(path) ?? [] {
                bytes.addClamped(try await free(path.appending(entry.name), storage, &pace))
            }
        } else {
            await pace.wait()
        }
        // Nobody waits for these: what a power cut brings back is purged again.
        try await storage.discard(path)
        return bytes.addingClamped(status.allocated)
    }
}

/// Keeps work to a number of lines a second.
struct LinePace {
    private let interval: Duration?
    private var next: ContinuousClock.Instant = .now

    /// - Parameter linesPerSecondMax: nil for as fast as it goes.
    init(_ linesPerSecondMax: Int?) { interval = linesPerSecondMax.map { .seconds(1) / max(1, $0) } }

    /// Waits until the next line may begin. What was late is not made up for.
    mutating func wait() async {
        guard let interval else { return }
        // The rate is what is kept here; there is nothing to wait for but time.
        if next > .now { try? await ContinuousClock().sleep(until: next) }
        next = max(next, .now) + interval
    }
}

extension SweepPlan.Item {
    /// What goes into the quarantine for it, whatever else goes along; nil for a repository, whose directories are empty.
    var path: StoragePath? {
        switch self {
        case .tag(let tag, let name): Layout.tag(tag, in: name)
        case .revision(let digest, let name): Layout.revisionLink(digest, in: name).parent
        case .layerLink(let digest, let name): Layout.layerLink(digest, in: name).parent
        case .blob(let digest): Layout.blob(digest)
        case .upload(let id, let name): Layout.upload(id.text, in: name)
        case .repository: nil
        }
    }
}
