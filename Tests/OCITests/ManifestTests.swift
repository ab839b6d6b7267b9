import OCI
import Testing

/// Manifests that are what they say: the bytes kept exactly, and the view of them by each kind.
@Suite("Manifest")
struct ManifestTests {
    @Test(
        "keeps its bytes exactly, and its digest is theirs",
        arguments: [
            Json.image(), "\n \t" + Json.image() + "\r\n\n", Json.image().replacing(",", with: " ,\n   "),
            Json.image(more: #","annotations":{"a":"\u00e9\/é"},"unknown":{"x":[1,2.50,null,true]}"#), Json.index(nil),
        ])
    func exactBytes(text: String) throws {
        let manifest = try Manifest(text)
        #expect(manifest.bytes == Array(text.utf8))
        #expect(manifest.digest == Digest.of(Array(text.utf8)))
    }

    @Test("is addressed by the algorithm it was asked under")
    func sha512() throws {
        let bytes = Array(Json.image().utf8)
        let manifest = try Manifest(bytes: bytes, algorithm: .sha512)
        #expect(manifest.digest == Digest.of(bytes, .sha512))
    }

    @Test("of an image lists config and layers in document order", arguments: [MediaType.ociManifest, .dockerManifest])
    func image(type: MediaType) throws {
        let manifest = try Manifest(Json.image(type, layers: ["base", "middle", "top", "base"]), contentType: type)
        #expect(manifest.mediaType == type)
        #expect(!manifest.isIndex)
        #expect(manifest.config?.digest == Json.digest("{}"))
        #expect(manifest.config?.mediaType == .ociConfig)
        #expect(manifest.layers.map(\.digest) == ["base", "middle", "top", "base"].map(Json.digest))
        #expect(manifest.layers.map(\.size) == [4, 6, 3, 4])
        #expect(manifest.entries.isEmpty)
        #expect(manifest.references.map(\.digest) == ["{}", "base", "middle", "top", "base"].map(Json.digest))
    }

    @Test("that is an index lists its entries in document order", arguments: [MediaType.ociIndex, .dockerList])
    func index(type: MediaType) throws {
        let manifest = try Manifest(Json.index(type, entries: ["arm", "amd"]), contentType: type)
        #expect(manifest.mediaType == type)
        #expect(manifest.isIndex)
        #expect(manifest.config == nil)
        #expect(manifest.layers.isEmpty)
        #expect(manifest.entries.map(\.mediaType) == [.ociManifest, .ociManifest])
        #expect(manifest.references.map(\.digest) == ["arm", "amd"].map(Json.digest))
    }

    @Test("without layers or entries is still of its kind")
    func empty() throws {
        #expect(try Manifest(Json.image(layers: [])).references.map(\.digest) == [Json.digest("{}")])
        let index = try Manifest(Json.index(entries: []))
        #expect(index.isIndex)
        #expect(index.references.isEmpty)
    }

    @Test(
        "without mediaType is what the client says, or else what its shape says",
        arguments: [
            (Json.image(nil), MediaType?.none, MediaType.ociManifest), (Json.index(nil), nil, .ociIndex),
            (Json.image(nil), .dockerManifest, .dockerManifest), (Json.index(nil), .dockerList, .dockerList),
            (Json.image(.dockerManifest), nil, .dockerManifest), (Json.index(.dockerList), nil, .dockerList),
            (Json.image(MediaType("")), nil, .ociManifest), (Json.index(MediaType("")), .ociIndex, .ociIndex),
        ])
    func mediaType(text: String, contentType: MediaType?, expected: MediaType) throws {
        #expect(try Manifest(text, contentType: contentType).mediaType == expected)
    }

    @Test(
        "without mediaType tells what only the client said from what the bytes say",
        arguments: [
            (Json.image(nil), MediaType?.none, MediaType?.none), (Json.image(nil), .ociManifest, nil),
            (Json.image(nil), .dockerManifest, .dockerManifest), (Json.index(nil), .dockerList, .dockerList),
            (Json.image(nil), MediaType("application/vnd.foo"), MediaType("application/vnd.foo")),
            ("{}", .json, nil), ("{}", MediaType("x/y"), MediaType("x/y")), (Json.image(), .ociManifest, nil),
            (Json.image(nil), MediaType("text/html"), nil), (Json.image(nil), MediaType(""), nil),
            (Json.image(nil), .octetStream, nil),
            (Json.index(nil), MediaType("application/x-www-form-urlencoded"), nil),
            (Json.image(nil), MediaType("multipart/form-data; boundary=x"), nil),
            (Json.index(nil), MediaType("*/*"), nil),
            (Json.image(nil), .json, nil), (Json.index(nil), .json, nil),
        ])
    func pushedType(text: String, contentType: MediaType?, expected: MediaType?) throws {
        let manifest = try Manifest(text, contentType: contentType)
        #expect(manifest.pushedType == expected)
        #expect(manifest.isUntyped == (text != Json.image()))
        #expect(manifest.mediaType == expected ?? manifest.bodyType)
        let stored = try Manifest(stored: manifest.bytes, algorithm: .sha256)
        #expect(stored.mediaType == manifest.bodyType)
        #expect(stored.artifactType == manifest.artifactType)
        #expect(stored.pushedType == nil)
    }

    @Test("on the disk must have the shape of the type it names, and be unambiguous")
    func stored() {
        for text in [Json.image(.ociIndex), Json.image(more: #","Layers":[]"#), "[]", #"{"mediaType":"text/html"}"#] {
            #expect(throws: OCIError.self) { try Manifest(stored: Array(text.utf8), algorithm: .sha256) }
        }
    }

    @Test("reads platforms, and passes over one of which a part is missing")
    func platforms() throws {
        func platform(_ json: String) -> String {
            Json.descriptor(json, .ociManifest, more: #","platform":\#(json)"#)
        }
        let entries = [
            platform(#"{"os":"linux","architecture":"arm","variant":"v7"}"#),
            platform(#"{"os":"windows","architecture":"amd64","os.version":"10.0.17763.1"}"#),
            platform(#"{"os":"linux"}"#),
            platform(#"{"architecture":"arm","os":null}"#), platform("null"), platform("{}"),
        ]
        let text = #"{"schemaVersion":2,"manifests":[\#(entries.joined(separator: ","))]}"#
        let manifest = try Manifest(text)
        #expect(manifest.entries.map { $0.platform?.label } == ["linux/arm/v7", "windows/amd64", nil, nil, nil, nil])
        #expect(manifest.entries[1].platform?.osVersion == "10.0.17763.1")
    }

    @Test("about a subject names it, and does not count it among what it needs")
    func subject() throws {
        let about = #","subject":\#(Json.descriptor("subject", .ociManifest))"#
        for text in [Json.image(more: about), Json.index(more: about)] {
            let manifest = try Manifest(text)
            #expect(manifest.subject?.digest == Json.digest("subject"))
            #expect(manifest.subject?.mediaType == .ociManifest)
            #expect(!manifest.references.contains { $0.digest == Json.digest("subject") })
        }
        #expect(try Manifest(Json.image()).subject == nil)
    }

    @Test(
        "says its artifact type, or an image its config's",
        arguments: [
            (Json.image(more: #","artifactType":"application/sbom""#), "application/sbom"),
            (Json.image(), "application/vnd.oci.image.config.v1+json"), (Json.image(.dockerManifest), nil),
            (Json.index(), nil), (Json.index(more: #","artifactType":"x/y""#), "x/y"),
        ] as [(String, String?)])
    func artifactType(text: String, expected: String?) throws {
        #expect(try Manifest(text).artifactType == expected)
    }

    @Test("reads annotations, its own and a descriptor's")
    func annotations() throws {
        let note = #","annotations":{"k":"v","é":""}"#
        let manifest = try Manifest(
            #"{"schemaVersion":2,"manifests":[\#(Json.descriptor("a", .ociManifest, more: note))]\#(note)}"#)
        #expect(manifest.annotations == ["k": "v", "é": ""])
        #expect(manifest.entries.first?.annotations == ["k": "v", "é": ""])
        #expect(try Manifest(Json.image()).annotations.isEmpty)
    }

    @Test("of a type nobody knows keeps whatever descriptors it carries")
    func unknownType() throws {
        let type = MediaType("application/vnd.oci.artifact.manifest.v1+json")
        let manifest = try Manifest(
            #"{"mediaType":"\#(type)","blobs":[\#(Json.descriptor("x"))],"subject":\#(Json.descriptor("s"))}"#,
            contentType: type)
        #expect(manifest.mediaType == type)
        #expect(manifest.references.map(\.digest) == [Json.digest("x")])
        #expect(manifest.subject?.digest == Json.digest("s"))
        let list = try Manifest(#"{"mediaType":"x/y","manifests":[\#(Json.descriptor("m"))]}"#)
        #expect(list.isIndex)
        #expect(list.references.map(\.digest) == [Json.digest("m")])
    }
}
