import NIOCore
import Testing

@testable import RegistryHTTP

/// A list in parts is the list, however it is cut.
@Suite struct ListPartsTests {
    @Test(arguments: [1, 64, 1000, 1 << 20]) func thePartsAreOneDocument(bytes: Int) async throws {
        let all = (0..<1000).map { "t\($0 + 10_000)" }
        let parts = ListParts(opening: #"{"tags":["#, first: Array(all[..<256])) { last, limit in
            Array(all.drop { $0 <= last }.prefix(limit))
        }
        var text = ""
        while let part = try await parts.next(bytes: bytes) { text += String(buffer: part) }
        let expected = #"{"tags":[""# + all.joined(separator: #"",""#) + "\"]}\n"
        #expect(text == expected, "\(text.prefix(80)) … \(text.suffix(80))")
        #expect(try await parts.next(bytes: bytes) == nil)
    }
}
