import Foundation
import Logging

/// How a log line looks: the forms that distribution's `log.formatter` names.
enum LogLineFormat: Sendable {
    /// `time="…" level=info msg="…" key=value`, logrus' own.
    case text
    /// One JSON object a line: `level`, `msg`, `time` and the fields.
    case json
    /// The same under Logstash's names: `@timestamp`, `@version`, `message`, `level`, `type`.
    case logstash

    func line(_ time: Date, _ level: String, _ message: String, _ fields: [(String, String)]) -> String {
        let stamp = time.formatted(.iso8601)
        switch self {
        case .text:
            let pairs = fields.map { " \($0.0)=\(Self.quotedIfNeeded($0.1))" }.joined()
            return "time=\(Self.quoted(stamp)) level=\(level) msg=\(Self.quoted(message))\(pairs)"
        case .json:
            return Self.object([("level", level), ("msg", message), ("time", stamp)] + fields)
        case .logstash:
            let head = [("@timestamp", stamp), ("@version", "1"), ("level", level), ("message", message), ("type", "")]
            return Self.object(head + fields)
        }
    }

    private static func object(_ fields: [(String, String)]) -> String {
        "{" + fields.map { "\(quoted($0.0)):\(quoted($0.1))" }.joined(separator: ",") + "}"
    }

    private static func quotedIfNeeded(_ text: String) -> String {
        let plain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x3D }
        return plain ? text : quoted(text)
    }

    /// In double quotes by the rules of JSON, so that no text can end a line or forge a field.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension Logger.Level {
    /// logrus' words.
    var word: String {
        switch self {
        case .trace: "trace"
        case .debug: "debug"
        case .info, .notice: "info"
        case .warning: "warning"
        case .error: "error"
        case .critical: "fatal"
        }
    }
}
