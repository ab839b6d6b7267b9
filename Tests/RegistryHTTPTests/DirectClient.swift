import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import RegistryCore

@testable import RegistryHTTP

/// Asks the handler itself: no socket, no parser, no event loop. What it answers here it answers everywhere.
struct DirectClient: Voice {
    private let handler: RequestHandler
    private let budget = MemoryBudget(bytesMax: 64 << 20)
    private let host: String
    private let extra: [(String, String)]

    init(_ harbour: Harbour) {
        handler = RequestHandler(
            registry: harbour.registry, decision: harbour.settings.decision,
            secret: SymmetricKey(data: Data(Harbour.secret.utf8)),
            addressing: harbour.settings.addressing, limits: harbour.settings.limits,
            work: MemoryBudget(bytesMax: harbour.settings.limits.workBytesMax),
            logger: harbour.settings.logger)
        host = "\(harbour.address)"
        extra = harbour.settings.headers
    }

    func exchange(
        _ method: String, _ target: String, _ headers: [(String, String)], body: [UInt8]?
    ) async throws -> WireAnswer {
        var head = HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method), uri: target)
        head.headers.add(name: "Host", value: host)
        for (name, value) in headers { head.headers.add(name: name, value: value) }
        if let body { head.headers.add(name: "Content-Length", value: "\(body.count)") }
        let request = Request(
            head, peer: IPAddress("127.0.0.1"), peerText: "127.0.0.1:1", isTLS: false, addressing: handler.addressing)
        let match = RouteMatch(path: request.path)
        let response = try await answer(request, match, body)
        let answered = response.head(to: request, version: .http1_1, extra: extra, date: DateField.text(0))
        let bytes = request.isHead ? [] : try await Self.bytes(of: response)
        response.ended?(Int64(bytes.count))
        return WireAnswer(status: Int(answered.status.code), headers: answered.headers, body: bytes)
    }

    private func answer(_ request: Request, _ match: RouteMatch, _ bytes: [UInt8]?) async throws -> Response {
        if let response = handler.answerNow(request, match) { return response }
        guard case .route(let route) = match else { return Response(.notFound) }
        let body = request.hasBody ? RequestBody(budget) {} : nil
        body?.append(ByteBuffer(bytes: bytes ?? []))
        body?.finish()
        return await handler.answer(request, route, body, budget.open(displace: nil))
    }

    private static func bytes(of response: Response) async throws -> [UInt8] {
        guard response.status.mayHaveResponseBody else { return [] }
        switch response.body {
        case .none, .unsent: return []
        case .bytes(let buffer): return Array(buffer.readableBytesView)
        case .shared(let bytes): return bytes
        case .list(let list):
            var bytes: [UInt8] = []
            while let part = try await list.next(bytes: 1000) { bytes += part.readableBytesView }
            return bytes
        case .blob(let blob, let parts):
            var bytes: [UInt8] = []
            for part in parts.parts {
                bytes += part.lead.readableBytesView
                bytes += try await blob.read(at: part.range.lowerBound, count: part.range.count)
            }
            return bytes + parts.trailer.readableBytesView
        }
    }

    func isClosedByServer() async -> Bool { true }

    func close() async {}
}
