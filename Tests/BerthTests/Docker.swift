import Foundation
import Glibc
import ImageBuilder
import OCI
import Testing

/// A daemon of Docker's with a store of its own, and the client at its socket.
struct Docker {
    let folder: TemporaryFolder
    /// Where in the folder the daemon keeps everything.
    let name: String

    /// Until the daemon must listen, and until it must have ended.
    private static let patience = Duration.seconds(60)

    /// False where the daemon would refuse to start because nobody but root may, so that its tests are skipped; in
    /// continuous integration never, as with a missing program.
    static var isPermitted: Bool { geteuid() == 0 || Tool.areRequired }

    private var socket: String { "unix://\(folder.path("\(name)/socket"))" }

    /// Runs a daemon while `body` runs. However that ends, SIGTERM ends the daemon, and the answer must be status 0:
    /// killed, it would leave its store mounted over itself, and the folder could not be removed.
    static func running<Value>(
        _ name: String, in folder: TemporaryFolder, _ body: (Docker) async throws -> Value
    ) async throws -> Value {
        let docker = Docker(folder: folder, name: name)
        let daemon = try docker.start()
        let outcome: Result<Value, any Error>
        do {
            try await waitUntilListening(daemon)
            outcome = .success(try await body(docker))
        } catch {
            outcome = .failure(error)
        }
        daemon.signal(SIGTERM)
        let end = await daemon.result(within: patience)
        #expect(end.exit == .status(0), "\(end.exit): \(end.errors)")
        return try outcome.get()
    }

    /// Without a network for containers, of which none are run; 127.0.0.0/8 is spoken to in plain HTTP by itself.
    private func start() throws -> ChildProcess {
        try folder.write("", to: "\(name)/.keep")
        return try Tool.dockerd.start(
            [
                "--iptables=false", "--bridge=none", "--storage-driver=vfs", "--host", socket,
                "--data-root", folder.path("\(name)/data"), "--exec-root", folder.path("\(name)/exec"),
                "--pidfile", folder.path("\(name)/pid"),
            ], in: folder)
    }

    private static func waitUntilListening(_ daemon: ChildProcess) async throws {
        let isListening = await daemon.withDeadline(patience) { () -> Bool in
            for await line in daemon.errors.lines where line.contains("API listen on ") { return true }
            return false
        }
        guard isListening else { throw Tool.Failed(description: "dockerd does not listen: \(daemon.errors.text)") }
    }

    /// Runs the client and returns what it prints, less the blanks around it.
    @discardableResult
    func callAsFunction(_ arguments: [String]) async throws -> String {
        try await Tool.docker.run(["--host", socket] + arguments, in: folder)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// How the client ends, whatever that is.
    func result(_ arguments: [String]) async throws -> Tool.Result {
        try await Tool.docker.result(["--host", socket] + arguments, in: folder)
    }

    /// An image's id, which is the digest of its config.
    func id(of image: String) async throws -> Digest {
        try Digest(try await self(["image", "inspect", "--format", "{{.Id}}", image]))
    }

    /// Hands an image to the daemon in an archive as `docker save` writes them, with its config as it is.
    func load(_ image: SampleImage, as name: String) async throws {
        let own = try TemporaryFolder()
        let layout = OCILayoutFolder(folder: own, name: "layout")
        try layout.write(image, tag: "made")
        let archive = own.path("image.tar")
        try await Tool.skopeo.run(
            ["copy", "-q", layout.reference("made"), "docker-archive:\(archive):\(name)"], in: own)
        try await self(["load", "-q", "-i", archive])
    }

    /// The config and the unpacked layers of an image as `docker save` gives them, by the hexadecimal part of their
    /// digest.
    func saved(_ image: String) async throws -> [String: [UInt8]] {
        let own = try TemporaryFolder()
        try await self(["save", "--output", own.path("saved.tar"), image])
        try await Tool.skopeo.run(
            ["copy", "-q", "docker-archive:\(own.path("saved.tar"))", "dir:\(own.path("saved"))"], in: own)
        let files = try FileManager.default.contentsOfDirectory(atPath: own.path("saved"))
        return try Dictionary(
            uniqueKeysWithValues: files.filter { $0 != "manifest.json" && $0 != "version" }
                .map { ($0, try own.bytes("saved/\($0)")) })
    }
}
