/// Where in the tree a path of a recorded disk is, with what is different from one to the next left out.
enum PowerPlace {
    /// `blobs/<alg>/<xx>` for the directory of all blobs of that beginning; the bytes of a file end in `: bytes`.
    static func name(of path: String) -> String {
        var parts = path.split(separator: "/").map(String.init)[...]
        guard parts.popFirst() == "data" else { return path.isEmpty ? "above the root" : path }
        guard let first = parts.first else { return "the root" }
        if first == "docker" { return tree(parts) }
        // berth/trash/<run>/… and berth/quarantine/<time>/… hold trees.
        guard parts.count > 2 else { return parts.joined(separator: "/") }
        let (kind, rest) = (parts[parts.startIndex + 1], parts.dropFirst(3))
        let run = kind == "trash" ? "<run>" : "<time>"
        if rest.isEmpty { return "berth/\(kind)/\(run)" }
        if rest.first == "docker" { return "berth/\(kind)/\(run)/…/\(tree(rest))" }
        return "berth/\(kind)/\(run)/\(file(rest.joined(separator: "/")))"
    }

    private static func tree(_ parts: ArraySlice<String>) -> String {
        guard parts.count > 3 else { return parts.joined(separator: "/") }
        let rest = Array(parts.dropFirst(3))
        if rest[0] == "blobs" {
            return (["blobs", "<alg>", "<xx>", "<hex>"].prefix(rest.count) + rest.dropFirst(4).map(file))
                .joined(separator: "/")
        }
        guard let part = rest.firstIndex(where: { $0.hasPrefix("_") }) else {
            return rest.count == 1 ? "repositories" : "<name>"
        }
        var pattern: [String] = []
        let inner = Array(rest[part...])
        switch inner.dropFirst().first {
        case _ where inner[0] == "_layers": pattern = ["_layers", "<alg>", "<hex>"]
        case _ where inner[0] == "_uploads": pattern = ["_uploads", "<id>"]
        case "tags" where inner.count > 3 && inner[3] == "index":
            pattern = ["_manifests", "tags", "<tag>", "index", "<alg>", "<hex>"]
        case "tags": pattern = ["_manifests", "tags", "<tag>", "current"]
        case "revisions": pattern = ["_manifests", "revisions", "<alg>", "<hex>"]
        default: pattern = ["_manifests"]
        }
        return (pattern.prefix(inner.count) + inner.dropFirst(pattern.count).map(file)).joined(separator: "/")
    }

    private static func file(_ name: String) -> String {
        let parts = name.split(separator: ".")
        return name.hasSuffix(".tmp") ? "\(parts[0]): bytes" : "\(name): bytes"
    }
}
