import Crypto
import Logging
import NIOCore
import NIOHTTP1
import OCI
import RegistryCore

/// Answers requests: parses, calls one verb of the registry, renders one value. Knows no sockets.
struct RequestHandler: Sendable {
    let registry: Registry
    /// What each client may do.
    let decision: any AccessDecision
    /// Signs upload sessions; the same on every node that shares the tree.
    let secret: SymmetricKey
    let addressing: Addressing
    let limits: ConnectionLimits
    /// Of reading manifests into what they reference.
    let work: MemoryBudget
    /// Told of what failed on our side.
    let logger: Logger

    /// Who asks with a request, and what they may do: the one place where the wire says so. Costs no memory of its own.
    func access(_ request: Request) -> Access { Access(request.client, decision) }

    /// The answer when it can be given without waiting, so that it is given on the event loop; nil when it cannot.
    func answerNow(_ request: Request, _ match: RouteMatch) -> Response? {
        if let fault = request.fault { return Response(ErrorAnswer(.unknown, fault, status: .badRequest)) }
        switch match {
        case .redirect(let target):
            // Only a slash is missing, or too many. A method with a body is repeated only by 308, but 301 is what
            // distribution gives.
            let query = request.queryText.map { "?\($0)" } ?? ""
            return Response(.movedPermanently, ["Location": "\(addressing.prefix)\(target)\(query)"])
        case .unknown:
            if request.path == "/" { return Response(.ok, ["Cache-Control": "no-cache"]) }
            return Response(
                .notFound, ["Content-Type": "text/plain; charset=utf-8"],
                body: .bytes(.init(string: "404 page not found\n")))
        case .invalid(let code, let message):
            let answer = ErrorAnswer(code, message)
            note(answer, request)
            return Response(answer)
        case .route(let route):
            if request.method == .OPTIONS { return Response(.ok, ["Allow": Self.list(methods(route))]) }
            guard route.methods.contains(request.method) else {
                var error = ErrorAnswer(.unsupported, "\(request.method) is not for this address")
                error.headers.add(name: "Allow", value: Self.list(methods(route)))
                return Response(error)
            }
            guard request.method == .GET || request.method == .HEAD else { return nil }
            do throws(RegistryError) {
                switch route {
                case .base:
                    return Response(
                        .ok, ["Content-Type": "application/json"], body: .bytes(.init(string: "{}")))
                case .manifest(let reference, let name): return try manifestNow(reference, name, request)
                case .blob(let digest, let name): return try blobNow(digest, name, request)
                case .catalog, .tags, .uploads, .upload, .referrers: return nil
                }
            } catch {
                // What failed here is asked for once more off the event loop, which must not wait for the log.
                return ErrorAnswer(error).isOurFault ? nil : refuse(error, request)
            }
        }
    }

    /// The answer to a request that `answerNow` had none for. Takes as much of the body as it needs.
    ///
    /// - Parameter holding: what the request takes of the memory of all; the answer's body is covered by it.
    func answer(_ request: Request, _ route: Route, _ body: RequestBody?, _ holding: Holding) async -> Response {
        do {
            switch (route, request.method) {
            case (.catalog, _): return try await catalog(request, holding)
            case (.tags(let name), _): return try await tags(name, request, holding)
            case (.referrers(let digest, let name), _): return try await referrers(digest, name, request, holding)
            case (.manifest(let reference, let name), .PUT):
                return try await putManifest(reference, name, request, body, holding)
            case (.manifest(let reference, let name), .DELETE):
                return try await deleteManifest(reference, name, request)
            case (.manifest(let reference, let name), _): return try await manifest(reference, name, request, holding)
            case (.blob(let digest, let name), .DELETE): return try await deleteBlob(digest, name, request)
            case (.blob(let digest, let name), _): return try await blob(digest, name, request)
            case (.uploads(let name), _): return try await startUpload(name, request, body)
            case (.upload(let id, let name), .PATCH): return try await appendUpload(id, name, request, body)
            case (.upload(let id, let name), .PUT): return try await finishUpload(id, name, request, body)
            case (.upload(let id, let name), .DELETE): return try await cancelUpload(id, name, request)
            case (.upload(let id, let name), _): return try await uploadStatus(id, name, request)
            case (.base, _): return Response(.ok)
            }
        } catch let error as RegistryError {
            return refuse(error, request)
        } catch let error as ErrorAnswer {
            note(error, request)
            return Response(error)
        } catch RequestBody.Interruption.timedOut {
            let seconds = Int(limits.bodySecondsMax)
            return Response(
                ErrorAnswer(.unknown, "nothing of the body came for \(seconds) seconds", status: .requestTimeout))
        } catch  where error is MemoryBudget.Exhausted || error as? RequestBody.Interruption == .displaced {
            var answer = ErrorAnswer(.unavailable, "the registry is short of memory for its clients; try again")
            answer.headers.add(name: "Retry-After", value: String(Self.secondsRetry))
            note(answer, request)
            return Response(answer)
        } catch  where error is RequestBody.Interruption || error is CancellationError {
            // Nobody is there to read the answer.
            return Response(ErrorAnswer(.unknown, "the request's body broke off", status: .badRequest))
        } catch {
            return refuse(.unexpected("\(error)"), request)
        }
    }

    /// Until a client that found no room may come again.
    private static let secondsRetry = 5

    private func refuse(_ error: RegistryError, _ request: Request) -> Response {
        var answer = ErrorAnswer(error)
        if request.isHead, answer.status == .notFound,
            case .route(.manifest(let reference, let name)) = RouteMatch(path: request.path)
        {
            registry.publish(.manifestMissed(name, reference), by: request.client)
        }
        if answer.status == .methodNotAllowed, case .route(let route) = RouteMatch(path: request.path) {
            answer.headers.add(name: "Allow", value: Self.list(methods(route)))
        }
        note(answer, request)
        return Response(answer)
    }

    /// The methods that an address has at present.
    private func methods(_ route: Route) -> [HTTPMethod] {
        let settings = registry.configuration
        return route.methods.filter { method in
            switch method {
            case .GET, .HEAD: true
            // What ends an upload deletes nothing.
            case .DELETE where !route.isUpload: settings.deletionEnabled && !settings.readOnly
            default: !settings.readOnly
            }
        }
    }

    /// Refusals that a person watching wants to see. That something is not there is a good answer to a HEAD.
    private func note(_ error: ErrorAnswer, _ request: Request) {
        if error.isOurFault { logger.failed(request, error.message, status: error.status) }
        guard error.isOurFault || !request.isHead || error.status != .notFound else { return }
        var name: RepositoryName?
        if case .route(let route) = RouteMatch(path: request.path) { name = route.name }
        registry.publish(
            .refused(name, code: error.code.rawValue, message: error.message), by: request.client)
    }

    private static func list(_ methods: [HTTPMethod]) -> String {
        methods.map(\.rawValue).joined(separator: ", ")
    }

    /// An address for `Location`: absolute, as distribution gives it, unless relative ones were asked for.
    func location(_ path: String, _ request: Request) -> String {
        let local = addressing.prefix + path
        if addressing.isRelative { return local }
        // A URL of the configuration with a path of its own says where we are; else that is below the prefix.
        if let url = addressing.publicURL { return url.path.isEmpty ? "\(url)\(local)" : "\(url)\(path)" }
        return request.base.map { "\($0)\(local)" } ?? local
    }
}

extension Route {
    /// In the order of `Allow`.
    var methods: [HTTPMethod] {
        switch self {
        case .base, .catalog, .tags, .referrers: [.GET, .HEAD]
        case .manifest: [.GET, .HEAD, .PUT, .DELETE]
        case .blob: [.GET, .HEAD, .DELETE]
        case .uploads: [.POST]
        case .upload: [.GET, .HEAD, .PATCH, .PUT, .DELETE]
        }
    }

    var isUpload: Bool { if case .upload = self { true } else { false } }

    var name: RepositoryName? {
        switch self {
        case .base, .catalog: nil
        case .tags(let name), .manifest(_, let name), .blob(_, let name), .uploads(let name), .upload(_, let name),
            .referrers(_, let name):
            name
        }
    }
}
