import Foundation
import OCI
import RegistryCore
import RegistryStorage

/// What one run took out of the tree: every path as it was, below a directory of the run's own.
///
/// ```
/// berth/trash/<run>/run.json                       what is to go, written before the first line goes: `RecordHead`
///                   done.json                      how it ended; absent while it runs and after a crash
///                   docker/registry/v2/…           what went, under the path that it had
/// berth/trash/<run>.purging/…                      being freed: nothing comes back from here
/// berth/trash/<run>.incoming                       a record whose lines are still arriving
/// ```
struct Quarantine {
    let storage: any StorageDriver
    let run: UUID

    var place: StoragePath { Layout.trash.appending(run.uuidString.lowercased()) }
    var recordPath: StoragePath { place.appending("run.json") }
    var endingPath: StoragePath { place.appending("done.json") }

    static let purgingSuffix = ".purging"

    /// Where a path of the tree goes.
    func place(of path: StoragePath) -> StoragePath { place.appending(path.components) }

    /// Whether anything of the path is here: a file, for directories alone are nothing.
    func holds(_ path: StoragePath) async throws -> Bool {
        try await Self.firstFile(below: place(of: path), storage) != nil
    }

    /// Whether anything that the run took is here.
    func holdsAnything() async throws -> Bool {
        try await Self.firstFile(below: place.appending("docker"), storage) != nil
    }

    /// The first file at or below a path; nil where there are only directories, or nothing.
    static func firstFile(below path: StoragePath, _ storage: any StorageDriver) async throws -> StoragePath? {
        guard let status = try await storage.stat(path) else { return nil }
        guard status.isDirectory else { return path }
        for entry in try await storage.list(path) ?? [] {
            let child = path.appending(entry.name)
            // A link is something, wherever it leads.
            guard entry.isDirectory, !entry.isLink else { return child }
            if let file = try await firstFile(below: child, storage) { return file }
        }
        return nil
    }

    /// Takes a path out of the tree; false when nothing is there. Throws `differs` where an earlier attempt took something
    /// else under the same path.
    ///
    /// Does not wait until that survives a crash: what one brings back is what the next run finds.
    ///
    /// - Parameter hold: on what goes; asked after before each change.
    func take(_ path: StoragePath, _ hold: HoldWatch) async throws -> Bool {
        guard try await storage.stat(path) != nil else { return false }
        let target = place(of: path)
        guard try await storage.stat(target) != nil else {
            try hold.confirm()
            try await storage.relocate(path, to: target)
            return true
        }
        if let path = try await merge(path, into: target, hold) { throw Differs(path: path) }
        return true
    }

    /// Puts a path back where it was. What is there already, byte for byte, or lacks only its end, is made whole; nothing is
    /// thrown away but what was found to be there. Does not wait until that survives a crash: it is in one of the two places
    /// whatever happens, and `settle` of the directory above makes it stay.
    ///
    /// - Parameter hold: on what comes back; asked after before each change.
    func restore(_ path: StoragePath, _ hold: HoldWatch) async throws -> Restored {
        let source = place(of: path)
        guard try await storage.stat(source) != nil else { return .absent }
        if try await storage.stat(path) == nil {
            try hold.confirm()
            do {
                try await storage.relocate(source, to: path)
            } catch {
                guard error.isOfOtherMedium else { throw error }
                try await storage.move(source, to: path)
            }
            return .restored
        }
        if let differing = try await merge(source, into: path, hold) { return .differs(differing) }
        return .restored
    }

    enum Restored: Equatable {
        case restored
        /// It is not in the quarantine.
        case absent
        /// Something else is at this path; it stays there, and what was to come back stays here.
        case differs(StoragePath)
    }

    struct Differs: Error, CustomStringConvertible {
        let path: StoragePath
        var description: String { "something else is at \(path) in the quarantine" }
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
            bytes = bytes.addingClamped(try await Self.free(left, storage, &pace))
        }
        return bytes
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
                bytes = bytes.addingClamped(try await free(path.appending(entry.name), storage, &pace))
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
