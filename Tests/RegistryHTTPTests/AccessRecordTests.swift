import Foundation
import Testing

@testable import RegistryHTTP

/// The access log: Apache's combined format, one line whatever a client sends.
@Suite struct AccessRecordTests {
    private func record(uri: String = "/v2/", method: String = "GET", status: Int = 200) -> AccessRecord {
        AccessRecord(
            // 2026-11-03T04:05:06Z
            time: Date(timeIntervalSince1970: 1_793_678_706), address: "10.0.0.4:51234", method: method, uri: uri,
            version: "HTTP/1.1", status: status, bytes: 1234, seconds: 0.1, referer: "", userAgent: "curl/8")
    }

    @Test func aLine() {
        #expect(
            record().combined
                == #"10.0.0.4 - - [03/Nov/2026:04:05:06 +0000] "GET /v2/ HTTP/1.1" 200 1234 "" "curl/8""#)
    }

    @Test(arguments: [("GET", 304), ("HEAD", 200), ("HEAD", 404)]) func noBodyIsADash(method: String, status: Int) {
        #expect(record(method: method, status: status).combined.contains("\" \(status) - \""))
    }

    @Test(arguments: [("[::1]:80", "[::1]"), ("127.0.0.1:80", "127.0.0.1"), ("local", "local")])
    func thePortOfTheClientGoes(address: String, host: String) {
        var record = record()
        record.address = address
        #expect(record.combined.hasPrefix("\(host) - - ["))
    }

    @Test(arguments: [
        (#"""#, #"\""#), (#"\"#, #"\\"#), ("\n", #"\x0a"#), ("\r\n", #"\x0d\x0a"#), ("\u{0}", #"\x00"#),
        ("\u{1B}[31m", #"\x1b[31m"#), ("\u{7F}", #"\x7f"#), ("\u{9B}", #"\xc2\x9b"#), ("\u{E4}", #"\xc3\xa4"#),
        (#"" 200 0 "x"#, #"\" 200 0 \"x"#), ("plain ~", "plain ~"),
    ])
    func whatAClientSendsForgesNothing(text: String, escaped: String) {
        var record = record(uri: "/\(text)")
        record.referer = text
        record.userAgent = text
        #expect(record.combined.hasSuffix(#""GET /\#(escaped) HTTP/1.1" 200 1234 "\#(escaped)" "\#(escaped)""#))
    }
}
