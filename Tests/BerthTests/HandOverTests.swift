import ImageBuilder
import OCI
import PlainHTTP
import RegistryHTTP
import Testing

extension EndToEndTests {
    /// An upload that begins at one of the registries and goes on at the other, over one data directory and by the same
    /// `http.secret`, as behind a load balancer or across an upgrade.
    @Suite(.enabled(if: Tool.areUsable(.dockerRegistry))) struct HandOverTests {
        private let folder: TemporaryFolder

        init() throws {
            folder = try TemporaryFolder()
            try RegistrySide.writeConfiguration(in: folder)
        }

        private static let executor = BlockingExecutor(threads: 1)
        private static let bytes = ["Content-Type": "application/octet-stream"]
        private static let uploads = "/v2/team/app/blobs/uploads/"

        /// Who has the upload, one after the other.
        private static let orders: [[RegistrySide]] = [RegistrySide.berth, .distribution].flatMap { first in
            [[first, first.other], [first, first.other, first], [first, first.other, first, first.other]]
        }

        /// Asks with one connection while a registry runs.
        private func at<Value>(
            _ side: RegistrySide, _ configuration: String = "config.yml", _ body: (PlainClient) throws -> Value
        ) async throws -> Value {
            try await side.serving(configuration, in: folder) { try body(try PlainClient(address: $0.address)) }
        }

        private func expectBothServe(_ content: [UInt8], at location: SourceLocation = #_sourceLocation) async throws {
            for side in RegistrySide.allCases {
                let answer = try await at(side) { try $0("GET", "/v2/team/app/blobs/\(Digest.of(content))") }
                #expect(answer.status == 200 && answer.body == content, "\(side)", sourceLocation: location)
            }
            let left = try folder.tree("data/docker/registry/v2/repositories/team/app/_uploads")
            #expect(left == [:], sourceLocation: location)
        }

        /// Where the session stands by an answer.
        private func expectStands(
            _ answer: PlainClient.Answer, at offset: Int, _ location: SourceLocation = #_sourceLocation
        ) {
            #expect(answer.headers["range"] == "0-\(max(0, offset - 1))", sourceLocation: location)
            #expect(answer.headers["docker-upload-uuid"]?.count == 36, sourceLocation: location)
        }

        @Test(arguments: orders) func anUploadGoesOnAtTheOther(_ order: [RegistrySide]) async throws {
            try await withTaskExecutorPreference(Self.executor) {
                // More than a buffer, one byte, nothing, and what does not fill a block of the hash.
                let parts = zip([70_001, 1, 0, 5_000], order).map { SampleImage.noise($0.0, seed: UInt64($0.0)) }
                let content = parts.flatMap { $0 }
                var (target, offset) = (Self.uploads, 0)
                for (position, (part, side)) in zip(parts, order).enumerated() {
                    target = try await at(side) { client in
                        var session: PlainClient.Answer
                        if position == 0 {
                            session = try client.ask("POST", target, expecting: 202)
                        } else {
                            session = try client.ask("GET", target, expecting: 204)
                        }
                        expectStands(session, at: offset)
                        session = try client.ask(
                            "PATCH", session.location ?? "", Self.bytes, body: part, expecting: 202)
                        offset += part.count
                        expectStands(session, at: offset)
                        guard position == order.count - 1 else { return session.location ?? "" }
                        let finish = "\(session.location ?? "")&digest=\(Digest.of(content))"
                        return try client.ask("PUT", finish, Self.bytes, expecting: 201).location ?? ""
                    }
                }
                #expect(target == "/v2/team/app/blobs/\(Digest.of(content))")
                try await expectBothServe(content)
            }
        }

        /// Nothing but the time of its beginning is on the disk when it changes hands.
        @Test(arguments: RegistrySide.allCases) func anEmptySessionIsFilledAtTheOther(_ side: RegistrySide) async throws
        {
            try await withTaskExecutorPreference(Self.executor) {
                let content = SampleImage.noise(3_000, seed: 1)
                let session = try await at(side) { try $0.ask("POST", Self.uploads, expecting: 202) }
                let finish = "\(session.location ?? "")&digest=\(Digest.of(content))"
                _ = try await at(side.other) { try $0.ask("PUT", finish, Self.bytes, body: content, expecting: 201) }
                try await expectBothServe(content)
            }
        }

        @Test(arguments: RegistrySide.allCases) func anUploadIsCancelledAtTheOther(_ side: RegistrySide) async throws {
            try await withTaskExecutorPreference(Self.executor) {
                let session = try await at(side) { client in
                    let session = try client.ask("POST", Self.uploads, expecting: 202)
                    return try client.ask("PATCH", session.location ?? "", Self.bytes, body: [1, 2, 3], expecting: 202)
                }
                _ = try await at(side.other) { try $0.ask("DELETE", session.location ?? "", expecting: 204) }
                _ = try await at(side) { try $0.ask("GET", session.location ?? "", expecting: 404) }
            }
        }

        /// What is refused does no harm: the session goes on where it stood.
        @Test(arguments: RegistrySide.allCases) func aStateThatIsNotTheLastIsRefused(_ side: RegistrySide) async throws
        {
            try await withTaskExecutorPreference(Self.executor) {
                try RegistrySide.writeConfiguration(to: "stranger.yml", secret: "of another", in: folder)
                let content = SampleImage.noise(3_000, seed: 1)
                let (first, session) = try await at(side) { client in
                    let first = try client.ask("POST", Self.uploads, expecting: 202)
                    let part = Array(content[..<1_000])
                    let second = try client.ask("PATCH", first.location ?? "", Self.bytes, body: part, expecting: 202)
                    return (first.location ?? "", second.location ?? "")
                }
                _ = try await at(side.other, "stranger.yml") {
                    try $0.ask("PATCH", session, Self.bytes, body: [1], expecting: 404)
                }
                // Distribution 2.8 says 404 where version 3 and ours say 416.
                let status = side.other == .berth ? 416 : 404
                _ = try await at(side.other) { client in
                    try client.ask("PATCH", first, Self.bytes, body: [1], expecting: status)
                    let rest = Array(content[1_000...])
                    try client.ask(
                        "PUT", "\(session)&digest=\(Digest.of(content))", Self.bytes, body: rest, expecting: 201)
                }
                try await expectBothServe(content)
            }
        }

        /// Both serve the directory, and every request of an upload comes to the other.
        @Test func bothShareUploadsWhileBothRun() async throws {
            try await withTaskExecutorPreference(Self.executor) {
                let parts = (0..<6).map { SampleImage.noise(1_000 + $0 * 37, seed: UInt64($0)) }
                let content = parts.flatMap { $0 }
                try await RegistrySide.berth.serving(in: folder) { ours in
                    try await RegistrySide.distribution.serving(in: folder) { theirs in
                        let both = try [ours, theirs].map { try PlainClient(address: $0.address) }
                        for first in 0...1 {
                            var session = try both[first].ask("POST", Self.uploads, expecting: 202)
                            for (position, part) in parts.enumerated() {
                                session = try both[(first + position) % 2].ask(
                                    "GET", session.location ?? "", expecting: 204)
                                session = try both[(first + position + 1) % 2].ask(
                                    "PATCH", session.location ?? "", Self.bytes, body: part, expecting: 202)
                            }
                            expectStands(session, at: content.count)
                            let digest = Digest.of(content)
                            try both[first].ask(
                                "PUT", "\(session.location ?? "")&digest=\(digest)", Self.bytes, expecting: 201)
                            let blob = "/v2/team/app/blobs/\(digest)"
                            for client in both { #expect(try client("GET", blob).body == content) }
                            try both[first].ask("DELETE", blob, expecting: 202)
                            for client in both { try client.ask("GET", blob, expecting: 404) }
                        }
                    }
                }
            }
        }
    }
}
