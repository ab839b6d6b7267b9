import Foundation
import Glibc
import NIOCore
import Testing

@testable import RegistryHTTP

/// What a socket takes at once, and what is said of what it does not.
@Suite struct DirectSocketTests {
    /// Two ends of a connection; the first does not wait, as the sockets of the server.
    private final class Pair {
        let (near, far): (CInt, CInt)

        init() throws {
            var ends: [CInt] = [0, 0]
            try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
            (near, far) = (ends[0], ends[1])
            try #require(fcntl(near, F_SETFL, O_NONBLOCK) == 0)
        }

        deinit {
            close(near)
            close(far)
        }

        func received(_ count: Int) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: count)
            var got = 0
            while got < count {
                let more = bytes.withUnsafeMutableBytes { read(far, $0.baseAddress?.advanced(by: got), count - got) }
                guard more > 0 else { break }
                got += more
            }
            return Array(bytes[..<got])
        }
    }

    private func send(_ socket: DirectSocket, _ head: [UInt8], _ body: [UInt8], more: Bool = false) -> Int {
        head.withUnsafeBytes { head in body.withUnsafeBytes { socket.send(head, $0, more: more) } }
    }

    private func file(_ bytes: [UInt8]) throws -> CInt {
        let path = FileManager.default.temporaryDirectory.appending(path: "berth-direct-\(UUID())").path
        defer { unlink(path) }
        try Data(bytes).write(to: URL(filePath: path))
        return open(path, O_RDONLY | O_CLOEXEC)
    }

    @Test func twoPiecesGoAsOne() throws {
        let pair = try Pair()
        #expect(send(DirectSocket(descriptor: pair.near), [1, 2], [3, 4, 5]) == 5)
        #expect(send(DirectSocket(descriptor: pair.near), [6], [], more: true) == 1)
        #expect(send(DirectSocket(descriptor: pair.near), [7], []) == 1)
        #expect(pair.received(7) == [1, 2, 3, 4, 5, 6, 7])
    }

    /// All of the head and some of the body, then nothing, and never more than is said.
    @Test func whatIsTakenIsToldWhereTheSocketIsFull() throws {
        let pair = try Pair()
        let socket = DirectSocket(descriptor: pair.near)
        let body = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let sent = send(socket, [9, 9], body)
        #expect(sent > 2 && sent < body.count)
        #expect(send(socket, body, body) == 0)
        #expect(pair.received(sent) == Array(([9, 9] + body)[..<sent]))
    }

    @Test func whatIsLeftIsTheRest() {
        let (head, body) = (ByteBuffer(string: "head"), Array("and body".utf8))
        for sent in 0..<12 {
            let left = ConnectionHandler.left(of: head, body, after: sent)
            #expect(String(buffer: left) == "headand body".dropFirst(sent))
        }
    }

    @Test func aSocketThatNobodyReadsTakesNothing() throws {
        let pair = try Pair()
        shutdown(pair.far, CInt(SHUT_RD))
        #expect(send(DirectSocket(descriptor: pair.near), [1], [2]) == 0)
        let file = try file([1])
        defer { close(file) }
        #expect(DirectSocket(descriptor: pair.near).sendFile(file, 0..<1) == 0)
        #expect(DirectSocket(descriptor: -1).sendFile(file, 0..<1) == 0)
    }

    @Test func aPartOfAFileGoes() throws {
        let (pair, bytes) = (try Pair(), (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 3) })
        let (socket, file) = (DirectSocket(descriptor: pair.near), try file(bytes))
        defer { close(file) }
        #expect(socket.sendFile(file, 10..<15) == 5)
        #expect(pair.received(5) == Array(bytes[10..<15]))
        let sent = try #require(socket.sendFile(file, 100..<2_000_000))
        #expect(sent > 0 && sent < 1_999_900)
        #expect(pair.received(Int(sent)) == Array(bytes[100..<(100 + Int(sent))]))
        // It ends before: what is there goes, and where nothing is that is said.
        #expect(socket.sendFile(file, 2_999_998..<3_000_010) == 2)
        #expect(socket.sendFile(file, 3_000_000..<3_000_010) == nil)
    }
}
