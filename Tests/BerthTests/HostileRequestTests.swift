import ImageBuilder
import OCI
import Testing

extension EndToEndTests {
    /// Requests that must leave no trace: the tree of the data directory and all around it is compared.
    @Suite(.enabled(if: Tool.areUsable(.curl))) struct HostileRequestTests {
        /// Around the data directory `around/data`.
        private let folder: TemporaryFolder
        /// For what the client itself writes.
        private let own: TemporaryFolder

        init() throws {
            folder = try TemporaryFolder()
            own = try TemporaryFolder()
            try folder.write("untouched", to: "around/beside")
        }

        /// Serves a repository `kept/app` with one image; the index in `berth/` is no part of what is compared.
        private func leavesNoTrace(_ attack: (Curl) async throws -> Void) async throws {
            let image = try SampleImage(layers: [[1, 2, 3]])
            try await RegistryProcess.serving(data: "around/data", in: folder) { registry in
                let curl = Curl(folder: own, origin: "http://\(registry.address)")
                for blob in image.blobs { _ = try await curl.push(blob.bytes, to: "kept/app", as: "\(blob.digest)") }
                try own.write(image.manifest.bytes, to: "manifest")
                let put = try await curl(
                    "PUT", "/v2/kept/app/manifests/1",
                    ["-H", "Content-Type: \(image.manifest.mediaType)", "-T", own.path("manifest")])
                #expect(put.status == 201)
                let before = try folder.tree(except: "around/data/berth")
                #expect(before.keys.contains { $0.hasSuffix("kept/app/_manifests/tags/1/current/link") })
                try await attack(curl)
                #expect(try folder.tree(except: "around/data/berth") == before)
            }
        }

        @Test func aBlobUnderAWrongDigestIsNotKept() async throws {
            let wrong = Digest.of([9])
            try await leavesNoTrace { curl in
                let answer = try await curl.push(SampleImage.noise(300_000, seed: 1), to: "kept/app", as: "\(wrong)")
                #expect(answer.status == 400)
                #expect(try WireTests.codes(answer) == ["DIGEST_INVALID"])
                #expect(try await curl("HEAD", "/v2/kept/app/blobs/\(wrong)").status == 404)
            }
        }

        @Test func aManifestUnderAWrongDigestIsNotKept() async throws {
            let wrong = Digest.of([9])
            try await leavesNoTrace { curl in
                let answer = try await curl(
                    "PUT", "/v2/kept/app/manifests/\(wrong)",
                    ["-H", "Content-Type: \(MediaType.ociManifest)", "-T", own.path("manifest")])
                #expect(answer.status == 400)
                #expect(try WireTests.codes(answer) == ["DIGEST_INVALID"])
            }
        }

        @Test(arguments: [
            "..", "a/../b", "../../../etc", "a%00b", "%2e%2e/b", "..%2f..%2fetc", "a/%2e%2e/%2e%2e/b",
            "kept/app%00/../x", "%252e%252e", "_catalog", "a//b",
        ])
        func aNameThatLeadsElsewhereTouchesNothing(name: String) async throws {
            let digest = Digest.of([1])
            try await leavesNoTrace { curl in
                for (method, path) in [
                    ("GET", "manifests/1"), ("PUT", "manifests/1"), ("DELETE", "manifests/1"), ("GET", "tags/list"),
                    ("GET", "blobs/\(digest)"), ("POST", "blobs/uploads/"), ("POST", "blobs/uploads/?digest=\(digest)"),
                    ("POST", "blobs/uploads/?mount=\(digest)&from=kept/app"),
                ] {
                    let body = method == "GET" ? [] : ["--data-binary", "@\(own.path("manifest"))"]
                    let answer = try await curl(method, "/v2/\(name)/\(path)", body)
                    // A slash too many leads to the same without it.
                    let isRight = [400, 404].contains(answer.status) || (name == "a//b" && answer.status == 301)
                    #expect(isRight, "\(method) \(name) \(path): \(answer.status)")
                }
            }
        }

        @Test(arguments: [
            "manifests/..", "manifests/..%2f..%2fx", "manifests/1%00", "blobs/sha256:..", "blobs/uploads/..",
            "blobs/uploads/..%2f..%2f..", "blobs/sha256:..%2f..%2fx", "manifests/sha256:%2e%2e",
        ])
        func aReferenceThatLeadsElsewhereTouchesNothing(path: String) async throws {
            try await leavesNoTrace { curl in
                for method in ["GET", "PUT", "PATCH", "DELETE"] {
                    let body = method == "GET" ? [] : ["--data-binary", "x"]
                    let answer = try await curl(method, "/v2/kept/app/\(path)", body)
                    #expect([400, 404, 405].contains(answer.status), "\(method) \(path): \(answer.status)")
                }
            }
        }

        @Test func aMountFromElsewhereTouchesNothing() async throws {
            try await leavesNoTrace { curl in
                let answer = try await curl(
                    "POST", "/v2/kept/app/blobs/uploads/?mount=\(Digest.of([1, 2, 3]))&from=..%2f..%2fkept%2fapp")
                #expect(answer.status == 400 || answer.status == 404 || answer.status == 202, "\(answer.status)")
                // Without a mount an upload begins (distribution-spec, "Mounting a blob from another repository").
                if let session = answer.headers["location"] {
                    #expect(try await curl("DELETE", session).status == 204)
                }
            }
        }
    }
}
