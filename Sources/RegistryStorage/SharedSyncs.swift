import Synchronization

/// Makes directories durable, once for everybody who asks at the same time.
///
/// A sync covers every change that was made before it began. While one of a directory runs, those who come are gathered;
/// the first of them then runs one sync for all. So many small pushes into one repository pay for a few syncs, and a single
/// push never waits for company.
final class SharedSyncs: Sendable {
    typealias Outcome = Result<Void, StorageError>

    fileprivate enum Turn {
        /// A sync that covers this one has ended.
        case covered(Outcome)
        /// This one runs the next sync, for itself and for those who have gathered.
        case leads([Waiting])
    }

    fileprivate struct Waiting {
        var resume: CheckedContinuation<Turn, Never>
    }

    /// A directory is a key while a sync of it runs; those who came meanwhile are its value.
    private let gathered = Mutex<[StoragePath: [Waiting]]>([:])

    /// Returns when a sync of the directory has ended that began after this call.
    ///
    /// - Parameter sync: blocks the thread; run for several callers, on the thread of one of them.
    func run(_ path: StoragePath, _ sync: () -> Outcome) async throws(StorageError) {
        switch await turn(path) {
        case .covered(let outcome): try outcome.get()
        case .leads(let others):
            let outcome = sync()
            for other in others { other.resume.resume(returning: .covered(outcome)) }
            handOver(path)
            try outcome.get()
        }
    }

    /// How many wait for the next sync of a directory.
    func gatheredCount(_ path: StoragePath) -> Int { gathered.withLock { $0[path]?.count ?? 0 } }

    private func turn(_ path: StoragePath) async -> Turn {
        let isFree = gathered.withLock { $0.enter(path) }
        if isFree { return .leads([]) }
        return await withCheckedContinuation { continuation in
            let isFree = gathered.withLock { gathered in
                if gathered.enter(path) { return true }
                gathered[path]?.append(Waiting(resume: continuation))
                return false
            }
            if isFree { continuation.resume(returning: .leads([])) }
        }
    }

    private func handOver(_ path: StoragePath) {
        let waiting = gathered.withLock { gathered in
            let waiting = gathered[path] ?? []
            gathered[path] = waiting.isEmpty ? nil : []
            return waiting
        }
        waiting.first?.resume.resume(returning: .leads(Array(waiting.dropFirst())))
    }
}

extension [StoragePath: [SharedSyncs.Waiting]] {
    /// Marks the directory as being synchronised; false when it is already.
    fileprivate mutating func enter(_ path: StoragePath) -> Bool {
        if self[path] != nil { return false }
        self[path] = []
        return true
    }
}
