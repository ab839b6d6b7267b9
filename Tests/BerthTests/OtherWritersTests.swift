import Foundation
import Testing

@testable import berth

extension EndToEndTests {
    /// Registries of distribution are found by what the system knows of its processes.
    @Suite(.enabled(if: Tool.areUsable(.dockerRegistry))) struct OtherWritersTests {
        private let folder: TemporaryFolder

        init() throws {
            folder = try TemporaryFolder()
            for name in ["data", "other"] {
                try FileManager.default.createDirectory(atPath: folder.path(name), withIntermediateDirectories: true)
            }
        }

        private func evidence(_ name: String = "data") -> String? {
            OtherWriters(root: folder.path(name)).evidence
        }

        @Test func theDirectoryCountsAndNotItsName() async throws {
            try FileManager.default.createSymbolicLink(
                atPath: folder.path("alias"), withDestinationPath: folder.path("data"))
            #expect(evidence() == nil)
            try await RegistryProcess.servingDistribution(data: "data", in: folder) { registry in
                for name in ["data", "alias", "other/../data"] {
                    let found = evidence(name)
                    #expect(
                        found == "process \(registry.process.id) (docker-registry serve) serves the same directory")
                }
                #expect(evidence("other") == nil)
            }
            #expect(evidence() == nil)
        }

        @Test func aVariableOfTheProcessDecides() async throws {
            try folder.write(RegistryProcess.configuration(data: folder.path("other")), to: "debian.yml")
            let process = try Tool.dockerRegistry.start(
                ["serve", folder.path("debian.yml")], in: folder,
                environment: ["REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": folder.path("data")])
            defer { process.signal(SIGKILL) }
            for await line in process.errors.lines where line.contains("listening on ") { break }
            #expect(evidence()?.contains("serves the same directory") == true)
            #expect(evidence("other") == nil)
            process.signal(SIGTERM)
            _ = await process.result(within: .seconds(10))
        }

        @Test func aRegistryInMemoryIsNoThreat() async throws {
            try folder.write("version: 0.1\nstorage: inmemory\nhttp: {addr: '127.0.0.1:0'}\n", to: "debian.yml")
            try await RegistryProcess.servingDistribution(configuration: "debian.yml", in: folder) { _ in
                #expect(evidence() == nil)
            }
        }

        /// What cannot be read may be the same.
        @Test func aFileThatIsGoneMakesItASuspect() async throws {
            try folder.write(RegistryProcess.configuration(data: folder.path("other")), to: "debian.yml")
            try await RegistryProcess.servingDistribution(configuration: "debian.yml", in: folder) { registry in
                #expect(evidence() == nil)
                try FileManager.default.removeItem(atPath: folder.path("debian.yml"))
                let found = evidence()
                #expect(
                    found == "process \(registry.process.id) (docker-registry serve) may serve the same directory, for"
                        + " its configuration cannot be read")
            }
        }
    }
}
