package import Foundation
import Glibc

/// One answered request, for the access log.
package struct AccessRecord: Sendable {
    package var time: Date
    package var address: String
    package var method: String
    package var uri: String
    package var version: String
    package var status: Int
    /// Of the body that went out.
    package var bytes: Int64
    package var seconds: Double
    package var referer: String
    package var userAgent: String

    /// Apache's combined format, as distribution writes it to standard output, without a line end. Quotes, backslashes and
    /// control characters of the client's texts are escaped, so that no request can forge a line.
    package var combined: String {
        // An address in brackets without a port came by word of a proxy.
        let colon = address.hasSuffix("]") ? nil : address.lastIndex(of: ":")
        let host = colon.map { String(address[..<$0]) } ?? address
        let sent = status == 304 || method == "HEAD" ? "-" : String(bytes)
        return """
            \(host) - - [\(Self.clock(time))] "\(Self.escape(method)) \(Self.escape(uri)) \(version)" \
            \(status) \(sent) "\(Self.escape(referer))" "\(Self.escape(userAgent))"
            """
    }

    /// `23/Nov/2026:20:00:00 +0000`.
    private static func clock(_ time: Date) -> String {
        var seconds = time_t(time.timeIntervalSince1970.rounded(.down))
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: CInt) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let day = "\(two(parts.tm_mday))/\(DateField.months[Int(parts.tm_mon) % 12])/\(parts.tm_year + 1900)"
        return "\(day):\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) +0000"
    }

    private static func escape(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C || $0 >= 0x7F }) else { return text }
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: escaped += "\\" + String(Unicode.Scalar(byte))
            case 0x20..<0x7F: escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default: escaped += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return escaped
    }
}
