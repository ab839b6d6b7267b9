import NIOCore

/// Stops an HTTP/2 connection from being read while one of its streams cannot take what comes: its window would let a
/// mebibyte more in for each stream, in frames of any size. It lasts until our disk has taken what is there, or for the ten
/// seconds in which a manifest waits for room; never until a client does something. Stands next to the socket.
final class ReadGate: ChannelOutboundHandler {
    typealias OutboundIn = Never

    private var holders = 0
    private var isReadHeld = false
    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func read(context: ChannelHandlerContext) {
        if holders > 0 { isReadHeld = true } else { context.read() }
    }

    /// A stream does not read; it says so once, and `release` once.
    func hold() { holders += 1 }

    func release() {
        holders -= 1
        guard holders == 0, isReadHeld else { return }
        isReadHeld = false
        context?.read()
    }
}
