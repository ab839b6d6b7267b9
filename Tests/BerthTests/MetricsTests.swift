import Foundation
import Testing

extension EndToEndTests {
    /// The second listener that `http.debug` asks for.
    @Suite struct MetricsTests {
        private static let configuration = """
              debug: {addr: '127.0.0.1:0', prometheus: {enabled: true}}
            gc: {grace: 0s, quarantine: 0s, untagged: true}
            """

        private func watcher(_ registry: RegistryProcess, _ folder: TemporaryFolder) async throws -> Curl {
            let line = try #require(await registry.logLine(with: "metrics and health on port"))
            let digits = try #require(line.range(of: #"port \d+"#, options: .regularExpression))
            return Curl(folder: folder, origin: "http://127.0.0.1:\(line[digits].dropFirst("port ".count))")
        }

        /// The value of a metric that has no labels.
        private func value(_ name: String, _ text: String) -> Int? {
            text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
                .flatMap { Int($0.dropFirst(name.count + 1)) }
        }

        @Test func aSweepIsInTheMetrics() async throws {
            let tree = try await GarbageTree(Self.configuration)
            try await tree.untag()
            try await tree.serving { registry in
                let watch = try await watcher(registry, tree.folder)
                let before = try await watch("GET", "/metrics")
                #expect(before.status == 200)
                #expect(before.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
                for name in ["berth_sweeps_total", "berth_swept_lines_total", "berth_freed_bytes_total"] {
                    #expect(value(name, before.text) == 0, "\(name)")
                }
                #expect(try await tree.berth("gc", "--run", "--yes").exit == .status(0))
                let isServed = try tree.isServed(at: registry.address)
                #expect(isServed)
                let after = try await watch("GET", "/metrics").text
                #expect(value("berth_sweeps_total", after) == 1)
                // The manifest, its blobs and the links of its layers.
                #expect((value("berth_swept_lines_total", after) ?? 0) > tree.two.exclusive.count)
                #expect((value("berth_freed_bytes_total", after) ?? 0) > 0)
                #expect((value("berth_pulls_total", after) ?? 0) > 0)
                #expect((value("berth_storage_size_bytes", after) ?? 0) > 0)
                #expect(value("berth_index_complete", after) == 1)
            }
        }

        /// Every sample has its type before it, and every line is of the format.
        @Test func theTextIsOfTheFormat() async throws {
            let tree = try await GarbageTree(Self.configuration)
            try await tree.serving { registry in
                let text = try await watcher(registry, tree.folder)("GET", "/metrics").text
                #expect(text.hasSuffix("\n"))
                let lines = text.dropLast().components(separatedBy: "\n")
                #expect(lines.count % 3 == 0)
                for start in stride(from: 0, to: lines.count, by: 3) {
                    let name = try #require(lines[start + 2].split(separator: " ").first)
                    #expect(lines[start].hasPrefix("# HELP \(name) "))
                    #expect(["counter", "gauge"].map { "# TYPE \(name) \($0)" }.contains(lines[start + 1]))
                    #expect(name.hasSuffix("_total") == lines[start + 1].hasSuffix("counter"))
                    #expect(
                        lines[start + 2].wholeMatch(of: /berth_[a-z_]+ [0-9]+/) != nil, "\(lines[start + 2])")
                }
            }
        }

        @Test func whatElseIsAskedOfIt() async throws {
            let tree = try await GarbageTree(Self.configuration)
            try await tree.serving { registry in
                let watch = try await watcher(registry, tree.folder)
                #expect(try await watch("GET", "/debug/health?verbose").text == "{}")
                #expect(try await watch("HEAD", "/metrics").body.isEmpty)
                #expect(try await watch("GET", "/v2/").status == 404)
                #expect(try await watch("POST", "/metrics", ["-d", "x"]).status == 405)
            }
        }

        @Test func withoutPrometheusThereIsHealthOnly() async throws {
            let tree = try await GarbageTree("  debug: {addr: '127.0.0.1:0'}")
            try await tree.serving { registry in
                let watch = try await watcher(registry, tree.folder)
                #expect(try await watch("GET", "/debug/health").status == 200)
                #expect(try await watch("GET", "/metrics").status == 404)
            }
        }

        /// Who watches is no reason not to serve.
        @Test func anAddressThatIsTakenIsNamedAndTheRegistryServes() async throws {
            let first = try await GarbageTree(Self.configuration)
            try await first.serving { registry in
                let second = try await GarbageTree("  debug: {addr: '\(registry.address)'}")
                try await second.serving { other in
                    let line = await other.logLine(with: "no metrics: choose another http.debug.addr")
                    #expect(line?.contains("Address already in use") == true)
                    let isServed = try second.isServed(at: other.address)
                    #expect(isServed)
                }
            }
        }
    }
}
