/// Names that this process has seen made durable: what stands there would still do so after a crash. Of every other name
/// nobody knows, for another request or another process may have given it a moment ago.
///
/// A name counts as long as the same thing stands there. One that is given anew by this process is forgotten first; of
/// another process's doing a file tells by its inode and time of change, a directory by its inode alone.
struct DurableNames: Sendable {
    /// What stands at a name.
    struct Identity: Sendable, Equatable {
        var inode: UInt64
        /// Nanoseconds; 0 for a directory, which changes with every name in it.
        var changed: Int64
        /// Bytes; 0 for a directory. The system's clock for files stands still between its ticks: who appends right after the
        /// file was noted may leave the time as it was.
        var size: Int64
    }

    /// Somebody's going to make a name durable; void once the name is given anew.
    struct Attempt: Sendable {
        fileprivate var number: UInt64
        fileprivate var identity: Identity
    }

    /// Names of each of two ages; the older go all at once, which costs a sync where they are met again. Some 2 MiB each.
    static let namesMax = 8192

    private var recent: [StoragePath: Identity] = [:]
    private var older: [StoragePath: Identity] = [:]
    private var attempts: [StoragePath: UInt64] = [:]
    private var lastNumber: UInt64 = 0

    mutating func contains(_ path: StoragePath, _ identity: Identity) -> Bool {
        if recent[path] == identity { return true }
        guard older[path] == identity else { return false }
        insert(path, identity)
        return true
    }

    /// Those who try at the same time share the attempt, and whoever is done first has it count.
    mutating func begin(_ path: StoragePath, _ identity: Identity) -> Attempt {
        if let number = attempts[path] { return Attempt(number: number, identity: identity) }
        lastNumber += 1
        attempts[path] = lastNumber
        return Attempt(number: lastNumber, identity: identity)
    }

    mutating func end(_ path: StoragePath, _ attempt: Attempt, isDurable: Bool) {
        guard attempts[path] == attempt.number else { return }
        attempts[path] = nil
        if isDurable { insert(path, attempt.identity) }
    }

    /// The name was given to something new.
    mutating func forget(_ path: StoragePath) {
        recent[path] = nil
        older[path] = nil
        attempts[path] = nil
    }

    /// How many names are known, and how many are being made durable.
    var counts: (known: Int, attempts: Int) { (recent.count + older.count, attempts.count) }

    private mutating func insert(_ path: StoragePath, _ identity: Identity) {
        if recent.count >= Self.namesMax {
            older = recent
            recent = [:]
        }
        recent[path] = identity
    }
}
