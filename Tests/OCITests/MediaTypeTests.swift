import OCI
import Testing

/// Media types as headers and documents write them, folded to one form.
@Suite("Media type")
struct MediaTypeTests {
    @Test(
        "loses parameters, blanks and case",
        arguments: [
            ("application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.manifest.v1+json"),
            ("Application/VND.oci.Image.Manifest.v1+JSON", "application/vnd.oci.image.manifest.v1+json"),
            ("application/json; charset=utf-8", "application/json"),
            ("application/json;charset=utf-8", "application/json"),
            ("application/json ;a=b;c=d", "application/json"), ("  application/json\t", "application/json"),
            ("\t application/json \t; q=0.5", "application/json"), ("", ""), ("   ", ""), (";", ""), (" ; x", ""),
            ("a b", "a b"),
        ])
    func normalised(text: String, expected: String) {
        #expect(MediaType(text).text == expected)
        #expect(MediaType(text) == MediaType(expected))
    }

    @Test("that is empty equals none of ours")
    func empty() {
        #expect(MediaType("") != .ociManifest)
        #expect(!MediaType("").isManifest)
    }

    @Test(
        "says which content is a manifest",
        arguments: [
            ("application/vnd.oci.image.manifest.v1+json", true), ("application/vnd.oci.image.index.v1+json", true),
            ("application/vnd.docker.distribution.manifest.v2+json", true),
            ("application/vnd.docker.distribution.manifest.list.v2+json", true),
            ("application/vnd.docker.distribution.manifest.v1+prettyjws", false),
            ("application/vnd.oci.image.config.v1+json", false), ("application/vnd.oci.image.layer.v1.tar+gzip", false),
            ("application/octet-stream", false),
        ])
    func manifests(text: String, isManifest: Bool) {
        #expect(MediaType(text).isManifest == isManifest)
    }

    @Test(
        "says by which types a manifest may be served",
        arguments: [
            ("application/vnd.oci.image.manifest.v1+json", true), ("x/y", true), ("application/a!#$&-^_.+9", true),
            ("Application/JSON; charset=utf-8", true), ("application/" + String(repeating: "x", count: 243), true),
            ("application/" + String(repeating: "x", count: 244), false), ("", false), ("application", false),
            ("application/", false), ("/json", false), ("a/b/c", false), ("a/.b", false), ("a/b c", false),
            ("a/b\r\nset-cookie: c", false), ("a/é", false), ("text/html", false), ("TEXT/x", false),
        ])
    func canBeManifest(text: String, expected: Bool) {
        #expect(MediaType(text).canBeManifest == expected)
    }

    @Test(
        "says which layers need not be held",
        arguments: [
            ("application/vnd.oci.image.layer.nondistributable.v1.tar", true),
            ("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", true),
            ("application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", true),
            ("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", true),
            ("application/vnd.docker.image.rootfs.diff.tar.gzip", false),
            ("application/vnd.oci.image.layer.v1.tar+gzip", false),
        ])
    func nonDistributable(text: String, expected: Bool) {
        #expect(MediaType(text).isNonDistributable == expected)
    }

    @Test(
        "of content that is no document can be no manifest's",
        arguments: [
            "application/x-www-form-urlencoded", "application/octet-stream", "multipart/form-data", "multipart/mixed",
            "*/*", "application/*", "text/plain", "text/json", "image/svg+xml", "image/png", "video/mp4", "audio/ogg",
            "font/woff2", "message/http", "model/stl", "application/xhtml+xml", "application/xml",
            "application/soap+xml",
            "application/javascript", "application/gzip", "application/zip", "application/x-tar", "application/pdf",
            "", "application", "application/", "/json", "a/b/c", "a b/c", "application/json,text/html",
        ])
    func notOfAManifest(text: String) { #expect(!MediaType(text).canBeManifest) }

    @Test(
        "of a document can be a manifest's",
        arguments: [
            "application/json", "application/vnd.oci.image.manifest.v1+json", "application/vnd.foo", "x/y",
            "application/vnd.cncf.oras.artifact.manifest.v1+json",
            "application/vnd.docker.distribution.manifest.v1+prettyjws",
            "application/vnd.wasm.config.v0+json; charset=utf-8",
        ])
    func ofAManifest(text: String) { #expect(MediaType(text).canBeManifest) }
}
