import Foundation
import Glibc
import NIOCore
import RegistryCore
import RegistryHTTP
import Testing

/// A socket in the file system instead of a port (`http.net: unix`).
@Suite(.timeLimit(.minutes(1))) struct UnixSocketTests {
    private let path = "\(FileManager.default.temporaryDirectory.path)/berth-\(UUID().uuidString.prefix(8)).sock"

    @Test func theRegistryIsServedOnASocket() async throws {
        try await Harbour.open(.fileSystem, server: { $0.address = .unix(path: path) }) { harbour in
            #expect(harbour.address == .unix(path: path))
            let client = try await harbour.connect()
            #expect(try await client.exchange("GET", "/v2/").text == "{}")
            // The host is a path here, which no URL can start with.
            let answer = try await client.exchange("POST", "/v2/a/blobs/uploads/")
            #expect(answer.header("location")?.hasPrefix("/v2/a/blobs/uploads/") == true)
            await client.close()
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func aSocketThatACrashLeftIsReplaced() async throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        let address = try ListenAddress.unix(path: path).socketAddress
        #expect(address.withSockAddr { bind(descriptor, $0, socklen_t($1)) } == 0)
        try await Harbour.open(.memory, server: { $0.address = .unix(path: path) }) { harbour in
            let answer = try await harbour.exchange("GET", "/v2/")
            #expect(answer.status == 200)
        }
    }

    @Test func aSocketInUseIsNotTaken() async throws {
        try await Harbour.open(.memory, server: { $0.address = .unix(path: path) }) { harbour in
            let second = RegistryServer(
                registry: harbour.registry, configuration: .init(address: .unix(path: path), decision: Everybody()),
                executor: Harbour.executor)
            await #expect(throws: ServerError.addressInUse(path)) { try await second.start() }
            await second.stop(drainingFor: 0)
            let answer = try await harbour.exchange("GET", "/v2/")
            #expect(answer.status == 200)
        }
    }

    @Test func whatIsNoSocketStaysAsItIs() async throws {
        try Data("mine".utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        await #expect(throws: ServerError.notASocket(path)) {
            try await Harbour.open(.memory, server: { $0.address = .unix(path: path) }) { _ in }
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
    }
}
