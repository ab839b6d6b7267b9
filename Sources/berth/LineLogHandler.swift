import Cockpit
import Foundation
import Glibc
import Logging
import RegistryConfiguration

/// Writes log lines to a file descriptor, and to the cockpit's ring where there is one.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    let format: LogLineFormat
    /// Added to every line: `log.fields` of the configuration.
    let fields: [(String, String)]
    /// Takes a line without its end.
    let write: @Sendable (String) -> Void
    let ring: LogRing?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let values = all.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        let now = Date()
        let text = format.line(now, event.level.word, "\(event.message)", fields + values)
        write(text)
        let shown = values.map { " \($0.0)=\($0.1)" }.joined()
        ring?.append(LogLine(time: now, level: Self.level(event.level), message: "\(event.message)\(shown)"))
    }

    private static func level(_ level: Logger.Level) -> LogLevel {
        switch level {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }

    /// One call for the whole line, so that lines of several threads do not mix.
    static func write(_ line: String, to descriptor: CInt) {
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
}

extension Configuration.Log {
    /// The logger of the process, to a file or a terminal.
    func logger(to descriptor: CInt, ring: LogRing? = nil) -> Logger {
        logger(ring: ring) { LineLogHandler.write($0, to: descriptor) }
    }

    /// The logger of the process.
    ///
    /// - Parameter write: takes a line without its end.
    func logger(ring: LogRing? = nil, write: @escaping @Sendable (String) -> Void) -> Logger {
        let handler = LineLogHandler(
            logLevel: swiftLevel, format: lineFormat,
            fields: fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
            write: write, ring: ring)
        return Logger(label: "berth") { _ in handler }
    }

    var lineFormat: LogLineFormat {
        switch formatter {
        case .text: .text
        case .json: .json
        case .logstash: .logstash
        }
    }

    private var swiftLevel: Logger.Level {
        switch level {
        case .error: .error
        case .warn: .warning
        case .info: .info
        case .debug: .debug
        case .trace: .trace
        }
    }
}
