import Foundation
import NIOHTTP1
import RegistryCore

/// What is said and counted of an answer that went out, or broke off.
extension ConnectionHandler.Shared {
    /// - Parameter bytes: of the body, with the socket.
    func record(_ response: Response, to exchange: Exchange, bytes: Int64) {
        let counts = handler.registry.counts
        counts.add(.requests)
        // Whoever is about to push asks by HEAD what is not there yet.
        let isAnswerToAsking = exchange.request.isHead && response.status == .notFound
        if response.status.code >= 400, !isAnswerToAsking { counts.add(.errors) }
        guard let accessLog else { return }
        accessLog(
            AccessRecord(
                time: exchange.started, address: exchange.request.client.address,
                method: exchange.request.method.rawValue, uri: exchange.request.uri, version: "\(exchange.version)",
                status: Int(response.status.code), bytes: bytes, seconds: Date().timeIntervalSince(exchange.started),
                referer: exchange.request.headers.first(name: "referer") ?? "",
                userAgent: exchange.request.client.userAgent))
    }
}
