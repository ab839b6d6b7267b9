import Glibc

/// A connection that sends what no client should, and need not read what comes. Every call ends after a bounded time; what
/// the other side does with it is not its business, so nothing throws.
///
/// A call blocks its thread.
final class HostileConnection {
    private let descriptor: CInt
    private var isOpen: Bool

    /// POLLRDHUP of poll(2): the other side has ended the connection.
    private static let ended: Int16 = 0x2000
    /// Milliseconds for which a send waits for a peer that takes nothing.
    private static let millisecondsSend = 500

    /// - Parameter bytesReceiveBuffer: what the kernel takes for us; nil leaves it to the kernel.
    init(port: UInt16, bytesReceiveBuffer: CInt? = nil) {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: 0, tv_usec: Self.millisecondsSend * 1000)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        if var bytes = bytesReceiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<CInt>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        isOpen = withUnsafePointer(to: address) { [descriptor] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    deinit { close(descriptor) }

    /// Sends as much as is taken; false once the connection is over or takes nothing.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while isOpen, sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            if count > 0 { sent += count } else if errno != EINTR { isOpen = false }
        }
        return isOpen
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Stays for so long, or until the other side ends it. Reads what comes only when it is told to.
    func hold(milliseconds: Int, reading: Bool = false) {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let end = Self.now + milliseconds
        while isOpen, Self.now < end {
            // Without POLLIN only the end of the connection is told.
            var wait = pollfd(fd: descriptor, events: reading ? Int16(POLLIN) : Self.ended, revents: 0)
            guard poll(&wait, 1, CInt(max(1, end - Self.now))) > 0 else { return }
            guard reading else { return }
            if recv(descriptor, &buffer, buffer.count, 0) <= 0 { isOpen = false }
        }
    }

    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
