import Foundation
import Glibc
import RegistryControl
import RegistryCollector
import RegistryCore
import Synchronization

/// How verbs print for scripts and for people.
enum Output {
    private static let stream = Mutex(OutputStream())

    /// Prints text on standard output. Whether it could be written is known at the end, or when it is asked for.
    static func write(_ text: String, terminator: String = "\n") {
        stream.withLock { $0.append(text, terminator) }
    }

    /// Gives what was printed away.
    static func flush() { stream.withLock { $0.flush() } }

    /// Makes sure that what was printed so far has been written.
    ///
    /// - Parameter standing: what is so all the same, as half a sentence.
    /// - Throws: `Refusal` when it could not be. A reader that has gone has read what it wanted.
    static func finish(_ standing: String) throws {
        flush()
        if let failure = stream.withLock({ $0.failure }) { throw Refusal("\(failure); \(standing)", status: 3) }
    }

    /// Writes what is left. Nothing is printed after it.
    ///
    /// - Returns: why some of it could not be written, as a half sentence; nil otherwise.
    static func end() -> String? {
        stream.withLock { stream in
            stream.close()
            return stream.failure
        }
    }

    /// One object, indented, keys in one order, slashes as they are.
    static func print(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        Output.write(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// The same as the control socket answers it, with times in RFC 3339.
    static func print(answer: some Encodable) throws {
        Output.write(String(decoding: try CollectorJSON.encode(answer), as: UTF8.self))
    }

    /// One object with these fields, and with lists whose elements are the parts of one kind in a spool, one on each line.
    static func print(fields: [UInt8], lists: [(name: String, kind: ControlPart.Kind)], of spool: Spool) throws {
        Output.write("{\(inner(fields))", terminator: "")
        for list in lists {
            Output.write(",\n\"\(list.name)\":[", terminator: "")
            var isFirst = true
            try spool.forEach([list.kind]) { part in
                Output.write("\(isFirst ? "" : ",")\n\(String(decoding: part.json, as: UTF8.self))", terminator: "")
                isFirst = false
            }
            Output.write("]", terminator: "")
        }
        Output.write("}")
    }

    /// An object without its braces.
    static func inner(_ json: [UInt8]) -> String { String(decoding: json.dropFirst().dropLast(), as: UTF8.self) }

    /// Text for people on standard error, beside what scripts read.
    static func remark(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

extension String {
    /// The text without what a terminal would obey: names on the disk came from clients.
    var printable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
                    default: scalar
                    }
                }))
    }
}
