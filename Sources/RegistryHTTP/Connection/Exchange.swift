import Foundation
import NIOHTTP1

/// A request and how far its answer has come, from the last byte of its head to the last byte of both.
struct Exchange {
    let request: Request
    let match: RouteMatch
    let version: HTTPVersion
    let started = Date()
    /// Nil where no body is taken, and once the answer is out.
    var body: RequestBody?
    /// What it keeps in memory; nil as long as that is nothing worth counting.
    var holding: Holding?
    /// Works on the answer where that takes waiting.
    var task: Task<Void, Never>?
    var bodyEnded = false
    /// An answer has begun to go out.
    var responded = false
    /// It is out, to its last byte.
    var answered = false
    /// No other request follows on the connection.
    var closes = false
    /// Bytes of a body that nobody wanted.
    var discarded = 0
}
