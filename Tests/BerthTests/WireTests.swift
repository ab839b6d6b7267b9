import Foundation
import ImageBuilder
import OCI
import Testing

extension EndToEndTests {
    /// What of an answer can be seen only on the wire.
    @Suite(.enabled(if: Tool.areUsable(.curl))) struct WireTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        private func serving(_ body: (Curl) async throws -> Void) async throws {
            try await RegistryProcess.serving(data: "data", in: folder) { registry in
                try await body(Curl(folder: folder, origin: "http://\(registry.address)"))
            }
        }

        /// The codes in an error's body (distribution-spec, "Error Codes").
        static func codes(_ answer: Curl.Answer) throws -> [String] {
            struct Body: Decodable {
                struct Item: Decodable {
                    var code: String
                    var message: String
                }
                var errors: [Item]
            }
            return try JSONDecoder().decode(Body.self, from: Data(answer.body)).errors.map(\.code)
        }

        @Test func everyAnswerNamesTheVersionOfTheInterface() async throws {
            try await serving { curl in
                for (method, path, status) in [
                    ("GET", "/v2/", 200), ("GET", "/v2/_catalog", 200), ("GET", "/v2/none/tags/list", 404),
                    ("HEAD", "/v2/none/manifests/1", 404), ("GET", "/v2/none/unheard/of", 404),
                    ("DELETE", "/v2/", 405), ("POST", "/v2/none/manifests/1", 405), ("PUT", "/v2/none/tags/list", 405),
                    ("GET", "/v2/Upper/manifests/1", 400),
                ] {
                    let answer = try await curl(method, path)
                    #expect(answer.status == status, "\(method) \(path)")
                    #expect(answer.headers["docker-distribution-api-version"] == "registry/2.0", "\(method) \(path)")
                }
            }
        }

        @Test func aMethodThatIsNotForAnAddressIsToldWhichAre() async throws {
            try await serving { curl in
                for (path, allowed) in [
                    ("/v2/a/manifests/1", "GET, HEAD, PUT, DELETE"), ("/v2/a/tags/list", "GET, HEAD"),
                    ("/v2/_catalog", "GET, HEAD"),
                ] {
                    let answer = try await curl("PATCH", path)
                    #expect(answer.status == 405)
                    #expect(answer.headers["allow"] == allowed)
                    #expect(try Self.codes(answer) == ["UNSUPPORTED"])
                }
            }
        }

        @Test func whatIsNotThereHasItsCode() async throws {
            try await serving { curl in
                let none = Digest.of([1, 2, 3])
                let pushed = try await curl.push([1], to: "a", as: "\(Digest.of([1]))")
                #expect(pushed.status == 201)
                for (path, code) in [
                    ("/v2/none/tags/list", "NAME_UNKNOWN"), ("/v2/a/manifests/1", "MANIFEST_UNKNOWN"),
                    ("/v2/a/blobs/\(none)", "BLOB_UNKNOWN"),
                ] {
                    let answer = try await curl("GET", path)
                    #expect(answer.status == 404)
                    #expect(answer.headers["content-type"]?.hasPrefix("application/json") == true)
                    #expect(try Self.codes(answer) == [code])
                }
            }
        }

        @Test func aBlobIsGivenInParts() async throws {
            let bytes = SampleImage.noise(100_000, seed: 3)
            let digest = Digest.of(bytes)
            try await serving { curl in
                let pushed = try await curl.push(bytes, to: "a/b", as: "\(digest)")
                #expect(pushed.status == 201)
                #expect(pushed.headers["docker-content-digest"] == "\(digest)")
                #expect(pushed.headers["location"]?.hasSuffix("/v2/a/b/blobs/\(digest)") == true)
                for (range, part) in [
                    ("0-0", 0..<1), ("1000-1999", 1000..<2000), ("99990-", 99_990..<100_000), ("-10", 99_990..<100_000),
                    ("99000-200000", 99_000..<100_000),
                ] {
                    let answer = try await curl("GET", "/v2/a/b/blobs/\(digest)", ["-H", "Range: bytes=\(range)"])
                    #expect(answer.status == 206)
                    #expect(
                        answer.headers["content-range"] == "bytes \(part.lowerBound)-\(part.upperBound - 1)/100000")
                    #expect(answer.body == Array(bytes[part]), "bytes=\(range)")
                }
                let beyond = try await curl("GET", "/v2/a/b/blobs/\(digest)", ["-H", "Range: bytes=100000-"])
                #expect(beyond.status == 416)
                let whole = try await curl("GET", "/v2/a/b/blobs/\(digest)")
                #expect(whole.status == 200)
                #expect(whole.body == bytes)
            }
        }

        @Test func aManifestIsDescribedByItsHeaders() async throws {
            let image = try SampleImage(layers: [[1, 2, 3]])
            try await serving { curl in
                for blob in image.blobs {
                    #expect(try await curl.push(blob.bytes, to: "a", as: "\(blob.digest)").status == 201)
                }
                try folder.write(image.manifest.bytes, to: "manifest")
                let type = ["-H", "Content-Type: \(image.manifest.mediaType)"]
                let put = try await curl("PUT", "/v2/a/manifests/1", type + ["-T", folder.path("manifest")])
                #expect(put.status == 201)
                #expect(put.headers["docker-content-digest"] == "\(image.manifest.digest)")
                for method in ["HEAD", "GET"] {
                    let answer = try await curl(method, "/v2/a/manifests/1")
                    #expect(answer.status == 200)
                    #expect(answer.headers["content-type"] == "\(image.manifest.mediaType)")
                    #expect(answer.headers["content-length"] == "\(image.manifest.bytes.count)")
                    #expect(answer.headers["docker-content-digest"] == "\(image.manifest.digest)")
                    #expect(answer.body == (method == "GET" ? image.manifest.bytes : []))
                }
            }
        }
    }
}
