import NIOCore
import NIOHTTP1
import RegistryCore

/// The body of a request to the control socket, read as it comes: whole where it is one document, line by line where it is
/// a plan.
final class ControlInbound: PlanLines {
    typealias Parts = NIOAsyncChannelInboundStream<HTTPServerRequestPart>

    private let peer: PatientChannel
    private var parts: Parts.AsyncIterator
    private var buffer = ByteBuffer()
    private var isOver = false
    private var count = 0

    init(_ parts: Parts, _ peer: PatientChannel) {
        self.parts = parts.makeAsyncIterator()
        self.peer = peer
    }

    /// Nil when the other side only looked whether anybody is there.
    func head() async throws -> HTTPRequestHead? {
        guard case .head(let head) = try await part() else { return nil }
        return head
    }

    func whole(announced: Int) async throws -> ByteBuffer {
        while !isOver {
            guard max(announced, buffer.readableBytes) <= ControlRequest.bodyBytesMax else {
                throw ControlError(.tooLarge, "the body has more than \(ControlRequest.bodyBytesMax) bytes")
            }
            try await readOn()
        }
        return buffer
    }

    /// The first line of a plan that is to be run.
    func work() async throws -> SweepWork {
        guard let part = try await nextPart(), part.kind == .head else {
            throw ControlError(
                .badRequest,
                "the body of \(ControlRequest.runPath) begins with a line {\"head\":{…}} that says what to run")
        }
        return try part.decoded()
    }

    func next() async throws -> [UInt8]? {
        guard let part = try await nextPart() else { throw ControlError(.badRequest, "the plan is cut short") }
        switch part.kind {
        case .line:
            count += 1
            return part.json
        case .end:
            guard try part.decoded(PlanEnd.self).lines == count else {
                throw ControlError(.badRequest, "lines of the plan are missing")
            }
            return nil
        default: throw ControlError(.badRequest, "a plan has no part \(part.kind.rawValue)")
        }
    }

    /// Nil at the end of the body.
    private func nextPart() async throws -> ControlPart? {
        while true {
            if let end = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
                let view = buffer.readableBytesView
                guard let part = ControlPart(wire: view[..<end]) else {
                    throw ControlError(.badRequest, "the body has a line that is no part of a plan")
                }
                buffer.moveReaderIndex(forwardBy: view.distance(from: view.startIndex, to: end) + 1)
                return part
            }
            guard buffer.readableBytes <= ControlPart.bytesMax else {
                throw ControlError(.tooLarge, "a line has more than \(ControlPart.bytesMax) bytes")
            }
            if isOver { return nil }
            try await readOn()
        }
    }

    private func readOn() async throws {
        switch try await part() {
        case .body(var bytes):
            buffer.discardReadBytes()
            buffer.writeBuffer(&bytes)
        case .end: isOver = true
        case .head, nil: throw ControlError(.badRequest, "the request is cut short")
        }
    }

    private func part() async throws -> HTTPServerRequestPart? {
        let limit = peer.limit()
        defer { limit.cancel() }
        return try await parts.next(isolation: #isolation)
    }
}

/// The last part of a plan that is sent: a plan without it was cut.
struct PlanEnd: Codable {
    var lines: Int
}
