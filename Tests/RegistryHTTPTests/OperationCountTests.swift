import Foundation
import ImageBuilder
import OCI
import RegistryCore
import RegistryHTTP
import Testing

/// What is counted and told of a client's requests is what a person would say.
@Suite(.timeLimit(.minutes(1))) struct OperationCountTests {
    private let agent = [("User-Agent", "docker/27")]

    private func put(_ manifest: Manifest, _ reference: String, _ client: WireClient) async throws {
        let type = [("Content-Type", MediaType.ociManifest.text)]
        let answer = try await client.exchange(
            "PUT", "/v2/team/app/manifests/\(reference)", agent + type, body: manifest.bytes)
        #expect(answer.status == 201)
    }

    /// As Docker does it: HEAD, POST, PATCH and PUT of each blob, then the manifest.
    private func push(_ image: SampleImage, _ reference: String, _ client: WireClient) async throws {
        for blob in image.blobs {
            if try await client.exchange("HEAD", "/v2/team/app/blobs/\(blob.digest)", agent).status == 200 { continue }
            var location = try #require(
                try await client.exchange("POST", "/v2/team/app/blobs/uploads/", agent, body: []).location)
            location = try #require(try await client.exchange("PATCH", location, agent, body: blob.bytes).location)
            let end = try await client.exchange("PUT", "\(location)&digest=\(blob.digest)", agent, body: [])
            #expect(end.status == 201)
        }
        try await put(image.manifest, reference, client)
    }

    @Test func threeGoodPushesAreThreeAndNoErrors() async throws {
        try await Harbour.open(.memory) { harbour in
            let events = harbour.registry.events.subscribe(by: .test)
            let client = try await harbour.connect()
            for number in 1...3 {
                let image = try SampleImage(layers: [[1], [2], [3, UInt8(number)]])
                try await push(image, image.manifest.digest.description, client)
                try await put(image.manifest, "v\(number)", client)
            }
            // Clients look first whether this is TLS.
            let stranger = try await harbour.connect()
            try await stranger.send([22, 3, 1, 2, 0, 1, 0, 1])
            while await stranger.receive() != nil {}
            let counters = harbour.registry.counters()
            #expect(counters.pushes == 3)
            #expect(counters.errors == 0)
            let told = events.take().events.map(\.action)
            #expect(told.contains { if case .blobAsked(_, _, isThere: true) = $0 { true } else { false } })
            #expect(told.contains { if case .blobAsked(_, _, isThere: false) = $0 { true } else { false } })
            #expect(told.contains { if case .uploadStarted = $0 { true } else { false } })
            #expect(told.contains { if case .uploadPaused(_, _, isBroken: false) = $0 { true } else { false } })
            #expect(!told.contains { if case .refused = $0 { true } else { false } })
            // A pull by tag, with what its index would name.
            for number in 1...2 {
                _ = try await client.exchange("GET", "/v2/team/app/manifests/v\(number)", agent)
                let image = try SampleImage(layers: [[1], [2], [3, UInt8(number)]])
                _ = try await client.exchange("GET", "/v2/team/app/manifests/\(image.manifest.digest)", agent)
            }
            #expect(harbour.registry.counters().pulls == 2)
            await client.close()
        }
    }

    @Test(arguments: [
        ("GET", "/v2/team/app/manifests/nope", "MANIFEST_UNKNOWN"), ("GET", "/v2/team/none/tags/list", "NAME_UNKNOWN"),
        ("GET", "/v2/-bad/app/manifests/1", "NAME_INVALID"), ("PUT", "/v2/-bad/app/manifests/1", "NAME_INVALID"),
        ("HEAD", "/v2/-bad/app/manifests/1", "NAME_INVALID"), ("GET", "/v2/team/app/blobs/sha256:1", "DIGEST_INVALID"),
    ])
    func whatIsRefusedIsTold(_ method: String, _ target: String, _ code: String) async throws {
        try await Harbour.open(.memory) { harbour in
            let name = try RepositoryName("team/app")
            try await harbour.registry.push(try SampleImage(layers: [[1]]), to: name, tag: try Tag("1"))
            let events = harbour.registry.events.subscribe(by: .test)
            let status = try await harbour.exchange(method, target, agent).status
            #expect(status == 404 || status == 400)
            let codes = events.take().events.compactMap { event -> String? in
                if case .refused(_, let code, _) = event.action { code } else { nil }
            }
            #expect(codes == [code])
        }
    }

    @Test func aHeadOfWhatIsNotThereIsAQuestion() async throws {
        try await Harbour.open(.memory) { harbour in
            let name = try RepositoryName("team/app")
            try await harbour.registry.push(try SampleImage(layers: [[1]]), to: name, tag: try Tag("1"))
            let events = harbour.registry.events.subscribe(by: .test)
            let client = try await harbour.connect()
            let digest = SampleImage.Blob([9]).digest
            #expect(try await client.exchange("HEAD", "/v2/team/app/blobs/\(digest)", agent).status == 404)
            #expect(try await client.exchange("HEAD", "/v2/team/app/manifests/nope", agent).status == 404)
            #expect(
                events.take().events.map(\.action) == [
                    .blobAsked(name, digest, isThere: false), .manifestMissed(name, .tag(try Tag("nope"))),
                ])
            #expect(try await client.exchange("GET", "/v2/").status == 200)
            #expect(harbour.registry.counters().errors == 0)
            await client.close()
        }
    }

    @Test func rollingBackAndPuttingBackAreToldAsThat() async throws {
        let registry = try await Registry.sample()
        let (name, tag) = (try RepositoryName("team/app"), try Tag("1"))
        let (old, new) = (try SampleImage(layers: [[1]]), try SampleImage(layers: [[2]]))
        try await registry.push(old, to: name, tag: tag)
        try await registry.push(new, to: name, tag: tag)
        let events = registry.events.subscribe(by: .test)
        try await registry.setTag(tag, to: old.manifest.digest, in: name, by: .cockpit)
        try await registry.deleteTag(tag, in: name, by: .cockpit)
        let deleted = try #require(try await registry.deletedTags(in: name, limit: 1, by: .test).first)
        try await registry.restoreTag(deleted, by: .cockpit)
        #expect(
            events.take().events.map(\.action) == [
                .tagRolledBack(name, tag, old.manifest.digest), .tagDeleted(name, tag, old.manifest.digest),
                .tagRestored(name, tag, old.manifest.digest),
            ])
    }
}
