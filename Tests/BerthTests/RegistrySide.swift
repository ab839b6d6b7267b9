import OCI
import RegistryCore
import RegistryIndex
import RegistryStorage

/// One of the two registries that take turns at a data directory, by the same configuration file.
enum RegistrySide: CaseIterable {
    case berth, distribution

    var other: RegistrySide { self == .berth ? .distribution : .berth }

    /// Serves while `body` runs, then ends.
    func serving<Value>(
        _ configuration: String = "config.yml", in folder: TemporaryFolder,
        _ body: (RegistryProcess) async throws -> Value
    ) async throws -> Value {
        switch self {
        case .berth: try await RegistryProcess.serving([folder.path(configuration)], in: folder, body)
        case .distribution:
            try await RegistryProcess.servingDistribution(configuration: configuration, in: folder, body)
        }
    }

    /// Writes a configuration file for both: data in `data`, deletion on.
    static func writeConfiguration(
        to file: String = "config.yml", secret: String = "of both", in folder: TemporaryFolder
    ) throws {
        let text = RegistryProcess.configuration(
            data: folder.path("data"), extra: "\n  delete: {enabled: true}")
        try folder.write(text + "  secret: \(secret)\n", to: file)
    }
}
