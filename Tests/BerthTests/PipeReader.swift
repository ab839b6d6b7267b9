import Foundation
import Glibc
import Synchronization

/// The reading end of a pipe, emptied by a thread of its own so that the program at the other end never waits.
final class PipeReader: Sendable {
    /// The lines as they come, for one reader; ends with the pipe.
    let lines: AsyncStream<String>
    private let next: AsyncStream<String>.Continuation
    private let collected = Mutex<[UInt8]>([])
    private let end = Latch<Void>()

    /// Takes over `descriptor` and closes it at the end.
    init(_ descriptor: CInt) {
        (lines, next) = AsyncStream.makeStream()
        Thread.detachNewThread { [self] in
            drain(descriptor)
            close(descriptor)
            next.finish()
            end.open(())
        }
    }

    /// What has come so far.
    var bytes: [UInt8] { collected.withLock { $0 } }

    /// What has come so far, as text.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Waits until nobody can write any more.
    func waitForEnd() async { await end.value }

    private func drain(_ descriptor: CInt) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var line: [UInt8] = []
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            let chunk = buffer[..<count]
            collected.withLock { $0 += chunk }
            for byte in chunk {
                if byte == UInt8(ascii: "\n") {
                    next.yield(String(decoding: line, as: UTF8.self))
                    line.removeAll(keepingCapacity: true)
                } else {
                    line.append(byte)
                }
            }
        }
        if !line.isEmpty { next.yield(String(decoding: line, as: UTF8.self)) }
    }
}
