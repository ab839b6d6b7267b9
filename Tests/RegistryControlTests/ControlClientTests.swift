import Foundation
import Glibc
import RegistryCollector
import Testing

@testable import RegistryControl

/// What the control client makes of a server that answers early, in part, or not at all.
@Suite(.timeLimit(.minutes(1))) struct ControlClientTests {
    private static let whole = head + "12\r\n{\"end\":{\"n\":\"x\"}}\n\r\n0\r\n\r\n"
    private static let head =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\nBerth-Control: 2\r\n\r\n"

    /// Runs `body` with a client whose server reads once of each connection, sends these bytes and closes.
    private func withServer(answering answer: String, _ body: (ControlClient) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "berth-test-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: "\(root)/berth", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        let claim = try #require(try ControlSocket.claim(root))
        defer { claim.release() }
        let listener = try claim.bound()
        #expect(listen(listener, 16) == 0)
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                // Nothing to read is the client's look whether anybody is there.
                if read(connection, &buffer, buffer.count) > 0 {
                    _ = Array(answer.utf8).withUnsafeBytes {
                        send(connection, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
                    }
                }
                close(connection)
            }
        }
        defer {
            // Ends the thread's wait, which closing alone does not.
            shutdown(listener, CInt(SHUT_RDWR))
            close(listener)
        }
        try await body(try #require(try ControlClient(root: root)))
    }

    /// A server that has answered does not wait for the rest of what it has no use for.
    @Test func anAnswerCountsAlthoughTheServerClosesAtOnce() async throws {
        try await withServer(answering: Self.whole) { client in
            for _ in 0..<200 { try await client.steer(.pause) }
        }
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\n", head, head + "12\r\n{\"end\":{",
        // Whole for HTTP, and without its end.
        head + "14\r\n{\"progress\":{\"n\":1}}\r\n0\r\n\r\n",
    ])
    func anAnswerThatIsNotWholeIsNone(_ answer: String) async throws {
        try await withServer(answering: answer) { client in
            let error = await #expect(throws: ControlError.self) { try await client.steer(.pause) }
            #expect(error?.message.contains("ended before its answer did") == true, "\(error?.message ?? "")")
        }
    }
}
