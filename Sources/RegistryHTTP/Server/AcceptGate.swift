import NIOCore

/// Accepts no more connections than may be served at once. What comes beyond waits in the kernel's queue until one goes.
final class AcceptGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never

    private let connectionsMax: Int
    private var connections = 0
    private var isReadHeld = false
    /// Accepted in the same call as the last that had room.
    private var held: [any Channel] = []

    init(connectionsMax: Int) { self.connectionsMax = connectionsMax }

    func read(context: ChannelHandlerContext) {
        if connections < connectionsMax { context.read() } else { isReadHeld = true }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let channel = unwrapInboundIn(data)
        if connections < connectionsMax { admit(channel, context) } else { held.append(channel) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        for channel in held { channel.close(promise: nil) }
        held = []
        context.fireChannelInactive()
    }

    private func admit(_ channel: any Channel, _ context: ChannelHandlerContext) {
        connections += 1
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        channel.closeFuture.hop(to: context.eventLoop).whenComplete { _ in
            let (gate, context) = bound.value
            gate.left(context)
        }
        context.fireChannelRead(wrapInboundOut(channel))
    }

    private func left(_ context: ChannelHandlerContext) {
        connections -= 1
        if !held.isEmpty { return admit(held.removeFirst(), context) }
        guard isReadHeld else { return }
        isReadHeld = false
        context.read()
    }
}
