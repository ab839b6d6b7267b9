import OCI

/// Descriptors and documents for the manifest tests, written as text, for the text is what is tested.
enum Json {
    static func digest(_ text: String) -> Digest { Digest.of(Array(text.utf8)) }

    static func descriptor(_ text: String, _ type: MediaType = .ociLayerGzip, more: String = "") -> String {
        #"{"mediaType":"\#(type)","digest":"\#(digest(text))","size":\#(text.utf8.count)\#(more)}"#
    }

    static func image(_ type: MediaType? = .ociManifest, layers: [String] = ["one", "two"], more: String = "") -> String
    {
        let named = type.map { #""mediaType":"\#($0)","# } ?? ""
        let list = layers.map { descriptor($0) }.joined(separator: ",")
        return #"{"schemaVersion":2,\#(named)"config":\#(descriptor("{}", .ociConfig)),"layers":[\#(list)]\#(more)}"#
    }

    static func index(_ type: MediaType? = .ociIndex, entries: [String] = ["a", "b"], more: String = "") -> String {
        let named = type.map { #""mediaType":"\#($0)","# } ?? ""
        let list = entries.map { descriptor($0, .ociManifest) }.joined(separator: ",")
        return #"{"schemaVersion":2,\#(named)"manifests":[\#(list)]\#(more)}"#
    }
}

extension Manifest {
    init(_ text: String, contentType: MediaType? = nil) throws(OCIError) {
        try self.init(bytes: Array(text.utf8), contentType: contentType)
    }
}
