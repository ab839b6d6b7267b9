import ImageBuilder
import OCI
import RegistryCore
import RegistryHTTP
import Testing

/// One connection, several requests: each answered once, in order, whole.
@Suite(.timeLimit(.minutes(1))) struct KeepAliveTests {
    private let cargo: Cargo

    init() throws { cargo = try Cargo.shared.get() }

    /// Requests that go out as one packet. Some are answered on the event loop, some in a task: whatever comes after
    /// which, the answers keep the order of the requests.
    @Test(
        arguments: Medium.allCases,
        [
            ["/v2/", "/v2/"], ["/v2/team/app/manifests/v1", "/v2/team/app/tags/list"],
            ["/v2/team/app/tags/list", "/v2/team/app/manifests/v1"],
            ["/v2/team/app/tags/list", "/v2/_catalog", "/v2/nope/tags/list", "/v2/"],
            ["/v2/team/app/blobs/{large}", "/v2/_catalog", "/v2/team/app/blobs/{large}", "/v2/team/app/blobs/{small}"],
            ["/v2/", "/v2/team/app/blobs/{absent}", "/v2/_catalog", "/v2/team/app/blobs/{large}", "/v2/_catalog"],
        ])
    func pipelinedRequestsAreAnsweredInOrder(medium: Medium, targets: [String]) async throws {
        try await Harbour.open(medium) { harbour in
            try await cargo.load(into: harbour.registry)
            var expected: [WireAnswer] = []
            for target in targets { expected.append(try await harbour.exchange("GET", cargo.resolve(target))) }
            let client = try await harbour.connect()
            try await client.send(targets.map { client.head("GET", cargo.resolve($0)) }.joined())
            for answer in expected {
                let got = try await client.answer()
                #expect(got.status == answer.status)
                #expect(got.body == answer.body)
            }
            await client.close()
        }
    }

    /// A push as one packet: the body of one request ends where the next begins.
    @Test(arguments: Medium.allCases) func pipelinedBodiesDoNotRunIntoEachOther(medium: Medium) async throws {
        try await Harbour.open(medium) { harbour in
            let client = try await harbour.connect()
            let blobs = (1...5).map { SampleImage.Blob(SampleImage.noise(3000, seed: $0)) }
            var bytes: [UInt8] = []
            for blob in blobs {
                let head = client.head("POST", "/v2/a/blobs/uploads/?digest=\(blob.digest)", length: blob.bytes.count)
                bytes += Array(head.utf8) + blob.bytes + Array(client.head("GET", "/v2/a/blobs/\(blob.digest)").utf8)
            }
            client.sendLater(bytes)
            for blob in blobs {
                #expect(try await client.answer().status == 201)
                #expect(try await client.answer().body == blob.bytes)
            }
            await client.close()
        }
    }

    @Test(arguments: Medium.allCases) func aClientThatAsksIsToldToGoOnBeforeItSendsTheBody(medium: Medium) async throws
    {
        try await Harbour.open(medium) { harbour in
            let client = try await harbour.connect()
            let blob = SampleImage.Blob(SampleImage.noise(5000, seed: 9))
            try await client.send(
                client.head(
                    "POST", "/v2/a/blobs/uploads/?digest=\(blob.digest)", [("Expect", "100-continue")], length: 5000))
            #expect(try await client.receiveHead().status == 100)
            try await client.send(blob.bytes)
            #expect(try await client.answer().status == 201)
            await client.close()
        }
    }

    /// A few megabytes are read, so that it sees the answer and no reset; then nobody is to be kept busy by it.
    @Test(arguments: Medium.allCases) func aBodyThatNobodyWantsIsNotReadForLong(medium: Medium) async throws {
        try await Harbour.open(medium) { harbour in
            let client = try await harbour.connect()
            try await client.send(client.head("PUT", "/v2/a/blobs/nonsense", length: 1 << 30))
            #expect(try await client.receiveHead().status == 400)
            let part = [UInt8](repeating: 0, count: 1 << 20)
            var megabytes = 0
            while megabytes < 64, (try? await client.send(part)) != nil { megabytes += 1 }
            #expect(megabytes < 64)
            await client.close()
        }
    }

    /// It is spared the body.
    @Test func aClientThatAsksIsToldNoInsteadOfGoOn() async throws {
        try await Harbour.open(.memory) { harbour in
            let client = try await harbour.connect()
            try await client.send(
                client.head("PUT", "/v2/a/blobs/nonsense", [("Expect", "100-continue")], length: 1 << 30))
            #expect(try await client.receiveHead().status == 400)
            await client.close()
        }
    }

    @Test(arguments: Medium.allCases) func aBodyWithoutALengthIsTaken(medium: Medium) async throws {
        try await Harbour.open(medium) { harbour in
            let client = try await harbour.connect()
            let blob = SampleImage.Blob(SampleImage.noise(100_000, seed: 4))
            try await client.send(
                client.head(
                    "POST", "/v2/a/blobs/uploads/?digest=\(blob.digest)", [("Transfer-Encoding", "chunked")]))
            var rest = blob.bytes[...]
            for count in [1, 15, 4096, 70_000, 100_000] {
                let part = rest.prefix(count)
                rest = rest.dropFirst(count)
                try await client.send(Array("\(String(part.count, radix: 16))\r\n".utf8) + part + Array("\r\n".utf8))
            }
            try await client.send("0\r\n\r\n")
            #expect(try await client.answer().status == 201)
            let answer = try await client.exchange("GET", "/v2/a/blobs/\(blob.digest)")
            #expect(answer.body == blob.bytes)
            await client.close()
        }
    }

    /// A long answer, the wish to close, and a client that does not read at once: nothing of it is cut off.
    @Test(arguments: Medium.allCases) func aConnectionThatClosesGivesItsAnswerWhole(medium: Medium) async throws {
        let note = String(repeating: "n", count: 4_000_000)
        let manifest = try Manifest(
            bytes: Array(
                #"{"schemaVersion":2,"manifests":[],"mediaType":"\#(MediaType.ociIndex)","annotations":{"n":"\#(note)"}}"#
                    .utf8))
        try await Harbour.open(medium) { harbour in
            try await harbour.registry.push(manifest, to: try RepositoryName("a"), tag: try OCI.Tag("x"))
            let client = try await harbour.connect(reading: .onDemand)
            try await client.send(client.head("GET", "/v2/a/manifests/x", [("Connection", "close")]))
            let answer = try await client.answer()
            #expect(answer.closes)
            #expect(answer.body == manifest.bytes)
            #expect(await client.isClosedByServer())
        }
    }

    /// What was asked after the last answer is not done (RFC 9112 §9.6).
    @Test func nothingIsDoneAfterTheRequestThatCloses() async throws {
        try await Harbour.open(.memory) { harbour in
            try await cargo.load(into: harbour.registry)
            let client = try await harbour.connect()
            try await client.send(
                client.head("GET", "/v2/", [("Connection", "close")])
                    + client.head("DELETE", "/v2/team/app/manifests/v1"))
            #expect(try await client.answer().closes)
            #expect(await client.isClosedByServer())
            #expect(try await harbour.exchange("GET", "/v2/team/app/manifests/v1").status == 200)
        }
    }

    /// Nor what came in one packet with the rest of a body that was refused.
    @Test(arguments: Medium.allCases) func nothingIsDoneAfterABodyThatWasRefused(medium: Medium) async throws {
        try await Harbour.open(medium) { harbour in
            try await cargo.load(into: harbour.registry)
            let client = try await harbour.connect()
            try await client.send(
                client.head("PUT", "/v2/team/app/blobs/nonsense", length: 5) + "12345"
                    + client.head("DELETE", "/v2/team/app/manifests/v1"))
            #expect(try await client.answer().closes)
            #expect(await client.isClosedByServer())
            #expect(try await harbour.exchange("GET", "/v2/team/app/manifests/v1").status == 200)
        }
    }

    @Test(arguments: [
        "GET /v2/ HTTP/9.9\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n", "GET\r\n\r\n", "GET /v2/ HTTP/1.1\r\nA b\r\n\r\n",
    ])
    func whatIsNoHTTPEndsTheConnectionAndNothingElse(text: String) async throws {
        try await Harbour.open(.memory) { harbour in
            let client = try await harbour.connect()
            try await client.send(text)
            #expect(try await client.receiveHead().status == 400)
            while await client.receive() != nil {}
            #expect(try await harbour.exchange("GET", "/v2/").status == 200)
        }
    }
}
