import Foundation
import ImageBuilder
import OCI
import Patience
import RegistryCore
import RegistryHTTP
import Testing

/// Blobs that are read slowly, or not to their end.
@Suite(.timeLimit(.minutes(2))) struct DownloadTests {
    private let name: RepositoryName
    private let target: String
    private let blob: SampleImage.Blob

    init() throws {
        name = try RepositoryName("a")
        blob = SampleImage.Blob([UInt8](repeating: 7, count: 24 << 20))
        target = "/v2/a/blobs/\(blob.digest)"
    }

    /// The server reads no further ahead of a client than the buffers of the two sockets and one of its own hold: what it
    /// has read from the storage is counted. Below it, more than these could ever be; above, the blob.
    @Test(arguments: [Medium.memory, .fileSystemOverTLS])
    func aClientThatDoesNotReadHoldsABufferAndNotTheBlob(medium: Medium) async throws {
        let aheadMax: Int64 = 12 << 20
        let storage = MeteredStorage()
        let large = SampleImage.Blob([UInt8](repeating: 7, count: 64 << 20))
        try await Harbour.open(medium, storage: storage) { harbour in
            try await harbour.registry.push(blob: large, to: name)
            let before = storage.bytesRead
            let client = try await harbour.connect(reading: .onDemand)
            try await client.send(client.head("GET", "/v2/a/blobs/\(large.digest)"))
            #expect(try await client.receiveHead().status == 200)
            // While it does not read, others are served: time enough to run ahead for a server that would.
            for _ in 0..<300 { #expect(try await harbour.exchange("GET", "/v2/_catalog").status == 200) }
            #expect(storage.bytesRead - before < aheadMax)
            var received: Int64 = 0
            while received < 64 << 20 {
                received += Int64(try await client.receive(1 << 20).count)
                #expect(storage.bytesRead - before <= received + aheadMax)
            }
            #expect(try await client.exchange("GET", "/v2/").status == 200)
            await client.close()
        }
    }

    /// The same by `sendfile(2)`, seen in the transfer that a person watches.
    @Test func aClientThatDoesNotReadIsSeenAsATransfer() async throws {
        try await Harbour.open(.fileSystem) { harbour in
            try await harbour.registry.push(blob: blob, to: name)
            let client = try await harbour.connect(reading: .onDemand)
            try await client.send(client.head("GET", target))
            #expect(try await client.receiveHead().status == 200)
            for _ in 0..<50 { _ = try await harbour.exchange("GET", "/v2/") }
            let transfer = try #require(harbour.registry.transfers.snapshot(by: .test).first)
            #expect(transfer.direction == .pull)
            #expect(transfer.digest == blob.digest)
            #expect(transfer.repository == name)
            #expect(transfer.bytesTotal == 24 << 20)
            #expect(transfer.bytesDone < 16 << 20)
            #expect(try await client.receive(24 << 20) == blob.bytes)
            _ = try await client.exchange("GET", "/v2/")
            #expect(harbour.registry.transfers.count == 0)
            await client.close()
        }
    }

    /// Descriptors of this process that are open on files below a directory.
    private func descriptors(below root: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
        }.filter { $0.hasPrefix(root) && $0.hasSuffix("/data") }
    }

    @Test(arguments: Medium.allCases) func aDownloadGivenUpHalfWayEndsAndLeavesNothingOpen(medium: Medium) async throws
    {
        try await Harbour.open(medium) { harbour in
            try await harbour.registry.push(blob: blob, to: name)
            let events = harbour.registry.events.subscribe(by: .test)
            for _ in 0..<3 {
                let client = try await harbour.connect(reading: .onDemand)
                try await client.send(client.head("GET", target))
                #expect(try await client.receiveHead().status == 200)
                _ = try await client.receive(1 << 20)
                #expect(harbour.registry.transfers.count == 1)
                if let root = harbour.root { #expect(try descriptors(below: root).count == 1) }
                await client.close()
                try await until { harbour.registry.transfers.count == 0 }
                if let root = harbour.root { try await until { try descriptors(below: root).isEmpty } }
            }
            try await until { harbour.server.connectionCount == 0 }
            // Each pull is told once, with what went out of it.
            let pulls = events.take().events.compactMap { event -> Int64? in
                guard case .blobPulled(_, let descriptor, let bytes, _) = event.action else { return nil }
                #expect(descriptor.digest == blob.digest)
                return bytes
            }
            #expect(pulls.count == 3)
            #expect(pulls.allSatisfy { $0 < 24 << 20 })
        }
    }

    @Test(arguments: Medium.allCases) func aPullIsToldOnceWithItsBytes(medium: Medium) async throws {
        try await Harbour.open(medium) { harbour in
            try await harbour.registry.push(blob: blob, to: name)
            let events = harbour.registry.events.subscribe(by: .test)
            let client = try await harbour.connect()
            #expect(
                try await client.exchange("GET", target, [("Range", "bytes=5-14")]).body
                    == [UInt8](repeating: 7, count: 10))
            #expect(try await client.exchange("GET", target).body == blob.bytes)
            #expect(try await client.exchange("HEAD", target).status == 200)
            #expect(try await client.exchange("GET", target, [("If-None-Match", "*")]).status == 304)
            let descriptor = Descriptor(mediaType: .octetStream, digest: blob.digest, size: 24 << 20)
            #expect(
                events.take().events.map(\.action) == [
                    .blobPulled(name, descriptor, bytes: 10, asked: 10),
                    .blobPulled(name, descriptor, bytes: 24 << 20, asked: 24 << 20),
                    .blobAsked(name, blob.digest, isThere: true),
                ])
            await client.close()
        }
    }
}
