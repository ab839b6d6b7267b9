import Foundation
import NIOCore
import NIOHTTP1
import OCI
import RegistryCore

/// The codes of distribution-spec, `spec.md`, "Error Codes", and distribution's own beside them
/// (`registry/api/errcode/register.go`).
enum ErrorCode: String, Sendable {
    case unknown = "UNKNOWN"
    case unsupported = "UNSUPPORTED"
    case denied = "DENIED"
    case unavailable = "UNAVAILABLE"
    case tooManyRequests = "TOOMANYREQUESTS"
    case digestInvalid = "DIGEST_INVALID"
    case sizeInvalid = "SIZE_INVALID"
    case rangeInvalid = "RANGE_INVALID"
    case nameInvalid = "NAME_INVALID"
    case nameUnknown = "NAME_UNKNOWN"
    case tagInvalid = "TAG_INVALID"
    case manifestUnknown = "MANIFEST_UNKNOWN"
    case manifestInvalid = "MANIFEST_INVALID"
    case manifestBlobUnknown = "MANIFEST_BLOB_UNKNOWN"
    case blobUnknown = "BLOB_UNKNOWN"
    case blobUploadUnknown = "BLOB_UPLOAD_UNKNOWN"
    case blobUploadInvalid = "BLOB_UPLOAD_INVALID"
    case paginationNumberInvalid = "PAGINATION_NUMBER_INVALID"

    var status: HTTPResponseStatus {
        switch self {
        case .unknown: .internalServerError
        case .unsupported: .methodNotAllowed
        case .denied: .forbidden
        case .unavailable: .serviceUnavailable
        case .tooManyRequests: .tooManyRequests
        case .digestInvalid, .sizeInvalid, .nameInvalid, .tagInvalid, .manifestInvalid, .manifestBlobUnknown,
            .paginationNumberInvalid:
            .badRequest
        case .rangeInvalid: .rangeNotSatisfiable
        case .nameUnknown, .manifestUnknown, .blobUnknown, .blobUploadUnknown, .blobUploadInvalid: .notFound
        }
    }
}

/// An answer that says no: a status, a code and one line for people.
struct ErrorAnswer: Error, Sendable {
    var status: HTTPResponseStatus
    var code: ErrorCode
    var message: String
    var detail: [String: String] = [:]
    var headers: HTTPHeaders = [:]

    init(
        _ code: ErrorCode, _ message: String, status: HTTPResponseStatus? = nil, detail: [String: String] = [:]
    ) {
        self.code = code
        self.message = message
        self.status = status ?? code.status
        self.detail = detail
    }

    /// The one place where an error of the core gets its status and its code.
    init(_ error: RegistryError) {
        let message = error.message
        switch error {
        case .denied: self.init(.denied, message)
        case .nameUnknown(let name): self.init(.nameUnknown, message, detail: ["name": name.text])
        case .nameNotConforming: self.init(.nameInvalid, message)
        case .manifestUnknown: self.init(.manifestUnknown, message)
        case .manifestInvalid: self.init(.manifestInvalid, message)
        case .manifestTooLarge: self.init(.manifestInvalid, message, status: .payloadTooLarge)
        case .manifestReferencesUnknown(let digests):
            self.init(.manifestBlobUnknown, message, detail: ["digest": digests.first?.description ?? ""])
        case .blobUnknown: self.init(.blobUnknown, message)
        case .digestMismatch(let expected, let actual):
            self.init(
                .digestInvalid, message, detail: ["expected": expected.description, "actual": actual.description])
        case .uploadUnknown: self.init(.blobUploadUnknown, message)
        case .tooManyUploads: self.init(.tooManyRequests, message)
        case .uploadConflict: self.init(.blobUploadInvalid, message)
        case .rangeOutOfOrder: self.init(.rangeInvalid, message)
        case .deletionDisabled, .readOnly: self.init(.unsupported, message)
        case .runUnknown: self.init(.unknown, message, status: .notFound)
        case .recordUnreadable, .planInvalid: self.init(.unknown, message)
        case .noRoomForQuarantine, .noRoom: self.init(.unknown, message, status: .insufficientStorage)
        case .tagConflict, .runEnded: self.init(.unknown, message, status: .conflict)
        case .sweepRunning, .notReconciled, .indexBehind, .notHeld, .notAlone, .otherWriters, .interrupted:
            self.init(.unavailable, message)
        case .storage where error.isOutOfSpace:
            self.init(.unknown, message, status: .insufficientStorage)
        case .storage, .index, .unexpected: self.init(.unknown, message)
        }
    }

    /// What is no HTTP, or more than is taken of it.
    init(_ error: HTTPParserError, _ limits: ConnectionLimits) {
        if error == .headerOverflow {
            self.init(
                .unknown,
                "at most \(limits.headersMax) headers of \(limits.headerBytesMax) bytes in all are taken here",
                status: .requestHeaderFieldsTooLarge)
        } else {
            self.init(.unknown, "the request is not HTTP as it should be: \(error)", status: .badRequest)
        }
    }

    /// The body of distribution-spec, "Error Codes", with the newline that Go's encoder ends with.
    var body: ByteBuffer {
        struct Body: Encodable {
            struct Item: Encodable {
                var code: String
                var message: String
                var detail: [String: String]?
            }
            var errors: [Item]
        }
        let item = Body.Item(code: code.rawValue, message: message, detail: detail.isEmpty ? nil : detail)
        return JSONBody.encode(Body(errors: [item]))
    }
}

/// JSON as the registry writes it: keys in a stable order, slashes as they are.
enum JSONBody {
    static func encode(_ value: some Encodable) -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings, numbers and arrays of them: encoding these cannot fail.
        var buffer = ByteBuffer(bytes: (try? encoder.encode(value)) ?? Data("{}".utf8))
        buffer.writeInteger(UInt8(ascii: "\n"))
        return buffer
    }
}
