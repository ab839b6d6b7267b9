import Crypto
import Foundation
import OCI
import RegistryCore

/// What `_state` in an upload's `Location` says, signed as distribution signs it (`registry/handlers/hmac.go`), so that
/// another node with the same `http.secret`, ours or registry:2, can continue the upload.
struct UploadState: Equatable {
    var name: RepositoryName
    var id: UploadID
    var offset: Int64
    var started: Date

    /// base64url, padded, of HMAC-SHA256(secret, json) followed by json.
    func token(_ secret: SymmetricKey) -> String {
        let json =
            #"{"Name":"\#(name)","UUID":"\#(id)","Offset":\#(offset),"StartedAt":"\#(started.formatted(.iso8601))"}"#
        let code = HMAC<SHA256>.authenticationCode(for: Data(json.utf8), using: secret)
        return (Data(code) + Data(json.utf8)).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
    }

    /// Nil when it is not ours: another secret, cut, garbled.
    init?(token: String, secret: SymmetricKey) {
        let standard = token.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        guard let bytes = Data(base64Encoded: standard), bytes.count > SHA256.byteCount else { return nil }
        let json = Data(bytes.dropFirst(SHA256.byteCount))
        guard
            HMAC<SHA256>.isValidAuthenticationCode(bytes.prefix(SHA256.byteCount), authenticating: json, using: secret),
            let fields = try? JSONDecoder().decode(Fields.self, from: json),
            let name = try? RepositoryName(fields.Name), let id = UploadID(fields.UUID)
        else { return nil }
        self.name = name
        self.id = id
        offset = fields.Offset
        let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        started =
            (try? Date(fields.StartedAt, strategy: .iso8601)) ?? (try? Date(fields.StartedAt, strategy: fractional))
            ?? .distantPast
    }

    init(name: RepositoryName, status: UploadStatus) {
        self.name = name
        id = status.id
        offset = status.offset
        started = status.started
    }

    /// Go's names, for the other side is written in it.
    private struct Fields: Decodable {
        var Name: String
        var UUID: String
        var Offset: Int64
        var StartedAt: String
    }
}
