import Foundation
import RegistryCollector
import RegistryCore

/// One part of an answer of the collector, or of a plan that is sent to it: a line of its own on the control socket.
///
/// `{"line":{"item":…}}`. What is answered is whole when its `end` has come, and not before; an `error` ends it too.
package struct ControlPart: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A plan without its lines; a run of the quarantine without its lines; what is to be run.
        case head
        /// Of a plan; of a run, one that went; of an undo, one that is back.
        case line
        /// What a plan or a run spares; of an undo, what stays in the quarantine.
        case spared
        case damaged
        case progress
        /// What is known of a run of the quarantine once its lines are.
        case tail
        /// The last part: what was asked for as a whole, or its numbers.
        case end
        case error
    }

    package var kind: Kind
    /// One JSON object without line breaks.
    package var json: [UInt8]

    /// Bytes of a part: of a line that lists a hundred thousand repositories.
    package static let bytesMax = 16 << 20

    package init(_ kind: Kind, json: [UInt8]) {
        self.kind = kind
        self.json = json
    }

    package init(_ kind: Kind, _ value: some Encodable) throws {
        self.init(kind, json: try CollectorJSON.line(value))
    }

    /// A part from its line, without the line break; nil for what is none.
    package init?(wire: some RandomAccessCollection<UInt8>) {
        for kind in Kind.allCases {
            let start = Array("{\"\(kind.rawValue)\":".utf8)
            guard wire.starts(with: start), wire.last == UInt8(ascii: "}") else { continue }
            self.init(kind, json: Array(wire.dropFirst(start.count).dropLast()))
            return
        }
        return nil
    }

    /// Its line, with the line break.
    package var wire: [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(json.count + kind.rawValue.utf8.count + 6)
        line += "{\"\(kind.rawValue)\":".utf8
        line += json
        line += "}\n".utf8
        return line
    }

    package func decoded<Value: Decodable>(_ type: Value.Type = Value.self) throws(ControlError) -> Value {
        do { return try value() } catch { throw ControlError(any: error) }
    }

    /// The same where what is wrong is said about a plan. Throws `PlanInvalid` for what no plan of ours says, and a
    /// `ControlError` for what has another form.
    package func value<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        do {
            return try CollectorJSON.decode(type, from: Data(json))
        } catch let invalid as PlanInvalid {
            throw invalid
        } catch {
            throw ControlError(
                .badRequest, "a part (\(kind.rawValue)) cannot be read: \(CollectorJSON.text(of: error))")
        }
    }
}

/// Lines of a plan that is to be run, each as its JSON; nil at the end. Throws when they end before that.
package protocol PlanLines: AnyObject {
    func next() async throws -> [UInt8]?
}
