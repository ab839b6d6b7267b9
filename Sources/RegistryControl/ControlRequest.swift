import Foundation
import NIOCore
import NIOHTTP1
package import RegistryCollector
import RegistryCore

/// A request to the collector, as it comes over the control socket.
package enum ControlRequest: Sendable {
    case plan(SweepOptions)
    /// What is to be run. The lines of a plan follow.
    case run(SweepWork)
    /// The word is the last part of the path.
    case steer(SweepOrder)
    /// With the lines that can come back, or without.
    case runs(lines: Bool)
    case undo(UndoRequest)
    case purge(PurgeRequest)
    case reclaim(ReclaimRequest)
    case tag(TagRequest)

    /// Bytes of a body that is kept whole: an undo of some fifty thousand items.
    static let bodyBytesMax = 16 << 20
    /// Where plans are sent to, in parts.
    static let runPath = "/gc/run"

    /// A request whose body is one object.
    init(_ head: HTTPRequestHead, _ body: ByteBuffer) throws(ControlError) {
        func read<Value: Decodable>(_ type: Value.Type) throws(ControlError) -> Value {
            do {
                return try CollectorJSON.decode(type, from: Data(body.readableBytesView))
            } catch  where error is ControlError || error is PlanInvalid {
                throw ControlError(any: error)
            } catch {
                throw ControlError(
                    .badRequest, "the body is not what \(head.uri) takes: \(CollectorJSON.text(of: error))")
            }
        }
        switch (head.method, head.uri) {
        case (.POST, "/gc/plan"): self = .plan(try read(SweepOptions.self))
        case (.GET, "/gc/runs"): self = .runs(lines: true)
        case (.GET, "/gc/runs?lines=false"): self = .runs(lines: false)
        case (.POST, "/gc/undo"): self = .undo(try read(UndoRequest.self))
        case (.POST, "/gc/purge"): self = .purge(try read(PurgeRequest.self))
        case (.POST, "/gc/reclaim"): self = .reclaim(try read(ReclaimRequest.self))
        case (.POST, "/tag"): self = .tag(try read(TagRequest.self))
        case (.POST, let path):
            guard path.hasPrefix("/gc/"), let order = SweepOrder(rawValue: String(path.dropFirst(4))) else {
                fallthrough
            }
            self = .steer(order)
        default: throw ControlError(.unknown, "there is no \(head.method.rawValue) \(head.uri)")
        }
    }

    /// Method, path and body, as they are sent; a nil body is sent in parts.
    func encoded() throws -> (HTTPMethod, String, [UInt8]?) {
        switch self {
        case .plan(let options): (.POST, "/gc/plan", try CollectorJSON.line(options))
        case .run: (.POST, Self.runPath, nil)
        case .steer(let order): (.POST, "/gc/\(order.rawValue)", [])
        case .runs(let lines): (.GET, lines ? "/gc/runs" : "/gc/runs?lines=false", [])
        case .undo(let request): (.POST, "/gc/undo", try CollectorJSON.line(request))
        case .purge(let request): (.POST, "/gc/purge", try CollectorJSON.line(request))
        case .reclaim(let request): (.POST, "/gc/reclaim", try CollectorJSON.line(request))
        case .tag(let request): (.POST, "/tag", try CollectorJSON.line(request))
        }
    }

    /// What may have happened when the answer was cut off, as half a sentence.
    var whatMayHaveHappened: String {
        switch self {
        case .plan, .runs, .reclaim: "nothing was changed"
        case .run: "the sweep may have begun, and goes on if that process lives; 'berth gc --runs' shows it"
        case .steer: "whether it was done is not known"
        case .undo: "some of it may be back; the same command goes on with the rest"
        case .purge: "some of it may be gone; the same command goes on with the rest"
        case .tag: "the tag may have been set; 'berth rollback' shows it"
        }
    }
}
