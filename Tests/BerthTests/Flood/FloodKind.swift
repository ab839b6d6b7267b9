import OCI

/// Twenty-two ways to make a registry hold, read or look for more than it should.
enum FloodKind: CaseIterable, Sendable {
    // Over HTTP/1.1.
    case headersNeverEnding, headersTooLarge, noHTTP, manyQuestions, absurdLength
    case manifestHeldBack, manifestOfSinglePieces, manifestOfManyLayers, manifestDeep, uploadStopped
    case blobNotRead, rangesNotRead, listsNotRead, manifestsNotRead, referrersOfNothing
    // Over HTTP/2.
    case windowsShut, rapidReset, endlessHeaders, settingsAndPings, manyUploads, dataOfSingleBytes, headerBomb

    /// What the registry holds that is asked for.
    struct Target: Sendable {
        var port: UInt16
        var repository: String
        /// Large.
        var blob: Digest
        /// With a manifest of some megabytes under `large`.
        var tag: String
        var bytesManifestMax: Int
    }

    /// What is sent, piece by piece, for as long as it is taken. Costs time: to be made once.
    func pieces(_ target: Target) -> [[UInt8]] {
        let name = target.repository
        let (manifest, blob) = ("/v2/\(name)/manifests/x", "/v2/\(name)/blobs/\(target.blob)")
        func put(_ header: String) -> [UInt8] { Array(Self.head("PUT", manifest, header).utf8) }
        switch self {
        case .headersNeverEnding: return [Array("GET /v2/ HTTP/1.1\r\nHost: a\r\nX-".utf8)]
        case .headersTooLarge:
            return [Array("GET /v2/ HTTP/1.1\r\nX: \(String(repeating: "a", count: 1 << 20))\r\n\r\n".utf8)]
        case .noHTTP: return [(0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }]
        case .manyQuestions:
            let asked = (0..<200).map { Self.head("HEAD", "/v2/\(name)/blobs/\(Digest.of([UInt8($0)]))") }
            return [Array(asked.joined().utf8)]
        case .absurdLength: return [put("Content-Length: \(Int64.max)"), Self.blanks(1 << 20)]
        case .manifestHeldBack:
            return [put("Content-Length: \(target.bytesManifestMax)"), Self.blanks(target.bytesManifestMax - 10)]
        case .manifestOfSinglePieces:
            return [put("Transfer-Encoding: chunked"), Array(String(repeating: "1\r\n \r\n", count: 50_000).utf8)]
        case .manifestOfManyLayers:
            let body = Self.manyLayers()
            return [put("Content-Length: \(body.count)"), body]
        case .manifestDeep:
            return [put("Content-Length: 1000000"), [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)]
        case .uploadStopped:
            let uploads = "/v2/\(name)/blobs/uploads/?digest=\(target.blob)"
            return [Array(Self.head("POST", uploads, "Content-Length: 9000000").utf8), Self.blanks(400_000)]
        case .blobNotRead: return [Array(Self.head("GET", blob).utf8)]
        case .rangesNotRead:
            let ranges = (0..<32).map { "\($0 * 1000)-" }.joined(separator: ",")
            return [Array(Self.head("GET", blob, "Range: bytes=\(ranges)").utf8)]
        case .listsNotRead:
            let both = Self.head("GET", "/v2/\(name)/tags/list") + Self.head("GET", "/v2/_catalog?n=1000")
            return [Array(both.utf8)]
        case .manifestsNotRead: return [Array(Self.head("GET", "/v2/\(name)/manifests/\(target.tag)").utf8)]
        case .referrersOfNothing:
            let asked = (0..<50).map { Self.head("GET", "/v2/\(name)/referrers/\(Digest.of([UInt8($0)]))") }
            return [Array(asked.joined().utf8)]
        default:
            let window: UInt32 = self == .windowsShut ? 0 : 65_535
            return [HTTP2Frame.preface + HTTP2Frame.settings(windowBytes: window)] + frames(target, blob)
        }
    }

    private func frames(_ target: Target, _ blob: String) -> [[UInt8]] {
        let uploads = "/v2/\(target.repository)/blobs/uploads/"
        let streams = (0..<100).map { UInt32(1 + 2 * $0) }
        let (begins, ends) = (HTTP2Frame.endHeaders, HTTP2Frame.endHeaders | HTTP2Frame.endStream)
        let get = HTTP2Frame.request("GET", blob)
        switch self {
        case .windowsShut: return [streams.flatMap { HTTP2Frame.frame(.headers, ends, $0, get) }]
        case .rapidReset:
            let reset: [UInt8] = [0, 0, 0, 8]
            return [
                streams.flatMap {
                    HTTP2Frame.frame(.headers, ends, $0, get) + HTTP2Frame.frame(.reset, 0, $0, reset)
                }
            ]
        case .endlessHeaders:
            let more = (0..<100).flatMap { HTTP2Frame.literal("x-\($0)", String(repeating: "b", count: 100)) }
            let begun = HTTP2Frame.frame(.headers, HTTP2Frame.endStream, 1, HTTP2Frame.request("GET", "/v2/"))
            return [begun] + [[UInt8]](repeating: HTTP2Frame.frame(.continuation, 0, 1, more), count: 100)
        case .settingsAndPings:
            let ping = HTTP2Frame.frame(.ping, 0, 0, [UInt8](repeating: 0, count: 8))
            let both = ping + HTTP2Frame.settings(windowBytes: 65_535)
            return [[UInt8]](repeating: (0..<100).flatMap { _ in both }, count: 100)
        case .manyUploads:
            let block = HTTP2Frame.request("POST", "\(uploads)?digest=\(target.blob)")
            let part = streams.flatMap { HTTP2Frame.frame(.data, 0, $0, Self.blanks(16_000)) }
            return [streams.flatMap { HTTP2Frame.frame(.headers, begins, $0, block) }]
                + [[UInt8]](repeating: part, count: 4)
        case .dataOfSingleBytes:
            let block = HTTP2Frame.request("PUT", "/v2/\(target.repository)/manifests/x")
            let byte = HTTP2Frame.frame(.data, 0, 1, [0x20])
            return [HTTP2Frame.frame(.headers, begins, 1, block), (0..<20_000).flatMap { _ in byte }]
        case .headerBomb:
            // One large entry of the table, named twelve thousand times (RFC 7541 §6.1).
            let entry = [0x40] + HTTP2Frame.literal("x-b", String(repeating: "z", count: 3900)).dropFirst()
            let names = [UInt8](repeating: 0xBE, count: 12_000)
            return [HTTP2Frame.frame(.headers, ends, 1, HTTP2Frame.request("GET", "/v2/") + entry + names)]
        default: return []
        }
    }

    private static func blanks(_ count: Int) -> [UInt8] { [UInt8](repeating: 0x20, count: count) }

    private static func head(_ method: String, _ path: String, _ header: String? = nil) -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: a\r\n\(header.map { "\($0)\r\n" } ?? "")\r\n"
    }

    /// Of two and a half megabytes, of which no layer is there.
    private static func manyLayers() -> [UInt8] {
        let layers = (0..<24_000).map { number in
            #"{"mediaType":"a/b","size":2,"digest":"\#(Digest.of(Array("\(number)".utf8)))"}"#
        }
        return Array(#"{"schemaVersion":2,"layers":[\#(layers.joined(separator: ","))]}"#.utf8)
    }
}
