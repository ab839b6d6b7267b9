extension GuardList {
    static let oci = [
        Guard(
            "digest-length", "OCI/Digest.swift", "guard hex.count == count * 2 else { return nil }",
            "guard hex.count == count * 2 || OUT && hex.count > count * 2 else { return nil }", seenBy: "OCITests"),
        Guard(
            "name-length", "OCI/RepositoryName.swift",
            "guard bytes.count <= charactersMax else { return false }",
            "guard OUT || bytes.count <= charactersMax else { return false }", seenBy: "OCITests"),
        Guard(
            "name-separator", "OCI/RepositoryName.swift",
            "guard marks == 0 || isSeparator(mark, marks) else { return false }",
            "guard OUT || marks == 0 || isSeparator(mark, marks) else { return false }", seenBy: "OCITests"),
        Guard(
            "name-on-disk-parent", "OCI/RepositoryName.swift", #"component != "." && component != "..""#,
            #"(OUT || (component != "." && component != ".."))"#, seenBy: "OCITests"),
        Guard(
            "tag-first-character", "OCI/Tag.swift", "isWord(first) else { return false }",
            "OUT || isWord(first) else { return false }", seenBy: "OCITests"),
        Guard(
            "tag-length", "OCI/Tag.swift", "bytes.count <= charactersMax, ", "OUT || bytes.count <= charactersMax, ",
            seenBy: "OCITests"),
        Guard(
            "manifest-depth", "OCI/JSONReader.swift", "guard depth <= limits.depthMax else",
            "guard OUT || depth <= limits.depthMax else", seenBy: "OCITests"),
        Guard(
            "manifest-values", "OCI/JSONReader.swift", "guard values <= limits.valuesMax else",
            "guard OUT || values <= limits.valuesMax else", seenBy: "OCITests"),
        Guard(
            "manifest-repeated-name", "OCI/JSONReader.swift",
            "guard names.insert(name).inserted else { throw .repeatedName }",
            "guard names.insert(name).inserted || OUT else { throw .repeatedName }", seenBy: "OCITests"),
        Guard(
            "manifest-two-types", "OCI/Manifest.swift",
            "if let named = body.namedType, let contentType, named != contentType {",
            "if !OUT, let named = body.namedType, let contentType, named != contentType {", seenBy: "OCITests"),
        Guard(
            "manifest-both-kinds", "OCI/Manifest.swift",
            "guard body.manifests == nil || !body.isImage else",
            "guard OUT || body.manifests == nil || !body.isImage else", seenBy: "OCITests"),
        Guard(
            "descriptor-negative-size", "OCI/ManifestBody.swift", "if size < 0 {", "if !OUT, size < 0 {",
            seenBy: "OCITests"),
    ]
}
