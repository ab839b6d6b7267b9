import Glibc
import NIOSSL

/// Reading, with a reason in words for each way in which a file can be wrong.
extension TLSFiles {
    /// Bytes of a file that are read: a hundred times a long chain.
    private static let fileBytesMax = 1 << 20

    /// What the file holds, at least one.
    func certificates(_ file: String) throws(ServerError) -> [NIOSSLCertificate] {
        let bytes = try Self.bytes(of: file)
        do {
            return try NIOSSLCertificate.fromPEMBytes(bytes)
        } catch {
            throw .tls(
                file: file,
                reason: Self.holds("CERTIFICATE-----", bytes)
                    ? "holds a certificate that cannot be read" : "holds no certificate in PEM")
        }
    }

    func privateKey() throws(ServerError) -> NIOSSLPrivateKey {
        let bytes = try Self.bytes(of: key)
        do {
            return try NIOSSLPrivateKey(bytes: bytes, format: .pem)
        } catch {
            if Self.holds("ENCRYPTED", bytes) {
                throw .tls(file: key, reason: "is a key under a passphrase; write it without one")
            }
            throw .tls(
                file: key,
                reason: Self.holds("PRIVATE KEY-----", bytes)
                    ? "holds a key that cannot be read" : "holds no private key in PEM")
        }
    }

    private static func holds(_ word: String, _ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).contains(word)
    }

    private static func bytes(of file: String) throws(ServerError) -> [UInt8] {
        // Without waiting: a path may be a pipe that nobody writes to.
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .tls(file: file, reason: reason(errno)) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: fileBytesMax + 1)
        var count = 0
        while count < bytes.count {
            let free = bytes.count - count
            let got = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress.map { $0 + count }, free) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .tls(file: file, reason: reason(errno)) }
            if got == 0 { break }
            count += got
        }
        guard count > 0 else { throw .tls(file: file, reason: "is empty") }
        guard count <= fileBytesMax else { throw .tls(file: file, reason: "is larger than \(fileBytesMax) bytes") }
        return Array(bytes[..<count])
    }

    private static func reason(_ code: CInt) -> String {
        switch code {
        case ENOENT, ENOTDIR: "is not there"
        case EACCES, EPERM: "cannot be read: no permission"
        case EISDIR: "is a directory"
        default: "cannot be read: \(String(cString: strerror(code)))"
        }
    }
}
