import OCI
import Testing

/// JSON as other registries take it: null where Go's encoding/json says nothing, and not a byte laxer than that.
@Suite("Manifest JSON")
struct ManifestJSONTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
        var type: MediaType?

        init(_ what: String, _ text: String, _ type: MediaType? = nil) {
            (testDescription, self.text, self.type) = (what, text, type)
        }
    }

    private static let config = #""config":\#(Json.descriptor("{}", .ociConfig))"#

    /// Members that may be null anywhere, at the top of a document of each type.
    private static let nulls = ["artifactType", "annotations", "subject", "layers", "blobs", "mediaType", "x"]

    private static let images: [Shape] = [MediaType.ociManifest, .dockerManifest].flatMap { (type: MediaType) in
        nulls.filter { $0 != "layers" && $0 != "mediaType" }.map { name in
            Shape("\(name) null in \(type)", Json.image(type, more: #","\#(name)":null"#), type)
        } + [
            Shape("layers null in \(type)", #"{"schemaVersion":2,"mediaType":"\#(type)",\#(config),"layers":null}"#),
            Shape("no layers in \(type)", #"{"schemaVersion":2,"mediaType":"\#(type)",\#(config)}"#),
            Shape("manifests null in \(type)", Json.image(type, more: #","manifests":null"#)),
            Shape(
                "mediaType null under \(type)", #"{"schemaVersion":2,"mediaType":null,\#(config),"layers":[]}"#, type),
        ]
    }

    private static let indexes: [Shape] = [MediaType.ociIndex, .dockerList].flatMap { (type: MediaType) in
        nulls.filter { $0 != "mediaType" }.map { name in
            Shape("\(name) null in \(type)", Json.index(type, more: #","\#(name)":null"#), type)
        } + [
            Shape("config null in \(type)", Json.index(type, more: #","config":null"#)),
            Shape("manifests null in \(type)", #"{"schemaVersion":2,"mediaType":"\#(type)","manifests":null}"#),
            Shape("no manifests in \(type)", #"{"schemaVersion":2,"mediaType":"\#(type)"}"#),
            Shape("manifests null under \(type)", #"{"schemaVersion":2,"manifests":null}"#, type),
            Shape("nothing listed under \(type)", #"{"schemaVersion":2}"#, type),
        ]
    }

    private static let parts: [Shape] =
        ["mediaType", "size", "urls", "annotations", "data", "platform", "artifactType"].flatMap { name in
            let rest = [("mediaType", #""a/b""#), ("size", "3")].filter { $0.0 != name }.map {
                #","\#($0.0)":\#($0.1)"#
            }
            let part = #"{"digest":"\#(Json.digest("one"))"\#(rest.joined()),"\#(name)":null}"#
            return [
                Shape("\(name) of a layer null", #"{"schemaVersion":2,\#(config),"layers":[\#(part)]}"#),
                Shape("\(name) of an entry null", #"{"schemaVersion":2,"manifests":[\#(part)]}"#),
                Shape("\(name) of a subject null", Json.image(more: #","subject":\#(part)"#)),
            ]
        }

    private static let others = [
        Shape("an artifact of nothing", #"{"mediaType":"application/vnd.x+json","blobs":null,"config":null}"#),
        Shape("no size", #"{"schemaVersion":2,"manifests":[{"digest":"\#(Json.digest("one"))"}]}"#),
        Shape("a platform of nulls", index(platform: #"{"os":null,"architecture":null}"#)),
        Shape("a platform with one null", index(platform: #"{"os":"linux","architecture":"arm","variant":null}"#)),
        Shape("space everywhere", " \n{ \t\"schemaVersion\" : 2 ,\r\n \"manifests\" : [ ] } \n"),
        Shape("numbers", #"{"schemaVersion":2,"manifests":[],"x":[-0,-0.0,0e1,1E+2,1e-2,10.5]}"#),
        Shape("every escape", Json.image(more: #","x":"\"\\\/\b\f\n\r\t\u00e4\uD834\udd1e\u0000""#)),
    ]

    static let shapes = images + indexes + parts + others

    private static func index(platform: String) -> String {
        #"{"schemaVersion":2,"manifests":[\#(Json.descriptor("a", .ociManifest, more: #","platform":\#(platform)"#))]}"#
    }

    @Test("that says nothing in a place says it as null or not at all, pushed and on the disk", arguments: shapes)
    func isTaken(shape: Shape) throws {
        let manifest = try Manifest(shape.text, contentType: shape.type)
        let stored = try Manifest(stored: manifest.bytes, algorithm: .sha256)
        if let type = shape.type { #expect(manifest.mediaType == type) }
        #expect(stored.references == manifest.references)
        #expect(manifest.references.allSatisfy { $0.size >= 0 })
    }

    @Test("of an annotation that is null is an empty one")
    func nullAnnotation() throws {
        let note = #","annotations":{"a":null,"b":"c"}"#
        let manifest = try Manifest(#"{"schemaVersion":2,"manifests":[\#(Json.descriptor("a", more: note))]\#(note)}"#)
        #expect(manifest.annotations == ["a": "", "b": "c"])
        #expect(manifest.entries.first?.annotations == ["a": "", "b": "c"])
    }

    @Test("of an index that lists nothing is an index", arguments: [MediaType.ociIndex, .dockerList])
    func emptyIndex(type: MediaType) throws {
        let manifest = try Manifest(#"{"schemaVersion":2,"mediaType":"\#(type)","manifests":null}"#)
        #expect(manifest.isIndex && manifest.entries.isEmpty)
    }

    @Test(
        "that Go refuses is refused, wherever it stands",
        arguments: [
            "[1,]", "[,1]", "[1,,2]", "[1 2]", #"{"a":1,}"#, #"{,"a":1}"#, #"{"a":1 "b":2}"#, #"{"a"}"#, #"{"a":}"#,
            #"{"a",1}"#, "{a:1}", "{'a':1}", "'a'", #"{1:2}"#, #"{null:2}"#, "[1}", #"{"a":1]"#, "[", "{", "]",
            "/* a */ 1", "1 /* a */", "// a\n1", "# a\n1", "NaN", "Infinity", "-Infinity", "nan", "undefined", "None",
            "True", "TRUE", "nul", "nulll", "tru", "+1", "01", "-01", "00", "1.", ".5", "-.5", "1.e2", "1e", "1e+", "-",
            "--1", "0x10", "1_000", "1,000", "٣", #""a"#, #""\x41""#, #""\'""#, #""\u12""#, #""\u12g4""#, #""\""#,
            "\"a\nb\"", "\"a\tb\"", "\"\u{0}\"", "\"\u{1F}\"", "`a`", "\u{A0}1", "\u{FEFF}1", "\u{2028}1", "1\u{B}",
            "1\u{C}", #""a" "b""#, #"@"a""#, "",
        ])
    func isRefused(value: String) {
        for text in [
            Json.image(more: #","x":\#(value)"#), Json.image(more: #","x":[1,\#(value)]"#),
            Json.image(more: #","x":{"y":\#(value)}"#), Json.index(more: #","annotations":{"a":\#(value)}"#),
            #"{"schemaVersion":2,"manifests":[\#(Json.descriptor("a", more: #","urls":[\#(value)]"#))]}"#,
        ] where !(value.isEmpty && text.contains("[]")) {
            #expect(throws: OCIError.self) { try Manifest(text) }
            #expect(throws: OCIError.self) { try Manifest(stored: Array(text.utf8), algorithm: .sha256) }
        }
    }

    @Test(
        "with a comma, a comment or anything else around it that JSON has not is refused",
        arguments: [
            ",", ";", "//", "/**/", "#", "\u{FEFF}", "\u{0}", "\u{A0}", "x", "{}", "null", "0", "\u{1}", "]", "}",
        ])
    func surroundings(text: String) {
        #expect(throws: OCIError.invalidManifest(reason: "it is not JSON")) { try Manifest(Json.image() + text) }
        #expect(throws: OCIError.self) { try Manifest(text + Json.image()) }
    }

    /// One of a thousand commas and brackets taken away or doubled is no JSON any more, or another manifest.
    @Test("in which one mark is missing or doubled is refused")
    func marks() {
        let good = Array(Json.image(more: #","annotations":{"a":"b"},"x":[[1],{"y":2}]"#).utf8)
        for place in good.indices where ",[]{}".utf8.contains(good[place]) {
            var (less, more) = (good, good)
            less.remove(at: place)
            more.insert(good[place], at: place)
            for bytes in [less, more] where (try? Manifest(bytes: bytes)) != nil {
                Issue.record("taken: \(String(decoding: bytes, as: UTF8.self).prefix(900))")
            }
        }
    }
}
