import Dispatch
import Glibc
import Synchronization

/// Lines on their way to a descriptor that may be a pipe which nobody reads: they are written by a thread of their own, at
/// most so many bytes of them wait, and the end of the program waits for no more than a second.
///
/// Blocking writes, not non-blocking ones: `O_NONBLOCK` belongs to the open file, which others share, and no look before a
/// write says how much of it will be taken.
final class LineWriter<Line: Sendable>: Sendable {
    /// Bytes that may wait; what comes beyond is dropped and counted.
    static var bytesWaitingMax: Int { 8 << 20 }
    /// What a line costs beside its text.
    private static var bytesPerLine: Int { 256 }
    /// How long the end of the program waits for what is left.
    static var endPatience: DispatchTimeInterval { .seconds(1) }

    private struct State {
        var waiting: [Line] = []
        var bytes = 0
        var dropped = 0
        /// Lines that the thread is writing now.
        var inHand = 0
        /// Whether the thread is at work, or asked to be.
        var isWriting = false
    }

    private let descriptor: CInt
    private let text: @Sendable (Line) -> String
    private let report: @Sendable (Int) -> Void
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "berth.lines")

    /// - Parameters:
    ///   - text: a line in words, with its end.
    ///   - dropped: told how many lines were lost, once writing goes on; on the thread that writes.
    init(
        to descriptor: CInt, text: @escaping @Sendable (Line) -> String,
        dropped: @escaping @Sendable (Int) -> Void
    ) {
        self.descriptor = descriptor
        self.text = text
        report = dropped
    }

    /// Never waits for the reader.
    ///
    /// - Parameter bytes: about what the line is long.
    func append(_ line: Line, bytes: Int) {
        let mustWake = state.withLock { state in
            let cost = bytes + Self.bytesPerLine
            guard state.bytes + cost <= Self.bytesWaitingMax else {
                state.dropped += 1
                return false
            }
            state.waiting.append(line)
            state.bytes += cost
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustWake { queue.async { self.write() } }
    }

    /// Writes what is left, for a second at most. Gives the number of lines that were lost, those included that are not taken
    /// by then.
    func end() -> Int {
        let isDone = DispatchSemaphore(value: 0)
        queue.async { isDone.signal() }
        let isInTime = isDone.wait(timeout: .now() + Self.endPatience) == .success
        return state.withLock { state in
            defer { state.dropped = 0 }
            return state.dropped + (isInTime ? 0 : state.waiting.count + state.inHand)
        }
    }

    private func write() {
        while true {
            let (lines, dropped) = state.withLock { state in
                defer {
                    state.isWriting = !state.waiting.isEmpty
                    state.inHand = state.waiting.count
                    (state.waiting, state.bytes, state.dropped) = ([], 0, 0)
                }
                return (state.waiting, state.dropped)
            }
            if dropped > 0 { report(dropped) }
            if lines.isEmpty { return }
            let written = Self.write(lines.map(text), to: descriptor)
            if written < lines.count { state.withLock { $0.dropped += lines.count - written } }
        }
    }

    /// Gives the number of lines that went out whole.
    private static func write(_ lines: [String], to descriptor: CInt) -> Int {
        var ends: [Int] = []
        var bytes: [UInt8] = []
        for line in lines {
            bytes += line.utf8
            ends.append(bytes.count)
        }
        var done = 0
        bytes.withUnsafeBytes { bytes in
            while done < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                done += count
            }
        }
        return ends.prefix { $0 <= done }.count
    }
}
