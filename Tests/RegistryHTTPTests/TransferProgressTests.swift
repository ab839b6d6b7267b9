import Foundation
import ImageBuilder
import OCI
import Patience
import RegistryCore
import Testing

@testable import RegistryHTTP

/// Bytes are counted as they pass: what comes in as it comes, what goes out as the client's system takes it.
@Suite(.timeLimit(.minutes(2))) struct TransferProgressTests {
    private let name: RepositoryName
    private let blob: SampleImage.Blob
    private let descriptor: Descriptor
    /// Bytes that the client's system takes for it: its buffer, which the kernel makes twice as large as was asked, and what
    /// the client itself has read ahead.
    private static let aheadMax: Int64 = 3 << 20

    init() throws {
        name = try RepositoryName("a")
        blob = SampleImage.Blob([UInt8](repeating: 7, count: 24 << 20))
        descriptor = Descriptor(mediaType: .octetStream, digest: blob.digest, size: 24 << 20)
    }

    private func pulls(_ events: EventSubscription) -> [Int64] {
        events.take().events.compactMap { if case .blobPulled(_, _, let bytes, _) = $0.action { bytes } else { nil } }
    }

    /// The kernel takes megabytes for a client that reads none of them; what is shown is what the client's own has.
    @Test(arguments: Medium.allCases) func aDownloadIsAsFarAsItsPeer(medium: Medium) async throws {
        try await Harbour.open(medium) { harbour in
            try await harbour.registry.push(blob: blob, to: name)
            let registry = harbour.registry
            let events = registry.events.subscribe(by: .test)
            let before = registry.counters().bytesOut
            let client = try await harbour.connect(reading: .onDemand)
            try await client.send(client.head("GET", "/v2/a/blobs/\(blob.digest)"))
            _ = try await client.receiveHead()
            var received: Int64 = 0
            // By then the server's kernel has the last of it, and the client's much less.
            while received < 19 << 20 {
                received += Int64(try await client.receive(1 << 20).count)
                try await until {
                    await registry.transfers.refresh()
                    return (registry.transfers.snapshot(by: .test).first?.bytesDone ?? .max) >= received - 65_536
                }
                let transfer = try #require(registry.transfers.snapshot(by: .test).first)
                #expect(transfer.bytesDone <= min(received + Self.aheadMax, 24 << 20))
                let counted = Int64(registry.counters().bytesOut - before)
                #expect(counted >= received - 65_536 && counted <= received + Self.aheadMax)
                #expect(pulls(events).isEmpty)
            }
            _ = try await client.receive(5 << 20)
            var told: [Int64] = []
            try await until {
                told += pulls(events)
                return !told.isEmpty
            }
            #expect(told == [24 << 20] && registry.transfers.count == 0)
            #expect(registry.counters().bytesOut - before == 24 << 20)
            await client.close()
        }
    }

    /// The client goes with half of it: what is told is what it had, not what lay ready for it.
    @Test(arguments: Medium.allCases) func aDownloadThatBrokeOffIsToldWithWhatArrived(medium: Medium) async throws {
        try await Harbour.open(medium) { harbour in
            try await harbour.registry.push(blob: blob, to: name)
            let events = harbour.registry.events.subscribe(by: .test)
            let client = try await harbour.connect(reading: .onDemand)
            try await client.send(client.head("GET", "/v2/a/blobs/\(blob.digest)"))
            _ = try await client.receiveHead()
            let received = Int64(try await client.receive(10 << 20).count)
            try await until {
                await harbour.registry.transfers.refresh()
                return (harbour.registry.transfers.snapshot(by: .test).first?.bytesDone ?? .max) >= received - 65_536
            }
            await client.close()
            var told: [Int64] = []
            try await until {
                told += pulls(events)
                return !told.isEmpty
            }
            #expect(told.count == 1 && harbour.registry.transfers.count == 0)
            #expect(told.allSatisfy { $0 >= received - 65_536 && $0 <= received + Self.aheadMax })
        }
    }

    /// A client that wants the connection closed is not cut off, and is not told of as done before it has all.
    @Test func aConnectionThatIsToCloseIsClosedWhenThePeerHasAll() async throws {
        try await Harbour.open(.fileSystem) { harbour in
            try await harbour.registry.push(blob: blob, to: name)
            let client = try await harbour.connect(reading: .onDemand)
            try await client.send(client.head("GET", "/v2/a/blobs/\(blob.digest)", [("Connection", "close")]))
            _ = try await client.receiveHead()
            let first = try await client.receive(19 << 20)
            await harbour.registry.transfers.refresh()
            #expect(
                harbour.registry.transfers.snapshot(by: .test).allSatisfy { $0.bytesDone <= (19 << 20) + Self.aheadMax }
            )
            #expect(harbour.registry.transfers.count == 1)
            let whole = try await first + client.receive(5 << 20)
            #expect(whole == blob.bytes)
            #expect(await client.receive() == nil)
            try await until { harbour.registry.transfers.count == 0 }
        }
    }

    @Test func anUploadIsCountedWhileItComes() async throws {
        try await Harbour.open(.fileSystem) { harbour in
            let registry = harbour.registry
            let client = try await harbour.connect()
            try await client.send(
                client.head("POST", "/v2/a/blobs/uploads/?digest=\(blob.digest)", length: blob.bytes.count))
            for part in 1...3 {
                try await client.send(Array(blob.bytes[..<(1 << 20)]))
                try await until(within: .seconds(20)) { registry.counters().bytesIn == UInt64(part) << 20 }
                let metrics = await MetricsText.text(registry)
                #expect(metrics.contains("\nberth_received_bytes_total \(part << 20)\n"))
            }
            await client.close()
            try await until { registry.transfers.count == 0 }
            #expect(registry.counters().bytesIn == 3 << 20)
        }
    }
}
