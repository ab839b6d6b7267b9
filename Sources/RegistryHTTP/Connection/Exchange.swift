import Foundation
import NIOHTTP1

/// A request and what works for it, from the last byte of its head to the last byte of it and of its answer. How far both
/// have come is in `ConnectionState`.
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
}
