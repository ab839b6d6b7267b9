import Foundation
import ImageBuilder
import OCI

extension SampleImage {
    /// An image whose layers are archives of one file each and whose config says so, as clients demand that unpack it.
    ///
    /// - Parameter files: what the file of each layer holds, from the base up.
    static func unpackable(_ files: [[UInt8]], architecture: String = "amd64") throws -> SampleImage {
        let layers = files.enumerated().map { TarLayer([("file\($0.offset).bin", $0.element)]) }
        let differences = layers.map { #""\#(Digest.of($0.tar))""# }.joined(separator: ",")
        let history = layers.indices.map { #"{"created_by":"layer \#($0)"}"# }.joined(separator: ",")
        let config = """
            {"architecture":"\(architecture)","os":"linux","config":{},\
            "rootfs":{"type":"layers","diff_ids":[\(differences)]},"history":[\(history)]}
            """
        return try SampleImage(layers: layers.map(\.gzip)).replacingConfig(Array(config.utf8))
    }

    private func replacingConfig(_ bytes: [UInt8]) throws -> SampleImage {
        var image = self
        let config = Blob(bytes)
        let old = image.blobs[image.blobs.count - 1]
        image.blobs[image.blobs.count - 1] = config
        let text = String(decoding: manifest.bytes, as: UTF8.self)
            .replacingOccurrences(
                of: #""digest":"\#(old.digest)","size":\#(old.bytes.count)"#,
                with: #""digest":"\#(config.digest)","size":\#(config.bytes.count)"#)
        image.manifest = try Manifest(bytes: Array(text.utf8))
        return image
    }

    /// Everything that is pushed, by digest.
    var contents: [Digest: [UInt8]] {
        Dictionary(
            blobs.map { ($0.digest, $0.bytes) } + [(manifest.digest, manifest.bytes)], uniquingKeysWith: { $1 })
    }
}
