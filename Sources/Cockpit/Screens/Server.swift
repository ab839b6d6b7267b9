import Drawing
import Foundation

/// The embedded server: state, switch, load and log.
struct ServerScreen: Sendable {
    var leastLevel = LogLevel.info
    var log = RowList<LogRow>()
}

/// One line of the log as a row; equal lines differ by their place.
struct LogRow: ListRow, Equatable {
    var place: Int
    var line: LogLine

    var rowID: Int { place }
    var searchText: String { "\(line.level.name) \(line.message)".lowercased() }
}

extension Model {
    /// Shows `lines`, or those known already after a change of level or filter; at the end the list follows.
    mutating func arrangeLog(_ lines: [LogLine]? = nil) {
        let least = serverScreen.leastLevel
        let isAtEnd = serverScreen.log.state.selection >= serverScreen.log.rows.count - 1
        let kept = serverScreen.log.rows.isEmpty ? nil : serverScreen.log.selected?.line
        let all = lines ?? logLines
        if let lines { logLines = lines }
        let shown = all.enumerated().filter { $0.element.level >= least }.map {
            LogRow(place: $0.offset, line: $0.element)
        }
        serverScreen.log.arrange(shown, filter: filters[.server] ?? Filter())
        if isAtEnd {
            serverScreen.log.state.selection = max(0, serverScreen.log.rows.count - 1)
        } else if let kept, let index = serverScreen.log.rows.firstIndex(where: { $0.line == kept }) {
            serverScreen.log.state.selection = index
        }
    }

    mutating func cycleLogLevel() {
        let all = LogLevel.allCases
        serverScreen.leastLevel = all[((all.firstIndex(of: serverScreen.leastLevel) ?? 0) + 1) % all.count]
        arrangeLog()
    }

    /// Stops the server with drain, or starts it.
    mutating func startOrStop() -> [Effect] {
        switch server {
        case .serving:
            server = .draining(requests: transfers.count)
            return [.stopServer]
        case .stopped, .failed:
            server = .starting
            return [.startServer]
        case .starting, .draining:
            say(.note, "the server is changing already; wait for it")
            return []
        }
    }

    mutating func restart() -> [Effect] {
        switch server {
        case .serving:
            server = .draining(requests: transfers.count)
            return [.restartServer]
        case .stopped, .failed: return startOrStop()
        case .starting, .draining: return startOrStop()
        }
    }
}
