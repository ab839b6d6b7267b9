import ImageBuilder
import NIOHTTP1
import OCI
import RegistryCore
import RegistryHTTP
import Testing

/// What is not allowed, over the wire.
@Suite struct DeniedTests {
    private static let image = Result { try SampleImage(layers: [[1], [2]]) }

    /// Two repositories with the same image, and a client that may do what the rules say.
    private static func open(
        _ rules: [AccessRules.Rule], _ medium: Medium = .fileSystem, _ body: (Harbour, SampleImage) async throws -> Void
    ) async throws {
        let image = try Self.image.get()
        try await Harbour.open(medium, server: { $0.decision = AccessRules(rules) }) { harbour in
            for name in ["team/app", "closed/app"] {
                try await harbour.registry.push(image, to: try RepositoryName(name), tag: try OCI.Tag("v1"))
            }
            try await body(harbour, image)
        }
    }

    /// Every address of a repository with every method that it has.
    private static func requests(_ name: String, _ image: SampleImage) -> [(method: String, target: String)] {
        let (manifest, blob) = (image.manifest.digest, image.blobs[0].digest)
        var requests: [(String, String)] = []
        for target in ["manifests/v1", "manifests/\(manifest)"] {
            for method in ["GET", "HEAD", "PUT", "DELETE"] { requests.append((method, "/v2/\(name)/\(target)")) }
        }
        for method in ["GET", "HEAD", "DELETE"] { requests.append((method, "/v2/\(name)/blobs/\(blob)")) }
        for query in ["", "?digest=\(blob)", "?mount=\(blob)&from=team/app", "?mount=\(blob)"] {
            requests.append(("POST", "/v2/\(name)/blobs/uploads/\(query)"))
        }
        for method in ["GET", "HEAD"] {
            requests.append((method, "/v2/\(name)/tags/list"))
            requests.append((method, "/v2/\(name)/tags/list?n=1"))
            requests.append((method, "/v2/\(name)/referrers/\(manifest)"))
        }
        return requests
    }

    /// Whatever is there, the answer is the same but for the name that was asked for.
    @Test(arguments: [Medium.memory, .fileSystem])
    func aRepositoryThatIsClosedLooksLikeOneThatIsNotThere(medium: Medium) async throws {
        try await Self.open([.init(Set(Access.Action.allCases), "team/*")], medium) { harbour, image in
            // What is in memory is answered on the event loop.
            _ = try await harbour.exchange("GET", "/v2/team/app/manifests/v1")
            for (method, target) in Self.requests("NAME", image) {
                var answers: [String] = []
                for name in ["closed/app", "closed/non"] {
                    let answer = try await harbour.exchange(
                        method, target.replacing("NAME", with: name), body: method == "PUT" ? image.manifest.bytes : nil
                    )
                    #expect(answer.status == 403, "\(method) \(target) of \(name)")
                    if method != "HEAD" { #expect(answer.text.contains(#""code":"DENIED""#)) }
                    var headers = answer.headers
                    headers.remove(name: "date")
                    answers.append("\(headers) \(answer.text.replacing(name, with: "NAME"))")
                }
                #expect(answers[0] == answers[1], "\(method) \(target)")
            }
        }
    }

    @Test func whatIsAllowedIsAnsweredAsEver() async throws {
        try await Self.open([.init([.pull], "team/*")]) { harbour, image in
            let asked = [
                ("GET", "manifests/v1", 200), ("GET", "manifests/v1", 200),
                ("HEAD", "blobs/\(image.blobs[0].digest)", 200), ("GET", "manifests/none", 404),
                ("DELETE", "manifests/v1", 403), ("POST", "blobs/uploads/", 403),
            ]
            for (method, target, status) in asked {
                let answer = try await harbour.exchange(method, "/v2/team/app/\(target)")
                #expect(answer.status == status, "\(method) \(target)")
            }
        }
    }

    /// Clients that are refused a mount give up the push; from one that is not there they go on and upload.
    @Test func aMountFromAClosedSourceBeginsAnUpload() async throws {
        let rules = [AccessRules.Rule([.push, .pull], "mine/*"), .init([.pull], "team/*")]
        try await Self.open(rules) { harbour, image in
            let (first, second) = (image.blobs[0].digest, image.blobs[1].digest)
            for (query, status) in [
                ("mount=\(first)&from=closed/app", 202), ("mount=\(first)&from=closed/none", 202),
                ("mount=\(first)&from=team/app", 201), ("mount=\(second)", 201),
            ] {
                let answer = try await harbour.exchange("POST", "/v2/mine/app/blobs/uploads/?\(query)")
                #expect(answer.status == status, "\(query)")
                #expect(answer.header("location") != nil)
            }
        }
    }

    /// An upload that somebody else has begun is not gone on with, asked for or ended.
    @Test(arguments: ["GET", "PATCH", "PUT", "DELETE"]) func anUploadIsForWhoMayPush(method: String) async throws {
        try await Self.open([.init([.pull], "team/*")]) { harbour, image in
            let name = try RepositoryName("team/app")
            let upload = try await harbour.registry.startUpload(in: name, by: .test).id
            let answer = try await harbour.exchange(
                method, "/v2/team/app/blobs/uploads/\(upload)?digest=\(image.blobs[0].digest)", body: [1])
            #expect(answer.status == 403)
            #expect(try await harbour.registry.uploadStatus(upload, in: name, by: .test).offset == 0)
        }
    }

    /// Over many names, in pages of every size, what comes is what may be listed, and no page says more.
    @Test(arguments: [1, 2, 100]) func theCatalogueHasWhatMayBeListed(size: Int) async throws {
        try await Harbour.open(.memory, server: { $0.decision = EveryThird() }) { harbour in
            var names: [String] = []
            for number in 0..<70 {
                let name = try RepositoryName("n\(number % 7)/r\(number)")
                try await harbour.registry.push(blob: .init([1]), to: name)
                names.append(name.text)
            }
            names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            let shown = try names.filter { EveryThird.isShown(try RepositoryName($0)) }
            #expect(shown.count > 10 && shown.count < 60)
            var (found, next): ([String], String?) = ([], "/v2/_catalog?n=\(size)")
            while let target = next {
                let answer = try await harbour.exchange("GET", target)
                let page = answer.text.matches(of: /n\d\/r\d+/).map { String($0.output) }
                next = answer.header("link")?.firstMatch(of: /<(.*)>/).map { String($0.1) }
                // Full but for the last, which has no link.
                #expect(page.count == size || next == nil)
                if let next { #expect(next.contains("last=\(page[page.count - 1].replacing("/", with: "%2F"))&")) }
                found += page
            }
            #expect(found == shown)
        }
    }

    private struct EveryThird: AccessDecision {
        static func isShown(_ name: RepositoryName) -> Bool {
            name.text.utf8.reduce(0) { $0 + Int($1) }.isMultiple(of: 3)
        }

        func allows(_ action: Access.Action, _ repository: RepositoryName?, _ tag: OCI.Tag?, for client: Client) -> Bool
        {
            repository.map(Self.isShown) ?? false
        }
    }
}
