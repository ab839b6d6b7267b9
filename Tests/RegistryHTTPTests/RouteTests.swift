import BriefText
import OCI
import RegistryCore
import Testing

@testable import RegistryHTTP

/// Every form of an address under `/v2/`, read from the end of its path.
@Suite struct RouteTests {
    static let hex = String(repeating: "ab", count: 32)
    static let id = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"

    /// What a path should be, with the texts of its parts.
    enum Form: Sendable {
        case base, catalog
        case tags(String)
        case tagged(String, in: String)
        case manifest(digest: String, in: String)
        case blob(String, in: String)
        case uploads(String)
        case upload(String)
        case referrers(String)

        func route() throws -> Route {
            switch self {
            case .base: .base
            case .catalog: .catalog
            case .tags(let name): .tags(try RepositoryName(name))
            case .tagged(let tag, let name): .manifest(.tag(try OCI.Tag(tag)), try RepositoryName(name))
            case .manifest(let digest, let name): .manifest(.digest(try Digest(digest)), try RepositoryName(name))
            case .blob(let digest, let name): .blob(try Digest(digest), try RepositoryName(name))
            case .uploads(let name): .uploads(try RepositoryName(name))
            case .upload(let name): .upload(try #require(UploadID(RouteTests.id)), try RepositoryName(name))
            case .referrers(let name): .referrers(try Digest("sha256:\(RouteTests.hex)"), try RepositoryName(name))
            }
        }
    }

    @Test(
        arguments: [
            ("/v2/", .base),
            ("/v2/_catalog", .catalog),
            ("/v2/app/tags/list", .tags("app")),
            ("/v2/a/b/c/tags/list", .tags("a/b/c")),
            ("/v2/app/manifests/latest", .tagged("latest", in: "app")),
            ("/v2/app/manifests/V1.0_x-y", .tagged("V1.0_x-y", in: "app")),
            ("/v2/app/manifests/sha256:\(hex)", .manifest(digest: "sha256:\(hex)", in: "app")),
            ("/v2/app/manifests/sha512:\(hex)\(hex)", .manifest(digest: "sha512:\(hex)\(hex)", in: "app")),
            ("/v2/app/blobs/sha256:\(hex)", .blob("sha256:\(hex)", in: "app")),
            ("/v2/app/blobs/uploads/", .uploads("app")),
            ("/v2/app/blobs/uploads/\(id)", .upload("app")),
            ("/v2/app/referrers/sha256:\(hex)", .referrers("app")),
            // The words of the routes are legal names.
            ("/v2/a/manifests/b/manifests/x", .tagged("x", in: "a/manifests/b")),
            ("/v2/a/manifests/b/tags/list", .tags("a/manifests/b")),
            ("/v2/a/manifests/tags/list", .tags("a/manifests")),
            ("/v2/manifests/manifests/manifests", .tagged("manifests", in: "manifests")),
            ("/v2/a/blobs/uploads/x/manifests/latest", .tagged("latest", in: "a/blobs/uploads/x")),
            ("/v2/a/blobs/uploads/manifests/latest", .tagged("latest", in: "a/blobs/uploads")),
            ("/v2/a/blobs/uploads/x/blobs/uploads/", .uploads("a/blobs/uploads/x")),
            ("/v2/tags/list/tags/list", .tags("tags/list")),
            ("/v2/tags/list/manifests/list", .tagged("list", in: "tags/list")),
            ("/v2/referrers/referrers/sha256:\(hex)", .referrers("referrers")),
            ("/v2/v2/v2/tags/list", .tags("v2/v2")),
            // Clients encode the colon of a digest, and may encode anything else.
            ("/v2/app/manifests/sha256%3A\(hex)", .manifest(digest: "sha256:\(hex)", in: "app")),
            ("/v2/app/blobs/sha256%3a\(hex)", .blob("sha256:\(hex)", in: "app")),
            ("/v2/app/referrers/sha256%3A\(hex)", .referrers("app")),
            ("/v2/%61pp/%74ags/list", .tags("app")),
            ("/v2/a%2fb%2Fc/tags/list", .tags("a/b/c")),
            ("%2Fv2%2Fapp%2Fblobs%2Fsha256%3A\(hex)", .blob("sha256:\(hex)", in: "app")),
            ("/%76%32/app/manifests/%6C%61%74est", .tagged("latest", in: "app")),
            ("/v2/a%2Fmanifests%2fb/manifests/x", .tagged("x", in: "a/manifests/b")),
            ("/v2/app/blobs/uploads%2F", .uploads("app")),
            ("/v2/%5Fcatalog", .catalog),
            ("/v2%2f", .base),
            ("/v2/app/blobs/%73ha256:\(hex.replacing("ab", with: "%61%62"))", .blob("sha256:\(hex)", in: "app")),
        ] as [(String, Form)])
    func aPathIsARoute(path: String, form: Form) throws {
        #expect(RouteMatch(encoded: path) == .route(try form.route()))
    }

    @Test(arguments: [
        ("/v2", "/v2/"), ("/v2/app/blobs/uploads", "/v2/app/blobs/uploads/"),
        ("/v2/a/b/blobs/uploads", "/v2/a/b/blobs/uploads/"),
    ])
    func aMissingSlashIsARedirect(path: String, target: String) {
        #expect(RouteMatch(encoded: path) == .redirect(target))
    }

    /// As distribution's router has it. The target begins with one slash, or it would name another host.
    @Test(
        arguments: [
            ("//v2/", "/v2/"), ("/v2//", "/v2/"), ("///v2///", "/v2/"), ("/v2//_catalog", "/v2/_catalog"),
            ("/v2/_catalog/", "/v2/_catalog"), ("/v2/app/tags/list/", "/v2/app/tags/list"),
            ("/v2//a//b/tags//list//", "/v2/a/b/tags/list"), ("/v2/a//b/manifests/x", "/v2/a/b/manifests/x"),
            ("/v2/a%2F%2fb/manifests/x", "/v2/a/b/manifests/x"), ("/v2/a/manifests/x/", "/v2/a/manifests/x"),
            ("/v2/a/blobs//uploads", "/v2/a/blobs/uploads/"), ("/v2/a//blobs/uploads/", "/v2/a/blobs/uploads/"),
            ("/v2/a/blobs/uploads/\(id)/", "/v2/a/blobs/uploads/\(id)"), ("//evil.example/v2/", ""),
            ("//a/tags/list", ""), ("/v2//A/tags/list", ""), ("/v2//../tags/list", ""), ("/v2/a//%2e%2e/tags/list", ""),
            ("/v2/a/manifests//", ""), ("/v2/\(String(repeating: "/", count: 5000))", ""),
        ].map { (Brief($0.0), $0.1) })
    func aSlashTooManyIsARedirectWhereTheRestIsARoute(brief: Brief<String>, target: String) {
        let path = brief.value
        if target.isEmpty {
            if case .redirect = RouteMatch(encoded: path) { Issue.record("\(path.prefix(60)) leads somewhere") }
        } else {
            #expect(RouteMatch(encoded: path) == .redirect(target))
        }
    }

    @Test(arguments: [
        "", "/", "*", "/v1/", "/v2x", "/v2x/", "v2/", "/V2/", "/v2/app", "/v2/app/tags", "/v2/app/tags/x",
        "/v2/x/_catalog", "/v2/app/manifests", "/v2/manifests/x", "/v2/app/Blobs/x",
        "/v2/app/blobs/uploads/\(id)/x", "http://host/v2/", "/v2/app/", "/health",
    ])
    func anythingElseIsUnknown(path: String) {
        #expect(RouteMatch(encoded: path) == .unknown)
    }
}

extension RouteMatch {
    /// Of a path as it stands in a request line.
    init(encoded path: String) { self = PercentEncoding.decodePath(path).map { RouteMatch(path: $0) } ?? .unknown }
}
