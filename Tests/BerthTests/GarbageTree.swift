import Foundation
import ImageBuilder
import OCI
import PlainHTTP
import RegistryCore
import RegistryStorage

/// A data directory in a test's folder, with two images of one repository, and the verbs that collect in it.
struct GarbageTree {
    let folder: TemporaryFolder
    let two: TwoTags
    let name: RepositoryName
    let stays: OCI.Tag
    let goes: OCI.Tag

    /// - Parameter configuration: lines of our own for the file, such as `gc: {grace: 0s}`.
    init(_ configuration: String = "gc: {grace: 0s}", below place: String = "") async throws {
        folder = try TemporaryFolder()
        two = try TwoTags()
        name = try RepositoryName("team/app")
        (stays, goes) = (try Tag("stays"), try Tag("goes"))
        data = place + "data"
        try FileManager.default.createDirectory(atPath: folder.path(data), withIntermediateDirectories: true)
        let registry = try await registry
        try await registry.push(two.stays, to: name, tag: stays)
        try await registry.push(two.goes, to: name, tag: goes)
        let text = RegistryProcess.configuration(data: folder.path(data), extra: "\n  delete: {enabled: true}")
        try folder.write(text + configuration + "\n", to: "config.yml")
    }

    /// The data directory, as a name in the folder.
    let data: String

    var storage: FileSystemDriver { get throws { try FileSystemDriver(root: folder.path(data)) } }

    /// The tree opened by the test itself, for pushing and deleting while nobody serves it.
    var registry: Registry { get async throws { try await Registry.sample(try storage) } }

    /// Deletes the tag of the second image, whose manifest stays untagged.
    func untag() async throws { try await registry.deleteTag(goes, in: name, by: .test) }

    /// Runs the program with the configuration file at the end.
    func berth(_ arguments: String...) async throws -> Tool.Result {
        try await BerthProgram.result(arguments + [folder.path("config.yml")], in: folder)
    }

    /// Serves the tree while `body` runs.
    func serving<Value>(_ body: (RegistryProcess) async throws -> Value) async throws -> Value {
        try await RegistryProcess.serving([folder.path("config.yml")], in: folder, body)
    }

    /// Paths and contents of the registry's own files; directories that are empty count for nothing.
    var files: [String: TemporaryFolder.Content] {
        get throws { try folder.tree("\(data)/docker").filter { $0.value != .directory } }
    }

    /// What nothing but the second image needs is there.
    var hasGarbage: Bool {
        two.exclusive.allSatisfy {
            FileManager.default.fileExists(atPath: folder.path("\(data)/\(Layout.blobData($0.digest))"))
        }
    }

    var isClean: Bool {
        two.exclusive.allSatisfy {
            !FileManager.default.fileExists(atPath: folder.path("\(data)/\(Layout.blobData($0.digest))"))
        }
    }

    /// The first image can be pulled whole.
    func isServed(at address: String) throws -> Bool {
        let client = try PlainClient(address: address)
        guard try client("GET", "/v2/\(name)/manifests/\(stays)").body == two.stays.manifest.bytes else { return false }
        return try two.stays.blobs.allSatisfy {
            try client("GET", "/v2/\(name)/blobs/\($0.digest)").body == $0.bytes
        }
    }
}

extension RegistryProcess {
    /// Waits until it writes a line of its log with all of these words; nil when it ends before.
    func logLine(with words: String...) async -> String? {
        await process.withDeadline(.seconds(30)) {
            for await line in process.errors.lines where words.allSatisfy({ line.contains($0) }) { return line }
            return nil
        }
    }
}
