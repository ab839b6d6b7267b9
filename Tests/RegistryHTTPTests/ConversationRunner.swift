import Foundation
import NIOHTTP1
import RegistryHTTP
import Testing

/// Holds a conversation with a server and compares every answer.
struct ConversationRunner {
    let harbour: Harbour
    let transport: Transport
    let cargo: Cargo
    private var client: (any Voice)?
    private var words: [String: String] = [:]

    init(_ harbour: Harbour, _ transport: Transport, _ cargo: Cargo) {
        (self.harbour, self.cargo) = (harbour, cargo)
        self.transport = transport
        words["root"] = "\(harbour.isTLS ? "https" : "http")://\(harbour.address)"
    }

    mutating func run(_ steps: [Step]) async throws {
        for (number, step) in steps.enumerated() {
            let label = "step \(number + 1): \(step.method) \(step.target)"
            let answer = try await say(step)
            check(answer, step, Comment(rawValue: label))
        }
        // Whatever was answered, the connection stands at the end of it: no byte too many, none too few.
        #expect(try await say(Step("GET", "/v2/", 200)).text == "{}")
        await client?.close()
    }

    private mutating func say(_ step: Step) async throws -> WireAnswer {
        let client = try await connection()
        let headers = step.headers.map { ($0.0, resolve($0.1)) }
        let answer = try await client.exchange(
            step.method, resolve(step.target), headers, body: try step.body.map(bytes))
        if answer.closes {
            #expect(await client.isClosedByServer())
            self.client = nil
        }
        if let location = answer.location {
            words["location"] = location
            let query = URLComponents(string: location)?.percentEncodedQueryItems
            if let state = query?.first(where: { $0.name == "_state" })?.value, state != words["state"] {
                (words["stale"], words["state"]) = (words["state"], state)
                words["cut"] = String(state.dropLast(12))
            }
        }
        words["upload"] = answer.header("docker-upload-uuid") ?? words["upload"]
        return answer
    }

    private mutating func connection() async throws -> any Voice {
        if let client { return client }
        let new = try await transport.connect(harbour)
        client = new
        return new
    }

    private func check(_ answer: WireAnswer, _ step: Step, _ label: Comment) {
        #expect(answer.status == step.status, label)
        if step.target.hasPrefix("/v2") {
            #expect(answer.headers["docker-distribution-api-version"] == ["registry/2.0"], label)
        }
        #expect(answer.headers["date"].count == 1, label)
        if step.status != 204, step.status != 304 { #expect(answer.header("content-length") != nil, label) }
        for (name, pattern) in step.has {
            let (value, expected) = (answer.headers[name].joined(separator: ", "), resolve(pattern))
            let fits = expected.hasSuffix("*") ? value.hasPrefix(expected.dropLast()) : value == expected
            #expect(fits && answer.header(name) != nil, "\(label) \(name): \(value), not \(expected)")
        }
        for name in step.hasNot { #expect(answer.header(name) == nil, label) }
        if let code = step.code {
            #expect(answer.header("content-type") == "application/json", label)
            if step.method != "HEAD" { #expect(Self.code(answer) == code, label) }
        }
        if let gives = step.gives, let expected = try? bytes(gives) {
            #expect(answer.body.count == expected.count, label)
            // Compared outside: what differs would be searched for, byte by byte, for minutes.
            let isSame = answer.body == expected
            #expect(isSame, label)
        }
    }

    private static func code(_ answer: WireAnswer) -> String? {
        struct Body: Decodable {
            struct Item: Decodable { var code: String }
            var errors: [Item]
        }
        return (try? JSONDecoder().decode(Body.self, from: Data(answer.body)))?.errors.first?.code
    }

    private func resolve(_ text: String) -> String { cargo.resolve(text, words) }

    private func bytes(_ bytes: Step.Bytes) throws -> [UInt8] {
        switch bytes {
        case .text(let text): Array(resolve(text).utf8)
        case .named(let name): try #require(cargo.contents[name])
        case .part(let name, let range): Array(try #require(cargo.contents[name])[range])
        case .zeros(let count): [UInt8](repeating: 0, count: count)
        }
    }
}
