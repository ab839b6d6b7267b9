package import OCI
import Synchronization

/// What this process knows of open uploads: whose they are, and the running hash of each, so that a push in chunks is hashed
/// once. Losing a hash costs hashing the file again, nothing else. Which request has a session is not known here, but by
/// ``HoldKey/upload(_:)``.
package final class UploadTable: Sendable {
    /// Entries; beyond it they are forgotten.
    private static let entriesMax = 10_000

    /// Of sessions that no request has at the moment.
    private let digesters = Mutex<[UploadID: Digester]>([:])

    /// Sessions that are known to be in the tree; beyond it those that come are left to the purger.
    private static let sessionsMax = 100_000

    private struct Session {
        var name: RepositoryName
        /// Begun or gone on with by a client of this process.
        var isOurs: Bool
        /// When that was last, in seconds of the steady clock.
        var touched: Int64 = 0
    }

    private let clocks: Clocks

    init(clocks: Clocks = .system) { self.clocks = clocks }

    private let sessions = Mutex<[UploadID: Session]>([:])

    /// A session was seen in the tree.
    package func met(_ id: UploadID, in name: RepositoryName) { note(id, name, isOurs: false) }

    private func note(_ id: UploadID, _ name: RepositoryName, isOurs: Bool) {
        sessions.withLock { sessions in
            if sessions[id] == nil, sessions.count < Self.sessionsMax {
                sessions[id] = Session(name: name, isOurs: false)
            }
            guard isOurs else { return }
            sessions[id]?.isOurs = true
            sessions[id]?.touched = clocks.steadySeconds
        }
    }

    /// Seconds since a client of this process began the session or went on with it, whatever the clock of the wall was set to
    /// meanwhile; nil when none did.
    package func idleSeconds(_ id: UploadID) -> Int64? {
        sessions.withLock { sessions in
            sessions[id].flatMap { $0.isOurs ? max(0, clocks.steadySeconds - $0.touched) : nil }
        }
    }

    /// Every session that is known to be in the tree.
    package func known() -> [(id: UploadID, name: RepositoryName)] {
        sessions.withLock { $0.map { ($0.key, $0.value.name) } }
    }

    /// True when a client of this process began the session or went on with it.
    package func isOurs(_ id: UploadID) -> Bool { sessions.withLock { $0[id]?.isOurs ?? false } }

    /// A client of this process goes on with the session.
    func goesOn(_ id: UploadID, in name: RepositoryName) { note(id, name, isOurs: true) }

    /// Remembers a session that was just opened.
    func begin(_ id: UploadID, _ algorithm: Digest.Algorithm, in name: RepositoryName) {
        note(id, name, isOurs: true)
        keep(id, Digester(algorithm))
    }

    /// The hash of what has come so far, for who has claimed the session. One that is not known starts with an empty hash.
    func take(_ id: UploadID) -> Digester { digesters.withLock { $0.removeValue(forKey: id) } ?? Digester() }

    /// Gives the session back with its hash so far.
    func release(_ id: UploadID, _ digester: Digester) {
        sessions.withLock { sessions in
            if sessions[id]?.isOurs == true { sessions[id]?.touched = clocks.steadySeconds }
        }
        keep(id, digester)
    }

    package func end(_ id: UploadID) {
        digesters.withLock { _ = $0.removeValue(forKey: id) }
        sessions.withLock { _ = $0.removeValue(forKey: id) }
    }

    private func keep(_ id: UploadID, _ digester: Digester) {
        digesters.withLock { digesters in
            if digesters.count >= Self.entriesMax { digesters = [:] }
            digesters[id] = digester
        }
    }
}
