import Foundation
import Glibc
import RegistryControl

/// Parts of an answer until they are wanted: in memory as long as they are few, then in a file without a name.
///
/// What answers is not kept waiting for who reads, and nothing of an answer that was cut off is printed. Not for two tasks
/// at once.
final class Spool {
    /// What is held in memory: a plan of some ten thousand lines.
    private static let heldBytesMax = 4 << 20
    private static let partBytes = 1 << 18

    private var held: [UInt8] = []
    /// What is in the file comes before what is held.
    private var fileBytes: Int64 = 0
    private var file: CInt = -1

    deinit { if file >= 0 { close(file) } }

    /// - Throws: `Refusal` when there is no room.
    func append(_ part: ControlPart) throws {
        held += part.wire
        if held.count >= Self.heldBytesMax { try spill() }
    }

    private func spill() throws {
        if file < 0 { file = try Self.opened() }
        var rest = held[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, off_t(fileBytes)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.refusal() }
            fileBytes += Int64(count)
            rest = rest.dropFirst(count)
        }
        held = []
    }

    private static var folder: String { ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp" }

    /// A new file without a name, for its owner alone.
    static func opened() throws -> CInt {
        // Not every file system can make a file without a name.
        let unnamed = open(folder, O_RDWR | O_CLOEXEC | CInt(__O_TMPFILE) | O_DIRECTORY, 0o600)
        if unnamed >= 0 { return unnamed }
        var template = Array("\(folder)/berth-XXXXXX".utf8CString)
        let named = mkstemp(&template)
        guard named >= 0 else { throw refusal() }
        _ = fcntl(named, F_SETFD, FD_CLOEXEC)
        unlink(template)
        return named
    }

    private static func refusal() -> Refusal {
        Refusal(
            "no room in \(folder) for an answer of this size: \(String(cString: strerror(errno))); "
                + "TMPDIR names another directory", status: 3)
    }

    /// Gives the parts of these kinds in the order in which they came, one at a time.
    func forEach(_ kinds: Set<ControlPart.Kind>, _ body: (ControlPart) throws -> Void) throws {
        let reader = Reader(self)
        while let part = try reader.next() {
            if kinds.contains(part.kind) { try body(part) }
        }
    }

    /// Reads what a spool holds from its start.
    final class Reader {
        private let spool: Spool
        private var offset: Int64 = 0
        private var buffer: [UInt8] = []
        private var position = 0

        init(_ spool: Spool) { self.spool = spool }

        func next() throws -> ControlPart? {
            while true {
                if let end = buffer[position...].firstIndex(of: UInt8(ascii: "\n")) {
                    defer { position = end + 1 }
                    return ControlPart(wire: buffer[position..<end])
                }
                buffer.removeFirst(position)
                position = 0
                let part = try spool.read(at: offset)
                if part.isEmpty { return nil }
                offset += Int64(part.count)
                buffer += part
            }
        }
    }

    private func read(at offset: Int64) throws -> [UInt8] {
        guard offset < fileBytes else {
            let start = Int(offset - fileBytes)
            return start < held.count ? Array(held[start..<min(held.count, start + Self.partBytes)]) : []
        }
        var part = [UInt8](repeating: 0, count: Int(min(Int64(Self.partBytes), fileBytes - offset)))
        while true {
            let count = part.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, off_t(offset)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Refusal("cannot read what was kept in \(Self.folder)", status: 3) }
            return Array(part.prefix(count))
        }
    }
}

/// The lines of a plan that is in a spool.
final class SpooledLines: PlanLines {
    private let reader: Spool.Reader

    init(_ spool: Spool) { reader = Spool.Reader(spool) }

    func next() async throws -> [UInt8]? {
        while let part = try reader.next() {
            if part.kind == .line { return part.json }
        }
        return nil
    }
}
