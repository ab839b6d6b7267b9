import NIOCore

/// Cuts off clients that hold a connection without asking for anything: those that never finish their headers, and those
/// that stay away between two requests. Stands next to the socket, where bytes of unfinished headers are seen.
///
/// While a request is under way it sleeps; `ConnectionHandler` watches over bodies and answers.
final class ConnectionWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private enum State {
        /// Connected, or bytes of a head have come.
        case head
        /// Between two requests.
        case waiting
        case busy(requests: Int)
    }

    private let limits: ConnectionLimits
    private var state = State.head
    private var countdown: Countdown?
    /// HTTP/2 sends frames that are no requests; they do not begin a head, nor keep a connection open.
    var isMultiplexed = false

    init(_ limits: ConnectionLimits) { self.limits = limits }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        countdown = Countdown(on: context.eventLoop) { channel.close(promise: nil) }
        countdown?.start(limits.headSecondsMax)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .waiting = state, !isMultiplexed {
            state = .head
            countdown?.start(limits.headSecondsMax)
        }
        context.fireChannelRead(data)
    }

    /// The server stops: who has asked for nothing yet need not begin.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, case .head = state {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Requests may end later than their connection: what is not there any more is not started again.
        countdown?.cancel()
        countdown = nil
        context.fireChannelInactive()
    }

    /// The head of a request is whole.
    func requestBegan() {
        if case .busy(let requests) = state {
            state = .busy(requests: requests + 1)
        } else {
            state = .busy(requests: 1)
        }
        countdown?.stop()
    }

    /// Its answer is out, or it broke off.
    func requestEnded() {
        if case .busy(let requests) = state, requests > 1 { return state = .busy(requests: requests - 1) }
        state = .waiting
        countdown?.start(limits.idleSecondsMax)
    }
}
