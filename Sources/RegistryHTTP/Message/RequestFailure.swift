import Glibc
import Logging
import NIOCore
import NIOHTTP1
import RegistryCore

extension ErrorAnswer {
    /// The client asked for nothing wrong: what failed is on our side, and its cause belongs into the log.
    var isOurFault: Bool { status.code >= 500 }
}

extension Logger {
    /// Characters of a client's text that a line repeats.
    private static let charactersMax = 512

    /// One line for a request that failed by no fault of the client, with what somebody needs to find out why.
    ///
    /// - Parameter status: nil where the answer had begun, so that it could only be cut off.
    func failed(_ request: Request, _ cause: String, status: HTTPResponseStatus?) {
        error(
            status == nil ? "an answer was cut off" : "a request failed",
            metadata: [
                "method": "\(request.method.rawValue)", "path": "\(request.uri.prefix(Self.charactersMax))",
                "status": "\(status.map { "\($0.code)" } ?? "none")", "client": "\(request.client.address)",
                "agent": "\(request.client.userAgent.prefix(Self.charactersMax))", "error": "\(cause)",
            ])
    }
}

/// A file that became shorter than it was when it was opened: the length that the answer's head promised cannot be kept.
struct ShortBlob: Error, CustomStringConvertible {
    /// The byte that was to be sent next.
    let offset: Int64

    var description: String { "the blob's file ends before byte \(offset), and was longer when it was opened" }
}

/// Why an answer that had begun could not be ended, where that was not the client's leaving.
enum AnswerFault {
    /// What a socket says when its other end is gone, or the way to it.
    private static let partings: Set<CInt> = [
        EPIPE, ECONNRESET, ECONNABORTED, ETIMEDOUT, ENOTCONN, ESHUTDOWN, EHOSTUNREACH, ENETUNREACH, ENETDOWN, ENETRESET,
    ]

    /// Half a sentence; nil when the client, or what is between us, ended the connection.
    static func cause(_ error: any Error) -> String? {
        switch error {
        case let error as ShortBlob: "\(error)"
        case let error as RegistryError: error.message
        case let error as IOError: partings.contains(error.errnoCode) ? nil : "\(error)"
        case let error as HTTPParserError: "its head cannot be sent: \(error)"
        default: nil
        }
    }
}
