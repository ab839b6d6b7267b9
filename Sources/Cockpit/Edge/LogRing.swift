import DequeModule
package import Foundation
import Synchronization

/// How much a line of the log matters, in swift-log's steps.
package enum LogLevel: Int, Sendable, Comparable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }

    /// The word, as swift-log writes it.
    package var name: String { "\(self)" }
}

/// One line of the log.
package struct LogLine: Sendable, Equatable {
    package var time: Date
    package var level: LogLevel
    /// Any text; whoever shows it strips controls.
    package var message: String

    package init(time: Date, level: LogLevel, message: String) {
        self.time = time
        self.level = level
        self.message = message
    }
}

/// The newest lines of the log in memory: log handlers write here, the cockpit shows it, the screen stays clean.
package final class LogRing: Sendable {
    /// Lines kept; at two hundred bytes a line about 100 KiB.
    package static let linesMax = 500

    private let state = Mutex((lines: Deque<LogLine>(), generation: UInt64(0)))

    package init() {}

    /// Adds a line; the oldest goes when the ring is full. Never waits for a reader.
    package func append(_ line: LogLine) {
        state.withLock { state in
            if state.lines.count == Self.linesMax { state.lines.removeFirst() }
            state.lines.append(line)
            state.generation += 1
        }
    }

    /// Moves with every line; equal values mean an equal ``snapshot()``.
    package var generation: UInt64 { state.withLock { $0.generation } }

    /// The lines, oldest first.
    package func snapshot() -> [LogLine] { state.withLock { Array($0.lines) } }
}
