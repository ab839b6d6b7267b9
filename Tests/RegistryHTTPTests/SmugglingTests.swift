import RegistryCore
import RegistryHTTP
import Testing

/// Requests that two programs in a row could read in two ways: each is refused, and what is hidden in it is never answered.
@Suite(.timeLimit(.minutes(1))) struct SmugglingTests {
    private static let hidden = "GET /v2/_catalog HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let post = "POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: a\r\n"

    @Test(
        arguments: [
            (
                "Content-Length and Transfer-Encoding",
                "\(post)Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            ),
            (
                "Transfer-Encoding and Content-Length",
                "\(post)Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"
            ),
            ("two lengths that differ", "\(post)Content-Length: 0\r\nContent-Length: 5\r\n\r\n"),
            ("two lengths that agree", "\(post)Content-Length: 0\r\nContent-Length: 0\r\n\r\n"),
            ("a list of lengths", "\(post)Content-Length: 0, 5\r\n\r\n"),
            ("a length with a sign", "\(post)Content-Length: +0\r\n\r\n"),
            ("a length that is negative", "\(post)Content-Length: -1\r\n\r\n"),
            ("a length in hexadecimal", "\(post)Content-Length: 0x0\r\n\r\n"),
            ("a length that no integer holds", "\(post)Content-Length: 99999999999999999999\r\n\r\n"),
            ("an unknown coding", "\(post)Transfer-Encoding: xchunked\r\n\r\n"),
            ("two codings", "\(post)Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
            ("chunked twice", "\(post)Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            ("chunked, then not", "\(post)Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
            ("a folded header", "\(post)X-A: b\r\n c\r\nContent-Length: 0\r\n\r\n"),
            ("a folded length", "\(post)Content-Length:\r\n 0\r\n\r\n"),
            ("a blank before the colon", "\(post)Content-Length : 0\r\n\r\n"),
            ("a NUL in a header", "\(post)X-A: b\u{0}c\r\n\r\n"),
            ("a carriage return alone", "\(post)X-A: b\rContent-Length: 0\r\n\r\n"),
            ("a header without a name", "\(post): b\r\n\r\n"),
            ("no host", "POST /v2/a/blobs/uploads/ HTTP/1.1\r\nContent-Length: 0\r\n\r\n"),
            ("two hosts", "\(post)Host: b\r\nContent-Length: 0\r\n\r\n"),
            ("a chunk whose length is none", "\(post)Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n0\r\n\r\n"),
            ("a chunk whose length overflows", "\(post)Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n"),
            ("a chunk longer than it says", "\(post)Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n"),
            ("a blank in the target", "GET /v2/ x HTTP/1.1\r\nHost: a\r\n\r\n"),
            ("another protocol", "GET /v2/ HTTQ/1.1\r\nHost: a\r\n\r\n"),
            ("HTTP/0.9", "GET /v2/\r\n\r\n"),
        ])
    func whatCouldBeReadInTwoWaysIsRefused(attack: String, request: String) async throws {
        try await Harbour.open(.memory) { harbour in
            try await Cargo.shared.get().load(into: harbour.registry)
            let client = try await harbour.connect()
            client.sendLater(Array((request + Self.hidden).utf8))
            let answer = try await client.answer()
            #expect(answer.status == 400, "\(attack)")
            #expect(answer.closes, "\(attack)")
            #expect(await client.isClosedByServer(), "\(attack)")
            #expect(harbour.registry.transfers.count == 0)
        }
    }

    /// A line that ends in a line feed alone is either refused, or read as everybody reads it: never as part of the next.
    @Test func aBareLineFeedHidesNothing() async throws {
        try await Harbour.open(.memory) { harbour in
            let client = try await harbour.connect()
            client.sendLater(Array("GET /v2/ HTTP/1.1\nHost: a\nConnection: close\n\n".utf8))
            let answer = try await client.answer()
            #expect(answer.status == 400 || answer.text == "{}")
            #expect(await client.isClosedByServer())
        }
    }

    /// What was not taken of a body is not taken for a request.
    @Test func aBodyOfAGETIsNoRequest() async throws {
        try await Harbour.open(.memory) { harbour in
            let client = try await harbour.connect()
            let inner = Array(Self.hidden.utf8)
            client.sendLater(Array(client.head("GET", "/v2/", length: inner.count).utf8) + inner)
            #expect(try await client.answer().text == "{}")
            #expect(try await client.exchange("GET", "/v2/nope/tags/list").status == 404)
            await client.close()
        }
    }

    /// A name in `Host` or by word of a proxy that could end a line, or lead elsewhere, is in no `Location`.
    @Test(arguments: [
        [("Host", "evil\u{9}example")], [("Host", "a/..//evil.example")], [("Host", "a@evil.example")],
        [("Host", "a"), ("X-Forwarded-Host", "b\u{B}Set-Cookie: c")],
        [("Host", "a"), ("X-Forwarded-Proto", "javascript")],
        [("Host", "a"), ("Forwarded", "host=\"b c\";proto=data")],
    ])
    func aHostThatInjectsIsNotInALocation(headers: [(String, String)]) async throws {
        try await Harbour.open(.memory) { harbour in
            let client = try await harbour.connect()
            let lines = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
            client.sendLater(Array("POST /v2/a/blobs/uploads/ HTTP/1.1\r\n\(lines)Content-Length: 0\r\n\r\n".utf8))
            let answer = try await client.answer()
            if answer.status == 202 {
                let location = try #require(answer.header("location"))
                #expect(location.hasPrefix("/v2/a/blobs/") || location.hasPrefix("http://a/v2/a/blobs/"))
                #expect(!location.contains("evil"))
            } else {
                #expect(answer.status == 400)
            }
            await client.close()
        }
    }
}
