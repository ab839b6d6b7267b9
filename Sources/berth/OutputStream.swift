import Glibc
import RegistryStorage

/// Standard output of a verb: bytes on their way to it, and the first failure, which the library's own printing forgets.
struct OutputStream {
    /// What is held before it is written.
    private static let heldBytesMax = 1 << 16

    private var held: [UInt8] = []
    private var isUsed = false
    private var code: CInt = 0
    /// A person reads each line as it comes.
    private let isTerminal = isatty(STDOUT_FILENO) == 1

    /// Why some of it could not be written, as half a sentence; nil also when nobody wants more of it.
    var failure: String? {
        code == 0 || code == EPIPE ? nil : "standard output could not be written: \(StorageError.text(of: code))"
    }

    mutating func append(_ text: String, _ terminator: String) {
        isUsed = true
        guard code == 0 else { return }
        held += text.utf8
        held += terminator.utf8
        if held.count >= Self.heldBytesMax || isTerminal { flush() }
    }

    /// Writes what is held. After a failure nothing more is: a reader has no use for what comes behind a gap.
    mutating func flush() {
        var rest = held[...]
        while code == 0, !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                // Somebody who has the same stream wants no call to wait.
                var stream = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                _ = poll(&stream, 1, -1)
            } else if errno != EINTR {
                code = errno
            }
        }
        held = []
    }

    /// Some file systems say only now that there is no room.
    mutating func close() {
        flush()
        if isUsed, Glibc.close(STDOUT_FILENO) != 0, code == 0 { code = errno }
    }
}
