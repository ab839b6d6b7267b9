import Glibc
import RegistryHTTP
import Synchronization

/// Writes the access log to standard output from a task of its own, so that no request waits for whoever reads it.
final class AccessLogWriter: Sendable {
    /// Records that may wait; beyond it, with a reader that has stalled, they are dropped.
    private static let recordsMax = 100_000

    private let waiting = Mutex<[AccessRecord]>([])
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init() {
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func append(_ record: AccessRecord) {
        let isFirst = waiting.withLock { waiting in
            guard waiting.count < Self.recordsMax else { return false }
            waiting.append(record)
            return waiting.count == 1
        }
        if isFirst { signal.yield() }
    }

    /// Writes what comes until it is cancelled, and what is left then.
    func run() async {
        for await _ in signals { flush() }
        flush()
    }

    private func flush() {
        let records = waiting.withLock { waiting in
            defer { waiting.removeAll(keepingCapacity: true) }
            return waiting
        }
        guard !records.isEmpty else { return }
        let text = Array(records.map { $0.combined + "\n" }.joined().utf8)
        text.withUnsafeBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let written = write(1, rest.baseAddress, rest.count)
                guard written > 0 else {
                    if written < 0, errno == EINTR { continue }
                    return
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
        }
    }
}
