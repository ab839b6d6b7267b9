import RegistryCore
import RegistryHTTP
import Testing

/// A registry below a path, and under a name of its own (`http.prefix`, `http.host`).
@Suite(.timeLimit(.minutes(1))) struct PrefixTests {
    private func answer(
        _ method: String, _ target: String, _ change: (inout Addressing) -> Void
    ) async throws -> WireAnswer {
        var answer: WireAnswer?
        try await Harbour.open(.memory, server: { change(&$0.addressing) }) { harbour in
            try await Cargo.shared.get().load(into: harbour.registry)
            answer = try await harbour.exchange(method, target, [("X-Forwarded-Host", "proxy.example")])
        }
        return try #require(answer)
    }

    @Test(arguments: [
        ("GET", "/reg/v2/", 200), ("GET", "/reg/v2/team/app/manifests/v1", 200), ("GET", "/v2/", 404),
        ("GET", "/v2/team/app/manifests/v1", 404), ("GET", "/regx/v2/", 404), ("GET", "/reg", 404), ("GET", "/", 200),
        ("GET", "/reg/reg/v2/", 404),
    ])
    func onlyWhatIsBelowThePrefixIsTheRegistry(method: String, target: String, status: Int) async throws {
        #expect(try await answer(method, target) { $0.prefix = "/reg" }.status == status)
    }

    @Test func everyAddressGivenOutIsBelowThePrefix() async throws {
        let upload = try await answer("POST", "/reg/v2/a/blobs/uploads/") { $0.prefix = "/reg" }
        #expect(upload.header("location")?.hasPrefix("http://proxy.example/reg/v2/a/blobs/uploads/") == true)
        let page = try await answer("GET", "/reg/v2/_catalog?n=1") { $0.prefix = "/reg" }
        #expect(page.header("link") == "</reg/v2/_catalog?last=a%2Fmanifests%2Fb&n=1>; rel=\"next\"")
        let slash = try await answer("POST", "/reg/v2/a/blobs/uploads?n=1") { $0.prefix = "/reg" }
        #expect(slash.header("location") == "/reg/v2/a/blobs/uploads/?n=1")
        let relative = try await answer("POST", "/reg/v2/a/blobs/uploads/") {
            ($0.prefix, $0.isRelative) = ("/reg", true)
        }
        #expect(relative.header("location")?.hasPrefix("/reg/v2/a/blobs/uploads/") == true)
    }

    /// The configuration knows better than any proxy.
    @Test(arguments: [
        ("https://registry.example.com", "https://registry.example.com/v2/a/"),
        ("https://example.com/images/", "https://example.com/images/v2/a/"),
    ])
    func theHostOfTheConfigurationComesFirst(url: String, start: String) async throws {
        let upload = try await answer("POST", "/v2/a/blobs/uploads/") { $0.publicURL = PublicURL(url) }
        #expect(upload.header("location")?.hasPrefix(start) == true)
    }
}
