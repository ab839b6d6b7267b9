import Glibc
import ImageBuilder
import OCI
import Testing

extension EndToEndTests {
    @Suite(.enabled(if: Tool.areUsable(.curl))) struct ServeCommandTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        /// Somewhere that is no address of this machine (RFC 5737), so that listening proves that it was not taken.
        private static let elsewhere = "192.0.2.1:5000"

        private func write(_ extra: String = "", address: String = "127.0.0.1:0") throws {
            try folder.write(
                RegistryProcess.configuration(data: folder.path("data"), address: address, extra: extra),
                to: "config.yml")
        }

        /// The status of deleting a blob that was pushed before.
        private func deletion(_ registry: RegistryProcess) async throws -> Curl.Answer {
            let curl = Curl(folder: folder, origin: "http://\(registry.address)")
            let digest = Digest.of([1, 2, 3])
            #expect(try await curl.push([1, 2, 3], to: "a", as: "\(digest)").status == 201)
            let answer = try await curl("DELETE", "/v2/a/blobs/\(digest)")
            let isThere = try await curl("HEAD", "/v2/a/blobs/\(digest)").status == 200
            #expect(isThere == (answer.status != 202))
            return answer
        }

        @Test func aFileThatDoesNotSaySoForbidsDeletion() async throws {
            try write()
            try await RegistryProcess.serving([folder.path("config.yml")], in: folder) { registry in
                let answer = try await deletion(registry)
                #expect(answer.status == 405)
                #expect(try WireTests.codes(answer) == ["UNSUPPORTED"])
            }
        }

        @Test(arguments: [
            ("\n  delete: {enabled: true}", [:]), ("", ["REGISTRY_STORAGE_DELETE_ENABLED": "true"]),
        ])
        func deletionIsEnabledByFileAndEnvironment(extra: String, environment: [String: String]) async throws {
            try write(extra)
            try await RegistryProcess.serving([folder.path("config.yml")], in: folder, environment: environment) {
                registry in
                let status = try await deletion(registry).status
                #expect(status == 202)
            }
        }

        /// What a user interface in a browser needs, by the file and by the environment alone.
        @Test(arguments: [
            (
                "  headers: {Access-Control-Allow-Methods: [HEAD, GET, DELETE], X-One: [a]}\n", [String: String]()
            ),
            (
                "",
                [
                    "REGISTRY_HTTP_HEADERS_Access-Control-Allow-Methods": "[HEAD,GET,DELETE]",
                    "REGISTRY_HTTP_HEADERS_X-One": "[a]",
                ]
            ),
        ])
        func aHeaderWithSeveralValuesKeepsThemAll(extra: String, environment: [String: String]) async throws {
            try folder.write(RegistryProcess.configuration(data: folder.path("data")) + extra, to: "config.yml")
            try await RegistryProcess.serving([folder.path("config.yml")], in: folder, environment: environment) {
                registry in
                let curl = Curl(folder: folder, origin: "http://\(registry.address)")
                for (method, target) in [("OPTIONS", "/v2/_catalog"), ("GET", "/v2/"), ("GET", "/v2/a/manifests/b")] {
                    let answer = try await curl(method, target)
                    #expect(
                        answer.headers["access-control-allow-methods"] == "HEAD, GET, DELETE", "\(method) \(target)")
                    #expect(answer.headers["x-one"] == "a")
                }
            }
        }

        @Test func theEnvironmentGoesBeforeTheFile() async throws {
            try write(address: Self.elsewhere)
            let environment = [
                "REGISTRY_HTTP_ADDR": "127.0.0.1:0",
                "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": folder.path("other"),
            ]
            try await RegistryProcess.serving([folder.path("config.yml")], in: folder, environment: environment) {
                _ = try await deletion($0)
            }
            #expect(try folder.tree("other").keys.contains { $0.hasPrefix("docker/registry/v2/blobs/") })
            #expect(try folder.tree("data").isEmpty)
        }

        @Test func flagsGoBeforeTheEnvironment() async throws {
            try write(address: Self.elsewhere)
            try await RegistryProcess.serving(
                [folder.path("config.yml"), "--listen", "127.0.0.1:0", "--data", folder.path("flag")], in: folder,
                environment: ["REGISTRY_HTTP_ADDR": Self.elsewhere]
            ) { _ = try await deletion($0) }
            #expect(try folder.tree("flag").keys.contains { $0.hasPrefix("docker/registry/v2/blobs/") })
        }

        @Test func requestsAreLoggedOnStandardOutput() async throws {
            let process = try await RegistryProcess.serving(data: "data", in: folder) { registry in
                _ = try await Curl(folder: folder, origin: "http://\(registry.address)")("GET", "/v2/logged/tags/list")
                return registry.process
            }
            #expect(process.output.text.contains(#""GET /v2/logged/tags/list HTTP/1.1" 404 "#))
            #expect(!process.errors.text.contains("/v2/logged"))
        }

        @Test(arguments: [SIGTERM, SIGINT])
        func aSignalEndsItTidily(signal: Int32) async throws {
            let process = try await RegistryProcess.serving(data: "data", in: folder) { registry in
                registry.process.signal(signal)
                return registry.process
            }
            #expect(await process.exit == .status(0))
        }
    }
}
