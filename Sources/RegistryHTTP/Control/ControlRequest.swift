import Foundation
import NIOCore
import NIOHTTP1
import RegistryCore

/// A request to the control socket.
enum ControlRequest {
    case plan(SweepDocument.Options)
    case run(SweepWork)
    case steer(SweepOrder)
    case runs
    case undo(UndoRequest)
    case purge(PurgeRequest)
    case reclaim(ReclaimRequest)
    case tag(TagRequest)

    /// Bytes of a body, which is kept whole: a plan of half a million lines.
    static let bodyBytesMax = 256 << 20

    init(_ head: HTTPRequestHead, _ body: ByteBuffer) throws(ControlError) {
        func read<Document: Decodable>(_ type: Document.Type) throws(ControlError) -> Document {
            do {
                return try SweepDocument.decode(type, from: Data(body.readableBytesView))
            } catch {
                throw ControlError(.badRequest, "the body is not what \(head.uri) takes: \(error)")
            }
        }
        switch (head.method, head.uri) {
        case (.POST, "/gc/plan"): self = .plan(try read(SweepDocument.Options.self))
        case (.POST, "/gc/run"): self = .run(try read(SweepWork.self))
        case (.GET, "/gc/runs"): self = .runs
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

    /// Method, path and body, as they are sent.
    func encoded() throws -> (HTTPMethod, String, Data) {
        switch self {
        case .plan(let options): (.POST, "/gc/plan", try ControlJSON.encode(options))
        case .run(let work): (.POST, "/gc/run", try ControlJSON.encode(work))
        case .steer(let order): (.POST, "/gc/\(order.rawValue)", Data())
        case .runs: (.GET, "/gc/runs", Data())
        case .undo(let request): (.POST, "/gc/undo", try ControlJSON.encode(request))
        case .purge(let request): (.POST, "/gc/purge", try ControlJSON.encode(request))
        case .reclaim(let request): (.POST, "/gc/reclaim", try ControlJSON.encode(request))
        case .tag(let request): (.POST, "/tag", try ControlJSON.encode(request))
        }
    }
}
