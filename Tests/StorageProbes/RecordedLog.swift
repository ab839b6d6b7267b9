package import Logging
import Synchronization

/// A log that a test reads.
package final class RecordedLog: Sendable {
    package struct Line: Sendable {
        package var level: String
        package var message: String
        package var metadata: [String: String]
    }

    private let recorded = Mutex<[Line]>([])

    package init() {}

    package var lines: [Line] { recorded.withLock { $0 } }

    /// Writes into this log, of every level.
    package var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
            let line = Line(
                level: "\(event.level)", message: "\(event.message)", metadata: all.mapValues { "\($0)" })
            log.recorded.withLock { $0.append(line) }
        }
    }
}
