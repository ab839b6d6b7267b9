import Testing

extension EndToEndTests {
    @Suite struct InspectCommandTests {
        private func inspect(_ arguments: [String]) async throws -> String {
            let result = try await BerthProgram.result(["inspect"] + arguments, in: TemporaryFolder())
            #expect(result.exit == .status(0))
            #expect(result.errors.isEmpty)
            return result.text
        }

        @Test func aShortNameIsResolved() async throws {
            #expect(
                try await inspect(["--resolve", "ubuntu"]) == """
                    reference   docker.io/library/ubuntu:latest
                    registry    docker.io
                    repository  library/ubuntu
                    tag         latest
                    digest      -

                    """)
        }

        @Test(arguments: [
            ("ubuntu", "docker.io/library/ubuntu:latest", "docker.io", "library/ubuntu", "latest"),
            ("localhost:5000/x:1", "localhost:5000/x:1", "localhost:5000", "x", "1"),
        ])
        func partsAsJSON(image: String, reference: String, registry: String, name: String, tag: String) async throws {
            let expected = """
                {"reference":"\(reference)","registry":"\(registry)","repository":"\(name)","tag":"\(tag)","digest":null}

                """
            #expect(try await inspect(["--resolve", "--json", image]) == expected)
        }
    }
}
