import Crypto
import Foundation
import OCI
import RegistryCore
import Testing

@testable import RegistryHTTP

/// `_state`: read and written as distribution's `registry/handlers/hmac.go` does, and by nobody else.
@Suite struct UploadStateTests {
    static let secret = SymmetricKey(data: Data("harbour master".utf8))

    /// Made without our code:
    /// ```python
    /// j = b'{"Name":"team/app","UUID":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","Offset":1048576,'
    /// j += b'"StartedAt":"2026-11-23T20:15:30.123456789Z"}'
    /// base64.urlsafe_b64encode(hmac.new(b'harbour master', j, hashlib.sha256).digest() + j)
    /// ```
    static let foreign =
        "uiVz7yUwbS8nkkfQRUytO7eG7Rk6w5-ik4lxtx7ol0Z7Ik5hbWUiOiJ0ZWFtL2FwcCIsIlVVSUQiOiI2Zjk2MTlmZi04Yjg2LTRkMDEtYjQyZC"
        + "0wMGNmNGZjOTY0ZmYiLCJPZmZzZXQiOjEwNDg1NzYsIlN0YXJ0ZWRBdCI6IjIwMjYtMTEtMjNUMjA6MTU6MzAuMTIzNDU2Nzg5WiJ9"

    /// The same with `"Offset":0,"StartedAt":"2026-11-23T20:15:30Z"`, which is how we write a time.
    static let own =
        "Q3bmF5BUmVndFMcKQPaksBm18Wki8bW5AhmKA_TUcQ57Ik5hbWUiOiJ0ZWFtL2FwcCIsIlVVSUQiOiI2Zjk2MTlmZi04Yjg2LTRkMDEtYjQyZC"
        + "0wMGNmNGZjOTY0ZmYiLCJPZmZzZXQiOjAsIlN0YXJ0ZWRBdCI6IjIwMjYtMTEtMjNUMjA6MTU6MzBaIn0="

    /// 2026-11-23T20:15:30Z.
    static let started = Date(timeIntervalSince1970: 1_795_464_930)

    private func state(offset: Int64 = 0) throws -> UploadState {
        var state = try #require(UploadState(token: Self.foreign, secret: Self.secret))
        state.offset = offset
        state.started = Self.started
        return state
    }

    @Test func aStateThatDistributionSignedIsRead() throws {
        let state = try #require(UploadState(token: Self.foreign, secret: Self.secret))
        #expect(state.name == (try RepositoryName("team/app")))
        #expect(state.id.text == "6f9619ff-8b86-4d01-b42d-00cf4fc964ff")
        #expect(state.offset == 1_048_576)
        #expect(abs(state.started.timeIntervalSince(Self.started) - 0.123) < 0.001)
    }

    @Test func aStateIsWrittenByteForByte() throws {
        #expect(try state().token(Self.secret) == Self.own)
    }

    @Test(arguments: [0, 1, 1 << 40, Int64.max]) func whatIsWrittenIsRead(offset: Int64) throws {
        let state = try state(offset: offset)
        #expect(UploadState(token: state.token(Self.secret), secret: Self.secret) == state)
    }

    @Test(arguments: ["harbour", "harbour master ", "Harbour master"])
    func anotherSecretReadsNothing(secret: String) throws {
        let other = SymmetricKey(data: Data(secret.utf8))
        #expect(UploadState(token: try state().token(other), secret: Self.secret) == nil)
        #expect(UploadState(token: Self.own, secret: other) == nil)
    }

    /// At any place, in the code as in what it covers. The last character may hold unused bits, so it stays out.
    @Test func oneChangedCharacterIsAForgery() throws {
        let characters = Array(Self.foreign)
        for place in characters.indices {
            var forged = characters
            forged[place] = forged[place] == "A" ? "B" : "A"
            #expect(UploadState(token: String(forged), secret: Self.secret) == nil, "at \(place)")
        }
    }

    @Test func aCutStateIsNone() {
        for length in 0..<Self.own.count {
            #expect(UploadState(token: String(Self.own.prefix(length)), secret: Self.secret) == nil, "at \(length)")
        }
    }

    /// The code is right, what it covers is no state.
    @Test(arguments: [
        "", "{}", "null", "[]", "x", #"{"Name":"team/app","UUID":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff"}"#,
        #"{"Name":"../app","UUID":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","Offset":0,"StartedAt":""}"#,
        #"{"Name":"team/app","UUID":"../../x","Offset":0,"StartedAt":""}"#,
        #"{"Name":"team/app","UUID":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","Offset":1e99,"StartedAt":""}"#,
    ])
    func aSignedTextThatIsNoState(json: String) {
        let code = HMAC<SHA256>.authenticationCode(for: Data(json.utf8), using: Self.secret)
        let token = (Data(code) + Data(json.utf8)).base64EncodedString()
        #expect(UploadState(token: token, secret: Self.secret) == nil)
    }
}
