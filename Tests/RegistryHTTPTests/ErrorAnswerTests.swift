import Foundation
import NIOCore
import NIOHTTP1
import OCI
import RegistryCore
import RegistryStorage
import Testing

@testable import RegistryHTTP

/// Every error of the core has one status and one code of the specification.
@Suite struct ErrorAnswerTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var error: RegistryError
        var status: Int
        var code: String
        var detail: [String: String] = [:]

        init(_ error: RegistryError, _ status: Int, _ code: String, _ detail: [String: String] = [:]) {
            (self.error, self.status, self.code, self.detail) = (error, status, code, detail)
        }

        var testDescription: String { "\(error)" }
    }

    static func rows() throws -> [Row] {
        let name = try RepositoryName("team/app")
        let (one, two) = (Digest.of([1]), Digest.of([2]))
        let tag = Reference.tag(try OCI.Tag("v1"))
        return [
            Row(.nameUnknown(name), 404, "NAME_UNKNOWN", ["name": "team/app"]),
            Row(.manifestUnknown(tag, name), 404, "MANIFEST_UNKNOWN"),
            Row(.manifestInvalid(reason: "why"), 400, "MANIFEST_INVALID"),
            Row(.manifestTooLarge(limit: 10), 413, "MANIFEST_INVALID"),
            Row(.manifestReferencesUnknown([one, two]), 400, "MANIFEST_BLOB_UNKNOWN", ["digest": "\(one)"]),
            Row(.blobUnknown(one, name), 404, "BLOB_UNKNOWN"),
            Row(
                .digestMismatch(expected: one, actual: two), 400, "DIGEST_INVALID",
                ["expected": "\(one)", "actual": "\(two)"]),
            Row(.uploadUnknown(UploadID()), 404, "BLOB_UPLOAD_UNKNOWN"),
            Row(.uploadConflict(UploadID(), reason: "why"), 404, "BLOB_UPLOAD_INVALID"),
            Row(.rangeOutOfOrder(at: 5), 416, "RANGE_INVALID"),
            Row(.deletionDisabled, 405, "UNSUPPORTED"),
            Row(.readOnly, 405, "UNSUPPORTED"),
            Row(.sweepRunning, 503, "UNAVAILABLE"),
            Row(.notReconciled, 503, "UNAVAILABLE"),
            Row(.indexBehind, 503, "UNAVAILABLE"),
            Row(.storage(.system(operation: "write", path: .root, code: ENOSPC)), 507, "UNKNOWN"),
            Row(.noRoom(bytesFree: 31 << 20, bytesKept: 32 << 20), 507, "UNKNOWN"),
            Row(.storage(.system(operation: "read", path: .root, code: EIO)), 500, "UNKNOWN"),
            Row(.unexpected("a defect"), 500, "UNKNOWN"),
        ]
    }

    private struct Body: Decodable, Equatable {
        struct Item: Decodable, Equatable {
            var code: String
            var message: String
            var detail: [String: String]?
        }
        var errors: [Item]
    }

    @Test(arguments: try rows()) func anErrorOfTheCore(row: Row) throws {
        let answer = ErrorAnswer(row.error)
        #expect(Int(answer.status.code) == row.status)
        let text = String(buffer: answer.body)
        #expect(text.hasSuffix("}\n"))
        let item = Body.Item(
            code: row.code, message: row.error.message, detail: row.detail.isEmpty ? nil : row.detail)
        #expect(try JSONDecoder().decode(Body.self, from: Data(text.utf8)) == Body(errors: [item]))
    }

    /// The codes that the wire gives without the core (`registry/api/errcode/register.go`).
    @Test(
        arguments: [
            (.nameInvalid, 400), (.tagInvalid, 400), (.sizeInvalid, 400), (.digestInvalid, 400),
            (.paginationNumberInvalid, 400), (.blobUploadUnknown, 404), (.blobUploadInvalid, 404), (.rangeInvalid, 416),
            (.unsupported, 405), (.unavailable, 503), (.unknown, 500),
        ] as [(ErrorCode, UInt)])
    func aCodeOfTheWire(code: ErrorCode, status: UInt) {
        #expect(code.status.code == status)
    }

    /// A reader of lines sees one, whatever the message holds.
    @Test func theBodyIsOneLine() {
        let body = String(buffer: ErrorAnswer(.nameInvalid, "a\n\"b\"\u{1B}/").body)
        #expect(body == #"{"errors":[{"code":"NAME_INVALID","message":"a\n\"b\"\u001b/"}]}"# + "\n")
    }
}
