import Foundation
import Glibc
import RegistryHTTP

/// A certificate for this machine that signs itself, made once for all tests.
enum Certificate {
    static let files = Result { try make() }

    struct Unmade: Error {
        /// What `waitpid(2)` or `posix_spawn(3)` gave.
        var status: CInt
    }

    /// Another one, in a folder of its own.
    static func make() throws -> TLSFiles {
        let folder = FileManager.default.temporaryDirectory.appending(path: "berth-tls-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (certificate, key) = (folder.appending(path: "server.pem").path, folder.appending(path: "key.pem").path)
        try run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", certificate,
            "-keyout", key,
        ])
        return TLSFiles(certificate: certificate, key: key)
    }

    /// By the system's own calls: Foundation's `waitUntilExit` wants a run loop, which a task's thread has not.
    private static func run(_ arguments: [String]) throws {
        let words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var child = pid_t()
        var status = posix_spawnp(&child, arguments[0], &actions, nil, words, environ)
        guard status == 0 else { throw Unmade(status: status) }
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else { throw Unmade(status: status) }
    }
}
