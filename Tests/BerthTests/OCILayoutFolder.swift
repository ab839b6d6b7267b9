import Foundation
import ImageBuilder
import OCI

/// A folder in the form of the OCI image layout, which clients copy from and to without any registry
/// (image-spec, `image-layout.md`).
struct OCILayoutFolder {
    let folder: TemporaryFolder
    let name: String

    /// As skopeo names it.
    func reference(_ tag: String) -> String { "oci:\(folder.path(name)):\(tag)" }

    /// Writes one document under a tag and everything it is made of.
    func write(_ document: Manifest, _ contents: [Digest: [UInt8]], tag: String) throws {
        for (digest, bytes) in contents { try folder.write(bytes, to: "\(name)/blobs/sha256/\(digest.hex)") }
        try folder.write(document.bytes, to: "\(name)/blobs/sha256/\(document.digest.hex)")
        try folder.write(#"{"imageLayoutVersion":"1.0.0"}"#, to: "\(name)/oci-layout")
        try folder.write(
            """
            {"schemaVersion":2,"manifests":[{"mediaType":"\(document.mediaType)","digest":"\(document.digest)",\
            "size":\(document.bytes.count),"annotations":{"org.opencontainers.image.ref.name":"\(tag)"}}]}
            """, to: "\(name)/index.json")
    }

    func write(_ image: SampleImage, tag: String) throws { try write(image.manifest, image.contents, tag: tag) }

    /// Everything in it by the name of its file, which is the hexadecimal part of its digest.
    var contents: [String: [UInt8]] {
        get throws {
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path("\(name)/blobs/sha256"))
            return try Dictionary(
                uniqueKeysWithValues: files.map { ($0, try folder.bytes("\(name)/blobs/sha256/\($0)")) })
        }
    }

    /// The document that `index.json` names, when it names one.
    var document: Digest? {
        get throws {
            struct Index: Decodable {
                struct Entry: Decodable { var digest: String }
                var manifests: [Entry]
            }
            let index = try JSONDecoder().decode(Index.self, from: Data(try folder.bytes("\(name)/index.json")))
            return try index.manifests.count == 1 ? Digest(index.manifests[0].digest) : nil
        }
    }
}
