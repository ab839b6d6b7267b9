import RegistryHTTP
import Testing

/// Several ranges in one answer (RFC 9110 §14.6): every part says where it is from, whatever way the bytes take.
@Suite(.timeLimit(.minutes(1))) struct RangeTests {
    @Test(arguments: Transport.allCases) func severalRangesAreOneBodyInParts(transport: Transport) async throws {
        let cargo = try Cargo.shared.get()
        try await Harbour.open(transport.medium, server: transport.prepare) { harbour in
            try await cargo.load(into: harbour.registry)
            let blob = try #require(cargo.contents["large"])
            let voice = try await transport.connect(harbour)
            // The middle part is larger than any buffer on the way of TLS.
            let ranges = [10..<20, 20_000..<290_000, 299_990..<300_000]
            let answer = try await voice.exchange(
                "GET", cargo.resolve("/v2/team/app/blobs/{large}"), [("Range", "bytes=10-19, 20000-289999, -10")],
                body: nil)
            #expect(answer.status == 206)
            let type = try #require(answer.header("content-type"))
            let boundary = try #require(type.split(separator: "boundary=").last)
            var expected: [UInt8] = []
            for (number, range) in ranges.enumerated() {
                expected += Array("\(number == 0 ? "" : "\r\n")--\(boundary)\r\n".utf8)
                expected += Array("Content-Type: application/octet-stream\r\n".utf8)
                expected += Array(
                    "Content-Range: bytes \(range.lowerBound)-\(range.upperBound - 1)/300000\r\n\r\n".utf8)
                expected += blob[range]
            }
            expected += Array("\r\n--\(boundary)--\r\n".utf8)
            let isSame = answer.body == expected
            #expect(isSame)
            #expect(answer.header("content-length") == "\(expected.count)")
            #expect(try await voice.exchange("GET", "/v2/", [], body: nil).text == "{}")
            await voice.close()
        }
    }
}
