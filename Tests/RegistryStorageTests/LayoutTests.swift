import Foundation
import OCI
import RegistryStorage
import StorageProbes
import Testing

/// The tree as a golden text: what a push of one small image and one index leaves, path by path and link by link, as
/// distribution's `registry/storage/paths.go` would have it.
@Suite("Layout")
struct LayoutTests {
    private static let name = Result { try RepositoryName("team/app") }
    private static let layer = Array("layer".utf8)
    private static let config = Array("{}".utf8)
    private static let sha512Layer = Array("another layer".utf8)

    private static func descriptor(_ type: MediaType, _ digest: Digest, _ size: Int) -> String {
        #"{"mediaType":"\#(type)","digest":"\#(digest)","size":\#(size)}"#
    }

    /// What a registry writes for a push, in the order of the writes.
    private func push(to driver: any StorageDriver) async throws {
        let name = try Self.name.get()
        let layer = Digest.of(Self.layer)
        let config = Digest.of(Self.config)
        let other = Digest.of(Self.sha512Layer, .sha512)
        for (digest, bytes) in [(layer, Self.layer), (config, Self.config), (other, Self.sha512Layer)] {
            let upload = Layout.upload("0f8fad5b-d9cb-469f-a165-70867728950e", in: name)
            try await driver.write(upload.appending("startedat"), Array("2024-05-06T07:08:09Z".utf8))
            let writer = try await driver.upload(to: upload.appending("data"), at: 0)
            try bytes.withUnsafeBytes { try writer.append($0) }
            try await writer.synchronize(for: .goingOn(beside: []))
            try await writer.commit(to: Layout.blobData(digest), then: []) {}
            writer.close()
            try await driver.write(Layout.layerLink(digest, in: name), Link.content(digest))
            try await driver.remove(upload)
        }
        let image = try Manifest(
            bytes: Array(
                """
                {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)",\
                "config":\(Self.descriptor(.ociConfig, config, 2)),"layers":[\(Self.descriptor(.ociLayer, layer, 5)),\
                \(Self.descriptor(.ociLayer, other, 13))]}
                """.utf8))
        let entry = Self.descriptor(.ociManifest, image.digest, image.bytes.count)
        let index = try Manifest(
            bytes: Array(#"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[\#(entry)]}"#.utf8))
        for manifest in [image, index] {
            try await driver.write(Layout.blobData(manifest.digest), manifest.bytes)
            try await driver.write(Layout.revisionLink(manifest.digest, in: name), Link.content(manifest.digest))
        }
        // The tag first pointed at the image, then at the index: its history has both.
        for digest in [image.digest, index.digest] {
            try await driver.write(Layout.tagIndex(digest, try Tag("V1.0"), in: name), Link.content(digest))
            try await driver.write(Layout.tagCurrent(try Tag("V1.0"), in: name), Link.content(digest))
        }
        // A second upload is still under way, and a sweep took something out.
        let upload = Layout.upload("7c9e6679-7425-40de-944b-e07fc1f90ae7", in: name)
        try await driver.write(upload.appending("startedat"), Array("2024-05-06T07:08:10Z".utf8))
        try await driver.write(upload.appending("data"), Array("so far".utf8))
        try await driver.write(Layout.trash.appending(["run", "x"]), Array("swept".utf8))
    }

    @Test("is distribution's, path by path and byte by byte", arguments: DriverMaker.all)
    func goldenTree(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await push(to: driver)
            var lines: [String] = []
            for place in try await driver.tree() {
                guard !place.hasSuffix("/") else { lines.append(place); continue }
                let text = try await driver.text(place) ?? "(absent)"
                let isBlob = place.contains("/blobs/")
                lines.append(isBlob ? "\(place) (\(text.utf8.count) bytes)" : "\(place) = \(text)")
            }
            try expect(lines, isGolden: "tree")
        }
    }

    /// Compares with `Golden/<name>.txt`; set `BERTH_UPDATE_GOLDENS` to write it instead, which is a failure too.
    private func expect(_ lines: [String], isGolden name: String) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name).txt")
        let text = lines.joined(separator: "\n") + "\n"
        if ProcessInfo.processInfo.environment["BERTH_UPDATE_GOLDENS"] != nil {
            try Data(text.utf8).write(to: file)
            Issue.record("wrote \(file.lastPathComponent): look at it, then run without BERTH_UPDATE_GOLDENS")
            return
        }
        let kept = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
        let changes = lines.difference(from: kept).map { change in
            switch change {
            case .remove(_, let line, _): "- \(line)"
            case .insert(_, let line, _): "+ \(line)"
            }
        }
        #expect(changes.isEmpty, "\(changes.joined(separator: "\n"))")
    }

    @Test("of nested repositories shares the tree and never meets")
    func nested() throws {
        let outer = Layout.repository(try RepositoryName("a")).text
        let inner = Layout.repository(try RepositoryName("a/b")).text
        #expect(inner == "\(outer)/b")
        #expect(Layout.tag(try Tag("_layers"), in: try RepositoryName("a")).text == "\(outer)/_manifests/tags/_layers")
    }
}

/// Places in the tree: built from plain names, and taken apart again.
@Suite("Storage path")
struct StoragePathTests {
    @Test("knows its parts")
    func parts() {
        let place = StoragePath.root.appending(["a", "b", "c"])
        #expect(place.text == "a/b/c")
        #expect(place.description == "a/b/c")
        #expect(place.name == "c")
        #expect(place.components == ["a", "b", "c"])
        #expect(place.parent?.text == "a/b")
        #expect(place.parent?.parent?.parent == .root)
    }

    @Test("that is the root has nothing above it")
    func root() {
        #expect(StoragePath.root.parent == nil)
        #expect(StoragePath.root.description == "/")
        #expect(StoragePath.root.name.isEmpty)
        #expect(StoragePath.root.components.isEmpty)
    }

    @Test("ends the process rather than leave the root", arguments: ["", ".", "..", "a/b", "/", "a\0"])
    func plainNamesOnly(name: String) async {
        await #expect(processExitsWith: .failure) { [name] in
            _ = StoragePath.root.appending(name)
        }
    }
}
