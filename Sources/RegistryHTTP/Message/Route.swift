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
        let parts = path.dropFirst(4).split(separator: "/", omittingEmptySubsequences: false)
        return match(parts[...], path)
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

    private static func match(_ parts: ArraySlice<Substring>, _ path: String) -> RouteMatch {
        switch parts.suffix(3) {
        case [""]: return .route(.base)
        case ["_catalog"]: return .route(.catalog)
        case let last where last.count >= 2 && last.suffix(2) == ["tags", "list"]:
            return named(parts.dropLast(2)) { .route(.tags($0)) }
        case let last where last.suffix(2) == ["blobs", "uploads"]:
            return named(parts.dropLast(2)) { _ in .redirect(path + "/") }
        case let last where last.prefix(2) == ["blobs", "uploads"]:
            guard let id = last.last, id != "" else { return named(parts.dropLast(3)) { .route(.uploads($0)) } }
            return named(parts.dropLast(3)) { name in
                guard let id = UploadID(id) else {
                    return .invalid(.blobUploadUnknown, message: "there is no upload of that name")
                }
                return .route(.upload(id, name))
            }
        default: break
        }
        guard parts.count >= 3, let last = parts.last else { return .unknown }
        let name = parts.dropLast(2)
        switch parts[parts.endIndex - 2] {
        case "manifests": return named(name) { manifest(last, $0) }
        case "blobs": return named(name) { digest(last, $0, Route.blob) }
        case "referrers": return named(name) { digest(last, $0, Route.referrers) }
        default: return .unknown
        }
    }

    private static func named(
        _ parts: ArraySlice<Substring>, _ make: (RepositoryName) -> RouteMatch
    ) -> RouteMatch {
        do throws(OCIError) {
            return make(try RepositoryName(requested: parts.joined(separator: "/")))
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
