package import Foundation

/// What the embedded server is doing.
package enum ServerState: Sendable, Equatable {
    case stopped
    case starting
    /// `address` is what it is bound to, such as `127.0.0.1:5000`, or `:5000` for all interfaces.
    case serving(address: String, since: Date)
    /// No new connections; `requests` are still being answered.
    case draining(requests: Int)
    /// It could not start or had to end; the text is one line that says why.
    case failed(String)
}

/// The switch of the embedded server, as the cockpit holds it.
package protocol ServerControl: Sendable {
    /// The state now. Costs a lock; read four times a second.
    var state: ServerState { get }
    /// Starts to serve and returns when it does, or when it cannot: `state` then says why. Nothing happens when it
    /// serves already.
    func start() async
    /// Refuses new connections, waits for the requests in progress, and returns when the server has stopped.
    func stop() async
}
