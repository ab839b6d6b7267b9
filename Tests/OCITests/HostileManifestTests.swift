import BriefText
import OCI
import SeededRandom
import Testing

/// Manifests that say two things at once, so that two readers could see two images (CVE-2021-41190).
@Suite("Manifest type confusion")
struct ManifestConfusionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
        var contentType: MediaType?
        var reason: String

        init(_ what: String, _ text: String, _ contentType: MediaType? = nil, reason: String) {
            testDescription = what
            self.text = text
            self.contentType = contentType
            self.reason = reason
        }
    }

    static let both = #","manifests":[\#(Json.descriptor("m", .ociManifest))]"#
    static let twoShapes = "it has both layers and manifests"

    @Test(
        "is refused with its reason",
        arguments: [
            Case("layers and manifests", Json.image(more: both), reason: twoShapes),
            Case("the same without mediaType", Json.image(nil, more: both), reason: twoShapes),
            Case("the same of an unknown type", Json.image(MediaType("x/y"), more: both), reason: twoShapes),
            Case("manifests and empty layers", Json.index(more: #","layers":[]"#), reason: twoShapes),
            Case("manifests and config", Json.index(more: #","config":\#(Json.descriptor("c"))"#), reason: twoShapes),
            Case("layers and empty manifests", Json.image(more: #","manifests":[]"#), reason: twoShapes),
            Case(
                "an image sent as an index", Json.image(), .ociIndex,
                reason: "Content-Type application/vnd.oci.image.index.v1+json "
                    + "but mediaType application/vnd.oci.image.manifest.v1+json"),
            Case(
                "an OCI manifest sent as Docker's", Json.image(), .dockerManifest,
                reason: "Content-Type application/vnd.docker.distribution.manifest.v2+json "
                    + "but mediaType application/vnd.oci.image.manifest.v1+json"),
            Case("an image's body as an index", Json.image(nil), .ociIndex, reason: "an index without manifests"),
            Case(
                "an index's body as an image", Json.index(nil), .ociManifest, reason: "an image manifest without config"
            ),
            Case("mediaType index, body image", Json.image(.ociIndex), reason: "an index without manifests"),
            Case(
                "mediaType image, body index", Json.index(.dockerManifest), reason: "an image manifest without config"),
            Case(
                "schema 1", #"{"schemaVersion":1,"name":"a","fsLayers":[]}"#,
                reason: "schema version 1 is not supported"),
            Case(
                "schema 1 in new clothes", Json.image().replacing(":2,", with: ":1,"),
                reason: "schema version 1 is not supported"),
            Case("schema 3", Json.image().replacing(":2,", with: ":3,"), reason: "schemaVersion is not 2"),
            Case("no schema version", "{}", reason: "schemaVersion is not 2"),
            Case("an index of no version", #"{"manifests":[]}"#, reason: "schemaVersion is not 2"),
            Case("an image of nothing", #"{"schemaVersion":2}"#, reason: "an image manifest without config"),
        ])
    func refused(example: Case) {
        #expect(throws: OCIError.invalidManifest(reason: example.reason)) {
            try Manifest(example.text, contentType: example.contentType)
        }
    }

    static let twice = "a name is repeated in one object"
    static let cased = "a name differs from one of the specification only in case"

    @Test(
        "by a name that another reader would take for another member is refused",
        arguments: [
            Case("layers twice", Json.image(more: #","layers":[]"#), reason: twice),
            Case("layers twice, once escaped", Json.image(more: #","\u006cayers":[]"#), reason: twice),
            Case(
                "mediaType in another case",
                Json.image(more: #","MediaType":"\#(MediaType.ociIndex)""#), reason: cased),
            Case(
                "mediaType only in another case", Json.image(nil, more: #","mediatype":"\#(MediaType.ociIndex)""#),
                reason: cased),
            Case("mediaType twice", Json.image(more: #","mediaType":"\#(MediaType.ociIndex)""#), reason: twice),
            Case("layers in another case", Json.image(more: #","Layers":[]"#), reason: cased),
            Case("layers with a long s", Json.image(more: #","layer\u017f":[]"#), reason: cased),
            Case("only in another case", #"{"schemaVersion":2,"mediaType":"x/y","MANIFESTS":[]}"#, reason: cased),
            Case(
                "digest twice in a descriptor",
                Json.index(more: #","subject":\#(Json.descriptor("s", more: #","digest":"x""#))"#), reason: twice),
            Case(
                "digest in another case in a descriptor",
                #"{"schemaVersion":2,"manifests":[\#(Json.descriptor("s", more: #","Digest":"x""#))]}"#, reason: cased),
            Case("an annotation twice", Json.image(more: #","annotations":{"a":"1","a":"2"}"#), reason: twice),
        ])
    func ambiguousNames(example: Case) {
        #expect(throws: OCIError.invalidManifest(reason: example.reason)) { try Manifest(example.text) }
    }

    @Test("is not seen in names that say nothing about references, nor in colons and quotes inside strings")
    func harmlessNames() throws {
        let more = #","annotations":{"Digest":"a:b","digest":"\"x\":\\","LAYERS":"\\\":"},"x":{"Layers":{"layers":1}}"#
        let manifest = try Manifest(Json.image(more: more))
        #expect(manifest.annotations == ["Digest": "a:b", "digest": "\"x\":\\", "LAYERS": "\\\":"])
    }

    @Test("is not hidden by the case in which a type is written")
    func caseOfType() throws {
        let loud = MediaType.ociIndex.text.uppercased()
        let image = Json.image(nil, more: #","mediaType":"\#(loud)""#)
        #expect(throws: OCIError.invalidManifest(reason: "an index without manifests")) { try Manifest(image) }
        let index = try Manifest(Json.index(nil, more: #","mediaType":"\#(loud)""#), contentType: .ociIndex)
        #expect(index.mediaType == .ociIndex)
    }

    @Test("is not seen in parameters and case of the same type")
    func sameType() throws {
        let contentType = MediaType("Application/vnd.OCI.image.manifest.v1+json; charset=utf-8")
        #expect(try Manifest(Json.image(), contentType: contentType).mediaType == .ociManifest)
    }
}

/// Bytes that are no manifest at all, and ones made to hurt: refused with a reason, never a crash.
@Suite("Hostile manifest", .timeLimit(.minutes(1)))
struct HostileManifestTests {
    @Test(
        "that is no JSON object of the right shape is refused with the place of the fault",
        arguments: [
            ("", "it is not JSON"), (" ", "it is not JSON"), ("{", "it is not JSON"), ("hello", "it is not JSON"),
            ("{} trailing", "it is not JSON"), ("{}{}", "it is not JSON"), ("{} []", "it is not JSON"),
            ("{},", "it is not JSON"), ("{}\0", "it is not JSON"), ("{}}", "it is not JSON"),
            ("{} // said", "it is not JSON"), ("\0", "it is not JSON"), (#"{"schemaVersion":2"#, "it is not JSON"),
            ("[]", "a value of the wrong type"), ("null", "a value of the wrong type"),
            ("7", "a value of the wrong type"),
            (#""text""#, "a value of the wrong type"),
            (#"{"schemaVersion":"2"}"#, "a value of the wrong type at schemaVersion"),
            (#"{"layers":{}}"#, "a value of the wrong type at layers"),
            (#"{"layers":[null]}"#, "a value of the wrong type at layers.[0]"),
            (#"{"layers":[{}]}"#, "digest is missing at layers.[0]"),
            (#"{"manifests":[{"digest":7}]}"#, "a value of the wrong type at manifests.[0].digest"),
            (
                #"{"manifests":[\#(Json.descriptor("a", more: #","platform":"linux""#))]}"#,
                "a value of the wrong type at manifests.[0].platform"
            ),
            (
                #"{"manifests":[\#(Json.descriptor("a", more: #","platform":{"os":7}"#))]}"#,
                "a value of the wrong type at manifests.[0].platform.os"
            ),
            (
                #"{"layers":[\#(Json.descriptor("a", more: #","urls":"http://a""#))]}"#,
                "a value of the wrong type at layers.[0].urls"
            ),
            (#"{"config":"x"}"#, "a value of the wrong type at config"),
            (#"{"annotations":{"a":1}}"#, "a value of the wrong type at annotations.a"),
            (#"{"mediaType":1}"#, "a value of the wrong type at mediaType"),
            (#"{"mediaType":"text/html"}"#, "its mediaType is none"),
            (#"{"mediaType":"x/y\r\nset-cookie: z"}"#, "its mediaType is none"),
            (#"{"mediaType":" "}"#, "its mediaType is none"),
        ])
    func malformed(text: String, reason: String) {
        #expect(throws: OCIError.invalidManifest(reason: reason)) { try Manifest(text) }
    }

    @Test(
        "with a size that no content can have is refused",
        arguments: [
            "-1", "-9223372036854775808", "9223372036854775808", "99999999999999999999999", "1e400", "-1e400", "1.5",
            "0x10", "01", "NaN", "Infinity", #""5""#, "5.0", "5e0", "+5", "true",
            String(repeating: "9", count: 100_000),
        ].map { Brief($0) })
    func size(size: Brief<String>) {
        let layer = #"{"mediaType":"x/y","digest":"\#(Json.digest("a"))","size":\#(size.value)}"#
        // Whole but for it: nothing else is to refuse them.
        let layers = #"{"schemaVersion":2,"config":\#(Json.descriptor("c")),"layers":[\#(layer)]}"#
        for text in [layers, Json.image(more: #","subject":\#(layer)"#)] {
            let error = #expect(throws: OCIError.self) { try Manifest(text) }
            guard case .invalidManifest = error else {
                Issue.record("\(Brief(String(describing: error)))")
                return
            }
        }
    }

    /// As Go's decoder does, which never looks at what nobody asks for.
    @Test(
        "with a number that no machine holds is taken where the number says nothing to us, and never a crash",
        arguments: ["1e400", "-1e400", "9223372036854775808", "1e-400", "0.1", "9"], [1, 100_000])
    func hugeNumbers(number: String, repetitions: Int) throws {
        let long = number + String(repeating: "1", count: repetitions - 1)
        let isTaken = (try? Manifest(Json.image(more: #","x":\#(long)"#))) != nil
        #expect(isTaken)
        guard long != "9" else { return }
        #expect(throws: OCIError.self) { try Manifest(#"{"schemaVersion":\#(long)}"#) }
    }

    @Test("may name the largest size there is")
    func largestSize() throws {
        let layer = #"{"mediaType":"x/y","digest":"\#(Json.digest("a"))","size":9223372036854775807}"#
        let manifest = try Manifest(#"{"mediaType":"x/y","layers":[\#(layer),\#(layer)]}"#)
        #expect(manifest.layers.map(\.size) == [.max, .max])
    }

    @Test(
        "with a digest that is none is refused where it stands",
        arguments: ["", "sha256:", "sha256:../../../etc/passwd", "SHA256:\(DigestTests.hex256)", "md5:00"])
    func digest(text: String) {
        let error = #expect(throws: OCIError.self) { try Manifest(#"{"config":{"digest":"\#(text)","size":1}}"#) }
        #expect(error?.description.hasSuffix("at config.digest") == true)
    }

    @Test(
        "nested a hundred thousand deep is refused",
        arguments: [
            String(repeating: "[", count: 100_000),
            #"{"schemaVersion":2,"x":"# + String(repeating: "[", count: 100_000),
            String(repeating: #"{"a":"#, count: 100_000),
            #"{"x":"# + String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000) + "}",
        ].map { Brief(Array($0.utf8)) })
    func deepNesting(bytes: Brief<[UInt8]>) {
        #expect(throws: OCIError.self) { try Manifest(bytes: bytes.value) }
    }

    @Test("nested as deep as the limit is taken, and one level deeper is not, brackets in strings aside")
    func nesting() throws {
        func text(_ depth: Int) -> String {
            let (open, close) = (String(repeating: "[", count: depth - 1), String(repeating: "]", count: depth - 1))
            return Json.image(more: #","y":"[[[\"{{{","x":\#(open)\#(close)"#)
        }
        #expect(try Manifest(text(Manifest.depthMax)).layers.count == 2)
        #expect(throws: OCIError.invalidManifest(reason: "it nests deeper than \(Manifest.depthMax)")) {
            try Manifest(text(Manifest.depthMax + 1))
        }
    }

    /// Two bytes of text are a value of hundreds of bytes in memory.
    @Test("of nothing but small values is refused before it is parsed", arguments: ["[]", "{}", "1", #""""#])
    func manyValues(value: String) throws {
        let reason = "it has more than \(Manifest.valuesMax) values"
        let list = Array(repeating: value, count: Manifest.valuesMax).joined(separator: ",")
        #expect(throws: OCIError.invalidManifest(reason: reason)) { try Manifest(#"{"x":[\#(list)]}"#) }
    }

    @Test("of a hundred thousand children is refused for their number")
    func manyChildren() throws {
        let list = (0..<100_000).map { number in
            let hex = String(number, radix: 16)
            return #"{"digest":"sha256:\#(String(repeating: "0", count: 64 - hex.count))\#(hex)","size":1}"#
        }
        let text = #"{"schemaVersion":2,"manifests":[\#(list.joined(separator: ","))]}"#
        #expect(throws: OCIError.invalidManifest(reason: "it has more than \(Manifest.valuesMax) values")) {
            try Manifest(text)
        }
    }

    @Test("of ten thousand annotations, and with one of a mebibyte, is read in full")
    func manyAnnotations() throws {
        let list = (0..<10_000).map { #""\#($0)":"\#($0)""# }.joined(separator: ",")
        let long = String(repeating: "é", count: 1 << 19)
        let manifest = try Manifest(Json.image(more: #","annotations":{\#(list),"long":"\#(long)"}"#))
        #expect(manifest.annotations.count == 10_001)
        #expect(manifest.annotations["long"] == long)
    }

    @Test(
        "is refused in few words, however long its own are",
        arguments: [
            #"{"mediaType":"\#(long)"}"#, #"{"config":{"digest":"\#(long)","size":1}}"#,
            #"{"config":{"digest":"sha256:\#(long)","size":1}}"#, #"{"annotations":{"\#(long)":1}}"#,
            #"{"layers":[{"annotations":{"\#(long)":1},"digest":"\#(Json.digest("a"))","size":1}]}"#,
        ].map { Brief($0) })
    func shortReason(text: Brief<String>) {
        let error = #expect(throws: OCIError.self) { try Manifest(text.value, contentType: MediaType("x/y")) }
        #expect((error?.description.utf8.count ?? .max) < 500)
    }

    private static let long = String(repeating: "a", count: 100_000)

    @Test("of four mebibytes of descriptors is read in full")
    func manyDescriptors() throws {
        let one = Json.descriptor("m", .ociManifest)
        let count = 4 * 1024 * 1024 / (one.utf8.count + 1)
        let text = #"{"schemaVersion":2,"manifests":[\#(Array(repeating: one, count: count).joined(separator: ","))]}"#
        let manifest = try Manifest(text)
        #expect(manifest.entries.count == count)
        #expect(manifest.entries.allSatisfy { $0.digest == Json.digest("m") })
    }

    @Test(
        "in another encoding than UTF-8 is refused: other readers would see other bytes",
        arguments: [
            [0xFF, 0xFE] + utf16(Json.image()), utf16(Json.image()), [0xEF, 0xBB, 0xBF] + Array(Json.image().utf8),
            Array(#"{"schemaVersion":2,"mediaType":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8),
            Array(#"{"artifactType":""#.utf8) + [0xFF] + Array(#""}"#.utf8),
            Array(#"{"annotations":{"a":""#.utf8) + [0xED, 0xA0, 0x80] + Array(#""}}"#.utf8),
            Array(#"{"artifactType":"\ud800"}"#.utf8), Array(#"{"\ud800":1}"#.utf8),
            Array(#"{"x":"\udc00\ud800"}"#.utf8),
            Array(#"{"annotations":{"a":"\ud800x"}}"#.utf8),
            Array("{\"x\":\"".utf8) + [0xC0, 0x80] + Array("\"}".utf8),
            Array("{\"".utf8) + [0xFF] + Array("\":1}".utf8), Array("{}".utf8) + [0xFF],
        ].map { Brief($0) })
    func encoding(bytes: Brief<[UInt8]>) {
        #expect(throws: OCIError.self) { try Manifest(bytes: bytes.value) }
    }

    private static func utf16(_ text: String) -> [UInt8] { text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] } }

    @Test("is never a crash, whatever bytes of a good one are damaged")
    func randomDamage() {
        var random = SeededGenerator()
        let good = Array(Json.image(more: #","annotations":{"a":"b"},"subject":\#(Json.descriptor("s"))"#).utf8)
        for _ in 0..<1_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = .random(in: 0...255, using: &random)
                case 1: bytes.removeSubrange(place..<min(place + 40, bytes.count))
                default: bytes.insert(contentsOf: bytes[place...].prefix(30), at: place)
                }
                guard !bytes.isEmpty else { break }
            }
            guard let manifest = try? Manifest(bytes: bytes) else { continue }
            #expect(manifest.bytes == bytes && manifest.references.allSatisfy { $0.size >= 0 }, "seed \(random.seed)")
        }
    }
}
