import Foundation
package import Logging
package import OCI
package import RegistryIndex
package import RegistryStorage
import Synchronization

/// What a registry and its collector work on together: the tree, the index that is derived of it, how all who work on them
/// agree, and where it is told what has happened.
///
/// The storage tree is the truth, and the index follows each write. The order of every write is bytes, links, index, event,
/// so a crash leaves truth ahead of what is derived, never behind.
package final class Ground: Sendable {
    package let configuration: Registry.Configuration
    package let storage: any StorageDriver
    /// The same driver when it can answer without waiting; nil for an object store.
    package let immediate: (any ImmediateStorage)?
    package let index: ReferenceIndex
    /// How it is agreed with all others who work on the tree.
    package let coordination: any Coordination
    package let events = EventHub()
    package let counts = CounterSet()
    package let logger: Logger
    /// Whether the index is up to the tree.
    package let standing = IndexStanding()
    /// Places where requests have met something that the index may not know.
    package let gaps = GapQueue()
    package let uploads = UploadTable()
    package let lastPulls = PullTimes()
    /// Manifests in memory.
    package let manifests = ManifestCache()
    /// Types of manifests that only their clients knew.
    package let notedTypes: NotedTypes
    /// Seconds since 1970.
    package let opened = Ground.now
    /// Held while the tree is open; nil where nobody else can have it open.
    private let lock: DirectoryLock?
    private let generationCounter = Atomic<UInt64>(0)
    /// Larger than those of earlier runs of the program, whatever the clock was set to then.
    private let passCounter: Atomic<Int64>

    package init(
        storage: any StorageDriver, index: ReferenceIndex, lock: DirectoryLock?, coordination: any Coordination,
        configuration: Registry.Configuration, logger: Logger
    ) {
        self.storage = storage
        immediate = storage as? any ImmediateStorage
        self.index = index
        self.lock = lock
        self.coordination = coordination
        self.configuration = configuration
        self.logger = logger
        index.whenAWriteFails { [standing] in standing.failed(onlyRemoves: $0) }
        notedTypes = NotedTypes(Self.notedTypes(of: index, logger))
        let lastPass = (try? index.read { try $0.lastPass() }) ?? 0
        passCounter = Atomic(max(Int64(Date().timeIntervalSince1970 * 1e6), lastPass))
    }

    /// One query, in proportion to the answer. An index that cannot answer counts as empty: the bytes decide then.
    private static func notedTypes(of index: ReferenceIndex, _ logger: Logger) -> [NotedTypeRow] {
        do throws(IndexError) {
            return try index.read { try $0.notedTypes(limit: NotedTypes.entriesMax) }
        } catch {
            logger.error("cannot read the noted types of manifests", metadata: ["error": "\(error)"])
            return []
        }
    }

    /// Seconds since 1970.
    package static var now: Int64 { Int64(Date().timeIntervalSince1970) }

    // MARK: Index and tree

    /// True once the index was compared with the whole tree; until then lists may be short and nothing is swept.
    package var isReconciled: Bool { standing.isCurrent }

    /// True when a list may come from the index: it is up to the tree, and no other process writes past it.
    package var listsFollowIndex: Bool { standing.isCurrent && lock?.isSomebodyApart != true }

    /// A number for a comparison, larger than all before.
    package func nextPass() -> Int64 { passCounter.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Another number than before means that something was pushed or deleted since.
    package var generation: UInt64 { generationCounter.load(ordering: .acquiring) }

    /// Says that a list would read differently now.
    package func changed() { generationCounter.wrappingAdd(1, ordering: .acquiringAndReleasing) }

    /// Publishes what has happened. Called after the commit; never waits.
    package func publish(_ action: RegistryEvent.Action, by client: Client) { events.publish(action, by: client) }

    // MARK: What may be done

    /// What is in a repository whose name the specification does not allow may be read and deleted; nothing is added.
    package func requireWritable(_ name: RepositoryName) throws(RegistryError) {
        try requireWritable()
        guard name.isConforming else { throw .nameNotConforming(name) }
    }

    package func requireWritable() throws(RegistryError) {
        if configuration.readOnly { throw .readOnly }
    }

    /// True while another process serves the same tree: then neither takes anything out of it. Costs a call of the system.
    package var isAccompanied: Bool { lock?.isAccompanied ?? false }

    /// Runs `body` with no other process in the data directory. Throws `notAlone` when there is one.
    package func whileAlone<T>(_ body: () async throws(RegistryError) -> T) async throws(RegistryError) -> T {
        guard let lock else { return try await body() }
        let outcome = await lock.alone { () async -> Result<T, RegistryError> in
            do throws(RegistryError) { return .success(try await body()) } catch { return .failure(error) }
        }
        guard let outcome else { throw .notAlone }
        return try outcome.get()
    }
}

/// Runs calls of the storage, and gives their failure the core's own type. The closure is untyped, for the compiler
/// infers no typed throws in closures yet.
@discardableResult
package func stored<T>(_ call: () async throws -> T) async throws(RegistryError) -> T {
    do { return try await call() } catch { throw RegistryError(error) }
}

/// The same for calls that do not wait.
package func storedNow<T>(_ call: () throws -> T) throws(RegistryError) -> T {
    do { return try call() } catch { throw RegistryError(error) }
}

/// Runs a call of the index, and gives its failure the core's own type.
package func indexed<T>(_ call: () throws -> T) throws(RegistryError) -> T {
    do { return try call() } catch { throw RegistryError(error) }
}
