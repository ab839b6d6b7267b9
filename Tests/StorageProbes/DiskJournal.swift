import Glibc
import RegistryStorage
import Synchronization

/// The disk of a driver with a pen in its hand: lets every call happen and writes down what it changed, in its order.
///
/// Syncs are written down and not made, which makes tests quick. Several drivers over one directory may share a journal, as
/// processes share a disk. Only what is below `top` is written down, and nobody else may change anything there.
package final class DiskJournal: DiskCalls {
    /// A file or a directory, whatever it is called: numbered as they come, the top is 0.
    package typealias Node = Int

    package struct Entry: Hashable, Sendable {
        package var directory: Node
        package var name: String
    }

    package enum Record: Sendable {
        case create(Node, Entry)
        case write(Node, offset: Int, [UInt8])
        case truncate(Node, Int)
        case makeDirectory(Node, Entry)
        case rename(Node, from: Entry, to: Entry)
        case remove(Entry)
        /// A sync has ended that covers the records before `upTo`; the path is that of the node then.
        case synchronize(Node, upTo: Int, path: String)
        /// The same of everything.
        case synchronizeAll(upTo: Int)
    }

    fileprivate struct State {
        var records: [Record] = []
        var nodes: [UInt64: Node] = [:]
        var names: [Node: [String: Node]] = [0: [:]]
        var places: [Node: Entry] = [:]
        var nodeCount = 1
        /// Called after each record, on the thread of the call that made it.
        var observer: (@Sendable (Record) -> Void)?
    }

    private let top: String
    private let state: Mutex<State>
    private let system = SystemCalls()

    /// Its file system writes changes of names in their order, see ``DiskHistory``.
    package let isOrdered: Bool

    /// - Parameter top: an empty directory.
    package init(top: String, isOrdered: Bool = false) {
        self.top = top
        self.isOrdered = isOrdered
        var state = State()
        if let inode = Self.inode(of: top) { state.nodes[inode] = 0 }
        self.state = Mutex(state)
    }

    package var records: [Record] { state.withLock { $0.records } }

    package var count: Int { state.withLock { $0.records.count } }

    /// Has `observer` called after each record, nil for nobody; not for those that it causes itself.
    package func observe(_ observer: (@Sendable (Record) -> Void)?) { state.withLock { $0.observer = observer } }

    // MARK: Calls

    package func create(_ path: String) -> CInt {
        change { state in
            let descriptor = system.create(path)
            let code = errno
            defer { errno = code }
            guard descriptor >= 0, let entry = state.entry(path, below: top) else { return (descriptor, nil) }
            let node = state.add(at: entry, inode: Self.inode(of: descriptor), isDirectory: false)
            return (descriptor, .create(node, entry))
        }
    }

    package func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt, at offset: Int64) -> Int {
        change { state in
            let taken = system.write(bytes, to: descriptor, at: offset)
            let code = errno
            defer { errno = code }
            guard taken > 0, let node = state.node(descriptor) else { return (taken, nil) }
            return (taken, .write(node, offset: Int(offset), Array(bytes.prefix(taken))))
        }
    }

    package func truncate(_ descriptor: CInt, to length: Int64) -> CInt {
        change { state in
            let outcome = system.truncate(descriptor, to: length)
            let code = errno
            defer { errno = code }
            guard outcome == 0, let node = state.node(descriptor) else { return (outcome, nil) }
            return (outcome, .truncate(node, Int(length)))
        }
    }

    package func synchronize(_ descriptor: CInt) -> CInt {
        let begun = count
        return change { state in
            guard let node = state.node(descriptor) else { return (0, nil) }
            return (0, .synchronize(node, upTo: begun, path: state.path(of: node)))
        }
    }

    package func synchronizeAll(_ descriptor: CInt) -> CInt {
        let begun = count
        return change { _ in (0, .synchronizeAll(upTo: begun)) }
    }

    package func makeDirectory(_ path: String) -> CInt {
        change { state in
            let outcome = system.makeDirectory(path)
            let code = errno
            defer { errno = code }
            guard outcome == 0, let entry = state.entry(path, below: top) else { return (outcome, nil) }
            let node = state.add(at: entry, inode: Self.inode(of: path), isDirectory: true)
            return (outcome, .makeDirectory(node, entry))
        }
    }

    package func rename(_ source: String, to target: String) -> CInt {
        change { state in
            let outcome = system.rename(source, to: target)
            let code = errno
            defer { errno = code }
            guard outcome == 0, let from = state.entry(source, below: top), let to = state.entry(target, below: top),
                let node = state.names[from.directory]?[from.name]
            else { return (outcome, nil) }
            state.names[from.directory]?[from.name] = nil
            state.names[to.directory]?[to.name] = node
            state.places[node] = to
            return (outcome, .rename(node, from: from, to: to))
        }
    }

    package func unlink(_ path: String) -> CInt { remove(path, system.unlink) }

    package func removeDirectory(_ path: String) -> CInt { remove(path, system.removeDirectory) }

    private func remove(_ path: String, _ call: (String) -> CInt) -> CInt {
        change { state in
            let outcome = call(path)
            let code = errno
            defer { errno = code }
            guard outcome == 0, let entry = state.entry(path, below: top) else { return (outcome, nil) }
            state.names[entry.directory]?[entry.name] = nil
            return (outcome, .remove(entry))
        }
    }

    private func change<Outcome: Sendable>(_ call: (inout sending State) -> (Outcome, Record?)) -> Outcome {
        let (outcome, record, observer, code) = state.withLock { state in
            let (outcome, record) = call(&state)
            let code = errno
            guard let record else { return (outcome, Record?.none, (@Sendable (Record) -> Void)?.none, code) }
            state.records.append(record)
            return (outcome, record, state.observer, code)
        }
        if let record, let observer { observer(record) }
        errno = code
        return outcome
    }

    package func ordersChanges(_ device: UInt64) -> Bool { isOrdered }

    private static func inode(of path: String) -> UInt64? {
        var status = stat()
        return lstat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }

    fileprivate static func inode(of descriptor: CInt) -> UInt64? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : nil
    }
}

extension DiskJournal.State {
    /// Nil for a path that is not below the top, or whose directory was not written down.
    fileprivate func entry(_ path: String, below top: String) -> DiskJournal.Entry? {
        guard path.hasPrefix(top + "/") else { return nil }
        let components = path.dropFirst(top.count).split(separator: "/")
        var directory = 0
        for component in components.dropLast() {
            guard let next = names[directory]?[String(component)] else { return nil }
            directory = next
        }
        return components.last.map { DiskJournal.Entry(directory: directory, name: String($0)) }
    }

    fileprivate mutating func add(
        at entry: DiskJournal.Entry, inode: UInt64?, isDirectory: Bool
    ) -> DiskJournal.Node {
        let node = nodeCount
        nodeCount += 1
        if let inode { nodes[inode] = node }
        if isDirectory { names[node] = [:] }
        names[entry.directory]?[entry.name] = node
        places[node] = entry
        return node
    }

    fileprivate func node(_ descriptor: CInt) -> DiskJournal.Node? {
        DiskJournal.inode(of: descriptor).flatMap { nodes[$0] }
    }

    fileprivate func path(of node: DiskJournal.Node) -> String {
        var components: [String] = []
        var place = places[node]
        while let entry = place {
            components.append(entry.name)
            place = places[entry.directory]
        }
        return components.reversed().joined(separator: "/")
    }
}
