import OCI
import RegistryCore

/// What a request under `/v2/` is about, read from its path.
///
/// The path is read from its end, for `a/manifests/b` is a legal repository name (distribution-spec, `spec.md`,
/// "Endpoints").
enum Route: Equatable {
    case base
    case catalog
    case tags(RepositoryName)
    case manifest(Reference, RepositoryName)
    case blob(Digest, RepositoryName)
    case uploads(RepositoryName)
    case upload(UploadID, RepositoryName)
    case referrers(Digest, RepositoryName)
}

/// Why a path is no route, or which one it is.
enum RouteMatch: Equatable {
    case route(Route)
    /// Not under `/v2/`, or under it and of no known form.
    case unknown
    /// A form we know without its slash, or with one too many; the target path.
    case redirect(String)
    case invalid(ErrorCode, message: String)

    /// - Parameter path: without its query, decoded. It is not decoded again.
    init(path: String) {
        let match = RouteMatch.read(path)
        if case .route = match { self = match } else { self = RouteMatch.tidied(path) ?? match }
    }

    private static func read(_ path: String) -> RouteMatch {
        guard path.hasPrefix("/v2/") else { return path == "/v2" ? .redirect("/v2/") : .unknown }
        // By bytes: each request comes here.
        let parts = path.utf8.dropFirst(4).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return match(parts.map { Substring($0) }, path)
    }

    /// Where a path leads that has slashes too many, inside or at its end: distribution's router redirects those too. Nil
    /// where it leads nowhere. What is left has the letters of names alone, and begins with one slash: no other host.
    private static func tidied(_ path: String) -> RouteMatch? {
        guard path.hasPrefix("/"), path.utf8.count <= pathBytesMax, path.hasSuffix("/") || path.contains("//") else {
            return nil
        }
        let bare = "/" + path.split(separator: "/").joined(separator: "/")
        for target in [bare, bare + "/"] where target != path {
            if case .route = read(target) { return .redirect(target) }
        }
        return nil
    }

    /// Bytes of a path that is looked at twice: longer than the longest of ours with slashes to spare.
    private static let pathBytesMax = 1024

    private static func match(_ parts: [Substring], _ path: String) -> RouteMatch {
        let (last, rest) = (parts[parts.count - 1], parts.dropLast())
        guard let before = rest.last else {
            return last.isEmpty ? .route(.base) : last == "_catalog" ? .route(.catalog) : .unknown
        }
        let above = rest.dropLast()
        switch (before, last) {
        case ("tags", "list"): return named(above) { .route(.tags($0)) }
        case ("blobs", "uploads"): return named(above) { _ in .redirect(path + "/") }
        case ("uploads", let id) where above.last == "blobs":
            guard !id.isEmpty else { return named(above.dropLast()) { .route(.uploads($0)) } }
            return named(above.dropLast()) { name in
                guard let id = UploadID(id) else {
                    return .invalid(.blobUploadUnknown, message: "there is no upload of that name")
                }
                return .route(.upload(id, name))
            }
        default: break
        }
        guard !above.isEmpty else { return .unknown }
        switch before {
        case "manifests": return named(above) { manifest(last, $0) }
        case "blobs": return named(above) { digest(last, $0, Route.blob) }
        case "referrers": return named(above) { digest(last, $0, Route.referrers) }
        default: return .unknown
        }
    }

    private static func named(
        _ parts: ArraySlice<Substring>, _ make: (RepositoryName) -> RouteMatch
    ) -> RouteMatch {
        do throws(OCIError) {
            guard let first = parts.first, let last = parts.last else { return make(try RepositoryName(requested: "")) }
            return make(try RepositoryName(requested: first.base[first.startIndex..<last.endIndex]))
        } catch {
            return .invalid(.nameInvalid, message: error.description)
        }
    }

    private static func manifest(_ text: Substring, _ name: RepositoryName) -> RouteMatch {
        do throws(OCIError) {
            return .route(.manifest(try Reference(text), name))
        } catch {
            if case .invalidDigest = error { return .invalid(.digestInvalid, message: error.description) }
            return .invalid(.tagInvalid, message: error.description)
        }
    }

    private static func digest(
        _ text: Substring, _ name: RepositoryName, _ make: (Digest, RepositoryName) -> Route
    ) -> RouteMatch {
        do throws(OCIError) {
            return .route(make(try Digest(text), name))
        } catch {
            return .invalid(.digestInvalid, message: error.description)
        }
    }
}
