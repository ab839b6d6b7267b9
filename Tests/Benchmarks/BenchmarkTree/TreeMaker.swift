import Foundation
import Glibc
import OCI
import RegistryStorage

/// Writes a tree as distribution leaves it, without asking the disk to keep anything.
package struct TreeMaker: Sendable {
    private let root: String
    private let shape: TreeShape

    package init(root: String, shape: TreeShape) {
        self.root = root
        self.shape = shape
    }

    package func make() async {
        // Every so many images one is dead, so that garbage lies everywhere.
        let step = max(1, shape.images / max(1, shape.imagesDead))
        await withTaskGroup(of: Void.self) { group in
            for part in 0..<2 {
                group.addTask {
                    for number in stride(from: part, to: shape.images, by: 2) {
                        image(number, isDead: number % step == 0 && number / step < shape.imagesDead)
                    }
                }
            }
        }
    }

    private func image(_ number: Int, isDead: Bool) {
        guard let name = try? RepositoryName(shape.name(number / shape.imagesPerRepository)) else { return }
        var layers: [String] = []
        for layer in 0..<shape.layersPerImage {
            let bytes = Array("layer \(layer) of image \(number) of \(shape.prefix)".utf8)
            let digest = blob(bytes, name)
            layers.append(#"{"mediaType":"\#(MediaType.ociLayerGzip)","digest":"\#(digest)","size":\#(bytes.count)}"#)
        }
        let config = Array(#"{"architecture":"amd64","os":"linux","number":\#(number),"of":"\#(shape.prefix)"}"#.utf8)
        let configDigest = blob(config, name)
        let manifest = Array(
            """
            {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)","config":{"mediaType":"\(MediaType.ociConfig)",\
            "digest":"\(configDigest)","size":\(config.count)},"layers":[\(layers.joined(separator: ","))]}
            """.utf8)
        let digest = Digest.of(manifest)
        put(Layout.blobData(digest), manifest)
        guard !isDead, let tag = try? Tag("v\(number)") else { return }
        put(Layout.revisionLink(digest, in: name), Link.content(digest))
        put(Layout.tagIndex(digest, tag, in: name), Link.content(digest))
        put(Layout.tagCurrent(tag, in: name), Link.content(digest))
    }

    private func blob(_ bytes: [UInt8], _ name: RepositoryName) -> Digest {
        let digest = Digest.of(bytes)
        put(Layout.blobData(digest), bytes)
        put(Layout.layerLink(digest, in: name), Link.content(digest))
        return digest
    }

    private func put(_ path: StoragePath, _ bytes: [UInt8]) {
        let full = "\(root)/\(path.text)"
        var file = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        if file < 0, let parent = path.parent {
            try? FileManager.default.createDirectory(
                atPath: "\(root)/\(parent.text)", withIntermediateDirectories: true)
            file = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        }
        guard file >= 0 else { preconditionFailure("cannot write \(full): errno \(errno)") }
        _ = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        close(file)
    }
}
