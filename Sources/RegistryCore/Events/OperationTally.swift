import Foundation
import OCI
import Synchronization

/// Tells which manifest begins something new, so that what is counted are pushes and pulls as people count them: the manifests
/// of an image for three platforms, and the index that names them, are one.
///
/// One short lock a manifest. Who is forgotten, because it was silent for long or there were too many, begins anew.
final class OperationTally: Sendable {
    /// A client that pauses longer has begun something new.
    static let pauseSecondsMax = 10.0
    /// Clients and repositories that are remembered.
    static let entriesMax = 1024

    private struct Key: Hashable {
        var host: String
        var agent: String
        var name: RepositoryName
    }

    private let recent = Mutex<[Key: Date]>([:])

    /// A manifest went in. With a tag it is the last of its push: a client sends the tag when all else is there.
    func isNewPush(_ name: RepositoryName, isTagged: Bool, by client: Client, at time: Date = Date()) -> Bool {
        let key = Key(host: String(client.host), agent: client.userAgent, name: name)
        return recent.withLock { recent in
            let isNew = Self.isNew(recent[key], time)
            if isTagged { recent[key] = nil } else { Self.note(key, time, &recent) }
            return isNew
        }
    }

    /// A manifest went out. By its tag it is the first of its pull.
    func isNewPull(_ name: RepositoryName, isTagged: Bool, by client: Client, at time: Date = Date()) -> Bool {
        let key = Key(host: String(client.host), agent: client.userAgent, name: name)
        return recent.withLock { recent in
            let isNew = isTagged || Self.isNew(recent[key], time)
            Self.note(key, time, &recent)
            return isNew
        }
    }

    private static func isNew(_ last: Date?, _ time: Date) -> Bool {
        guard let last else { return true }
        return abs(time.timeIntervalSince(last)) > pauseSecondsMax
    }

    private static func note(_ key: Key, _ time: Date, _ recent: inout [Key: Date]) {
        if recent.count >= entriesMax, recent[key] == nil {
            recent = recent.filter { !isNew($0.value, time) }
            if recent.count >= entriesMax { recent.removeAll() }
        }
        recent[key] = time
    }
}
