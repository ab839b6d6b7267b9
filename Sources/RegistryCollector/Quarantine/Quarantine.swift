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

    /// Where a path of the tree goes.
    func place(of path: StoragePath) -> StoragePath { place.appending(path.components) }

    /// Whether anything of the path is here: a file, for directories alone are nothing.
    func holds(_ path: StoragePath) async throws -> Bool {
        try await storage.firstFile(below: place(of: path)) != nil
    }

    /// Whether anything that the run took is here.
    func holdsAnything() async throws -> Bool {
        try await storage.firstFile(below: place.appending("docker")) != nil
    }

    /// Takes a path out of the tree; false when nothing is there. Throws `differs` where an earlier attempt took something
    /// else under the same path.
    ///
    /// Does not wait until that survives a crash: what one brings back is what the next run finds.
    ///
    /// - Parameters:
    ///   - copies: as `StorageDriver.retire` has it.
    ///   - hold: on what goes; asked after before each change.
    func take(_ path: StoragePath, copies: Bool, _ hold: HoldWatch) async throws -> Bool {
        switch try await storage.retire(path, into: place, copies: copies, { try hold.confirm() }) {
        case .done: return true
        case .absent: return false
        case .differs(let path): throw Differs(path: path)
        }
    }

    /// Puts a path back where it was, as `StorageDriver.restore` does.
    ///
    /// - Parameter hold: on what comes back; asked after before each change.
    func restore(_ path: StoragePath, _ hold: HoldWatch) async throws -> Relocation {
        try await storage.restore(path, from: place) { try hold.confirm() }
    }

    struct Differs: Error, CustomStringConvertible {
        let path: StoragePath
        var description: String { "something else is at \(path) in the quarantine" }
    }

    // MARK: Purging

    /// Frees everything; gives the room that it took on the medium, as measured file by file. From its first moment on
    /// nothing comes back; a crash in between leaves the rest to the next purge.
    func purge(_ pace: inout LinePace) async throws -> Int64 {
        try await Self.purge(place, storage, &pace)
    }

    /// The same of what a crash left of a purge.
    static func purge(
        _ place: StoragePath, _ storage: any StorageDriver, _ pace: inout LinePace
    ) async throws -> Int64 {
        var bytes: Int64 = 0
        try await storage.erase(place) { path, file in
            // The records are ours and no part of what comes back.
            if ["run.json", "done.json"].contains(path.name), path.components.count == place.components.count + 1 {
                return
            }
            await pace.wait()
            bytes = bytes.addingClamped(file.allocated)
        }
        return bytes
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
