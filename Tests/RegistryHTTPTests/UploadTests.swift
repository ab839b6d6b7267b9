import ImageBuilder
import OCI
import Patience
import RegistryCore
import RegistryHTTP
import RegistryStorage
import Testing

/// Bodies that are long, break off, or are not wanted.
@Suite(.timeLimit(.minutes(1))) struct UploadTests {
    private let name: RepositoryName
    private let blob = SampleImage.Blob([UInt8](repeating: 9, count: 12 << 20))

    init() throws { name = try RepositoryName("a") }

    /// More than the buffer between the connection and the task holds, many times over.
    @Test(arguments: Medium.allCases) func aBodyLargerThanAllBuffersArrivesWhole(medium: Medium) async throws {
        try await Harbour.open(medium) { harbour in
            let events = harbour.registry.events.subscribe(by: .test)
            let answer = try await harbour.exchange(
                "POST", "/v2/a/blobs/uploads/?digest=\(blob.digest)", body: blob.bytes)
            #expect(answer.status == 201)
            let descriptor = Descriptor(mediaType: .octetStream, digest: blob.digest, size: 12 << 20)
            #expect(events.take().events.map(\.action) == [.blobPushed(name, descriptor)])
            #expect(harbour.registry.counters().bytesIn == 12 << 20)
            #expect(harbour.registry.transfers.count == 0)
        }
    }

    /// The transfer is there while the body is under way; when the client goes, what arrived stays, to the byte, and the
    /// same session takes the rest.
    @Test(arguments: Medium.allCases, [5 << 20, 700_001, 10]) func anUploadThatBrokeOffIsContinued(
        medium: Medium, sent: Int
    ) async throws {
        try await Harbour.open(medium) { harbour in
            let location = try #require(try await harbour.exchange("POST", "/v2/a/blobs/uploads/").location)
            let client = try await harbour.connect()
            try await client.send(client.head("PATCH", location, length: blob.bytes.count))
            try await until { harbour.registry.transfers.count == 1 }
            let transfer = try #require(harbour.registry.transfers.snapshot(by: .test).first)
            #expect(transfer.direction == .push)
            #expect(transfer.bytesTotal == Int64(blob.bytes.count))
            try await client.send(Array(blob.bytes[..<sent]))
            await client.close()

            let id = try #require(UploadID(location.prefix { $0 != "?" }.suffix(36)))
            // The session is given back when all of it is on the disk.
            try await until { ((try? await harbour.registry.openUpload(id, in: name, by: .test).suspend()) != nil) }
            let status = try await harbour.exchange("GET", location)
            #expect(status.header("range") == "0-\(sent - 1)")
            let next = try #require(status.location)
            let answer = try await harbour.exchange(
                "PUT", "\(next)&digest=\(blob.digest)", [("Content-Range", "\(sent)-\(blob.bytes.count - 1)")],
                body: Array(blob.bytes[sent...]))
            #expect(answer.status == 201)
            #expect(harbour.registry.transfers.count == 0)
        }
    }

    /// A single POST has no session that the client knows of: nothing of it is kept.
    @Test(arguments: Medium.allCases) func aSinglePostThatBrokeOffLeavesNothing(medium: Medium) async throws {
        try await Harbour.open(medium) { harbour in
            let client = try await harbour.connect()
            try await client.send(client.head("POST", "/v2/a/blobs/uploads/?digest=\(blob.digest)", length: 12 << 20))
            try await until { harbour.registry.transfers.count == 1 }
            try await client.send(Array(blob.bytes[..<(3 << 20)]))
            await client.close()
            try await until { harbour.registry.transfers.count == 0 }
            let storage = harbour.registry.storage
            let uploads = Layout.repository(name).appending("_uploads")
            try await until { try await storage.list(uploads)?.isEmpty ?? true }
            #expect(try await harbour.exchange("GET", "/v2/a/blobs/\(blob.digest)").status == 404)
        }
    }

    /// Nothing in memory knows of it any more: not its buffers, nor whatever was read for it.
    @Test(arguments: Medium.allCases) func aConnectionThatBrokeOffIsForgotten(medium: Medium) async throws {
        final class Token: Sendable {}
        weak var weakToken: Token?
        try await {
            let token = Token()
            weakToken = token
            // What all connections share has it, so that one that stays keeps it.
            try await Harbour.open(medium, server: { $0.accessLog = { _ in _ = token } }) { harbour in
                for length in [12 << 20, 100] {
                    let client = try await harbour.connect()
                    try await client.send(
                        client.head("POST", "/v2/a/blobs/uploads/?digest=\(blob.digest)", length: length))
                    try await until { harbour.registry.transfers.count == 1 }
                    try await client.send([1, 2, 3])
                    await client.close()
                    try await until { harbour.registry.transfers.count == 0 }
                    try await until { harbour.server.connectionCount == 0 }
                }
            }
        }()
        try await until { weakToken == nil }
    }

    /// Without a length only the end shows that a chunk is not what it says: it leaves no trace, and the session goes on.
    @Test(arguments: Medium.allCases, ["500-1099", "500-1101", "500-500"])
    func aChunkWhoseLengthLiesLeavesNoTrace(medium: Medium, range: String) async throws {
        try await Harbour.open(medium) { harbour in
            let bytes = Array(blob.bytes[..<2000])
            let digest = Digest.of(bytes)
            let begun = try #require(try await harbour.exchange("POST", "/v2/a/blobs/uploads/").location)
            let first = try await harbour.exchange("PATCH", begun, body: Array(bytes[..<500]))
            let location = try #require(first.location)
            let client = try await harbour.connect()
            try await client.send(
                client.head("PATCH", location, [("Transfer-Encoding", "chunked"), ("Content-Range", range)]))
            try await client.send(Array("259\r\n".utf8) + bytes[500..<1101] + Array("\r\n0\r\n\r\n".utf8))
            let answer = try await client.answer()
            #expect(answer.status == 400)
            #expect(answer.text.contains("SIZE_INVALID"))
            await client.close()
            let status = try await harbour.exchange("GET", location)
            #expect(status.header("range") == "0-499")
            let rest = try await harbour.exchange(
                "PUT", "\(location)&digest=\(digest)", [("Content-Range", "500-1999")], body: Array(bytes[500...]))
            #expect(rest.status == 201)
            let pulled = try await harbour.exchange("GET", "/v2/a/blobs/\(digest)")
            let isSame = pulled.body == bytes
            #expect(isSame)
        }
    }

    /// Two requests on one session: one writes, the other is told.
    @Test(arguments: Medium.allCases) func aSecondWriterIsRefusedWhileTheFirstGoesOn(medium: Medium) async throws {
        try await Harbour.open(medium) { harbour in
            let location = try #require(try await harbour.exchange("POST", "/v2/a/blobs/uploads/").location)
            let first = try await harbour.connect()
            try await first.send(first.head("PATCH", location, length: blob.bytes.count))
            try await until { harbour.registry.transfers.count == 1 }
            let second = try await harbour.exchange("PATCH", location, body: [1, 2, 3])
            #expect(second.status == 404)
            #expect(second.text.contains("BLOB_UPLOAD_INVALID"))
            let third = try await harbour.exchange("PUT", "\(location)&digest=\(blob.digest)", body: blob.bytes)
            #expect(third.status == 404)
            #expect(try await harbour.exchange("DELETE", location).status == 404)
            first.sendLater(blob.bytes)
            let answer = try await first.answer()
            #expect(answer.status == 202)
            #expect(answer.header("range") == "0-\(blob.bytes.count - 1)")
            await first.close()
        }
    }

    /// The answer comes while the client is still sending, and comes whole, also to one that reads only when all is sent.
    @Test(
        arguments: Medium.allCases,
        [("PUT", "/v2/a/manifests/x", 413), ("PUT", "/v2/a/blobs/x", 400), ("POST", "/v2/a/tags/list", 405)])
    func anEarlyNoReachesAClientThatIsStillSending(
        medium: Medium, request: (method: String, target: String, status: Int)
    ) async throws {
        try await Harbour.open(medium) { harbour in
            let client = try await harbour.connect(reading: .onDemand)
            try await client.send(client.head(request.method, request.target, length: 6 << 20))
            try await client.send([UInt8](repeating: 0, count: 6 << 20))
            let answer = try await client.answer()
            #expect(answer.status == request.status)
            #expect(answer.closes)
            #expect(await client.isClosedByServer())
        }
    }

    /// One that reads while it sends has the answer long before the end of what nobody wants.
    @Test(arguments: Medium.allCases) func anEarlyNoDoesNotWaitForTheBody(medium: Medium) async throws {
        try await Harbour.open(medium) { harbour in
            let client = try await harbour.connect()
            try await client.send(client.head("PUT", "/v2/a/manifests/x", length: 1 << 40))
            #expect(try await client.answer().status == 413)
            for _ in 0..<4 { client.sendLater([UInt8](repeating: 0, count: 4 << 20)) }
            // And is cut off when it goes on regardless.
            #expect(await client.isClosedByServer())
        }
    }
}
