import Foundation
import OCI

/// An image that somebody could have built: layers are tar archives with one file of made-up bytes, so that every client can
/// pull and unpack them. The same for the same names and sizes.
struct DemoImage: Sendable {
    struct Blob: Sendable {
        var mediaType: MediaType
        var digest: Digest
        var bytes: [UInt8]

        init(_ mediaType: MediaType, _ bytes: [UInt8]) {
            self.mediaType = mediaType
            self.bytes = bytes
            digest = Digest.of(bytes)
        }

        init(_ mediaType: MediaType, _ text: String) { self.init(mediaType, Array(text.utf8)) }

        /// As a manifest lists it; `more` is JSON that follows, with its comma.
        func listed(_ more: String = "") -> String {
            #"{"mediaType":"\#(mediaType)","digest":"\#(digest)","size":\#(bytes.count)\#(more)}"#
        }
    }

    /// Layers and config: what a client sends before the manifest.
    var parts: [Blob]
    var manifest: Blob
    /// Images that it lists; empty for an image.
    var children: [DemoImage] = []

    init(layers: [Blob], architecture: String = "amd64", created: Date) {
        let hashes = layers.map { #""\#($0.digest)""# }.joined(separator: ",")
        let config = Blob(
            .ociConfig,
            """
            {"created":"\(created.formatted(.iso8601))","architecture":"\(architecture)","os":"linux",\
            "config":{"Cmd":["/bin/sh"]},"rootfs":{"type":"layers","diff_ids":[\(hashes)]}}
            """)
        self.init(parts: layers + [config], config: config, layers: layers)
    }

    /// What is no image: a chart, a signature, a list of parts.
    ///
    /// - Parameter subject: what it is about.
    init(_ artifactType: String, config: Blob? = nil, content: Blob, subject: Blob? = nil) {
        let config = config ?? Blob(.ociEmpty, "{}")
        let about = subject.map { #","subject":\#($0.listed())"# } ?? ""
        self.init(
            parts: [content, config], config: config, layers: [content],
            more: #","artifactType":"\#(artifactType)"\#(about)"#)
    }

    private init(parts: [Blob], config: Blob, layers: [Blob], more: String = "") {
        self.parts = parts
        let list = layers.map { $0.listed() }.joined(separator: ",")
        manifest = Blob(
            .ociManifest,
            """
            {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)","config":\(config.listed()),\
            "layers":[\(list)]\(more)}
            """)
    }

    /// An index of one image for each architecture.
    init(platforms: [(architecture: String, image: DemoImage)]) {
        let entries = platforms.map { entry in
            entry.image.manifest.listed(#","platform":{"os":"linux","architecture":"\#(entry.architecture)"}"#)
        }
        parts = []
        children = platforms.map(\.image)
        manifest = Blob(
            .ociIndex,
            """
            {"schemaVersion":2,"mediaType":"\(MediaType.ociIndex)","manifests":[\(entries.joined(separator: ","))]}
            """)
    }
}

extension DemoImage.Blob {
    private static let tarBlockBytes = 512

    /// A layer of about `kib` KiB: an archive of one file, `usr/share/demo/NAME` (POSIX.1-2017, pax, "ustar Interchange
    /// Format").
    static func layer(_ name: String, kib: Int) -> DemoImage.Blob {
        let count = kib << 10
        var header = [UInt8](repeating: 0, count: tarBlockBytes)
        func put(_ text: String, at offset: Int) {
            header.replaceSubrange(offset..<offset + text.utf8.count, with: Array(text.utf8))
        }
        func octal(_ number: Int, digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put("usr/share/demo/" + name.replacing(" ", with: "-"), at: 0)
        put("0000644", at: 100)
        put("0000000", at: 108)
        put("0000000", at: 116)
        put(octal(count, digits: 11), at: 124)
        put("00000000000", at: 136)
        put(String(repeating: " ", count: 8), at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        put(octal(header.reduce(0) { $0 + Int($1) }, digits: 6), at: 148)
        header[154] = 0
        var bytes = header
        bytes.reserveCapacity(count + 3 * tarBlockBytes)
        let noise = noise(name)
        for _ in 0..<count / noise.count { bytes += noise }
        bytes += [UInt8](repeating: 0, count: 2 * tarBlockBytes)
        return DemoImage.Blob(.ociLayer, bytes)
    }

    /// One KiB that depends on `name` alone: its hash by FNV-1a, then a xorshift.
    private static func noise(_ name: String) -> [UInt8] {
        var state = name.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 } | 1
        return (0..<1024).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state >> 24)
        }
    }
}
