import Foundation

/// One request with curl, for what must be seen of an answer to the letter.
struct Curl {
    struct Answer {
        var status: Int
        /// By lower-case name; the values of several lines joined, as a browser reads them.
        var headers: [String: String]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    let folder: TemporaryFolder
    /// Before the path, as `http://127.0.0.1:5000`.
    let origin: String

    /// - Parameter target: a path, or a whole address as `Location` has it.
    func callAsFunction(
        _ method: String = "GET", _ target: String, _ more: [String] = [], within limit: Duration = .seconds(60)
    ) async throws -> Answer {
        let url = target.hasPrefix("http") ? target : origin + target
        let head = "head-\(UUID().uuidString)"
        // `--head`, for with `-X HEAD` curl waits for a body.
        let verb = method == "HEAD" ? ["--head"] : ["-X", method]
        let result = try await Tool.curl.result(
            ["-sS", "--path-as-is", "-D", folder.path(head)] + verb + more + [url], in: folder, within: limit)
        guard result.exit == .status(0) else {
            throw Tool.Failed(description: "curl \(method) \(url): \(result.exit) \(result.errors)")
        }
        // Answers before the last are interim ones, as 100 Continue.
        let lines = try folder.text(head).components(separatedBy: "\r\n").filter { !$0.isEmpty }
        let start = lines.lastIndex { $0.hasPrefix("HTTP/") } ?? 0
        var headers: [String: String] = [:]
        for line in lines[(start + 1)...] {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            let name = line[..<colon].lowercased()
            headers[name] = headers[name].map { "\($0), \(value)" } ?? value
        }
        let status = lines[start].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return Answer(status: status, headers: headers, body: method == "HEAD" ? [] : result.output)
    }

    /// Pushes a blob as two requests, POST and PUT, and returns the answer to the last.
    func push(_ bytes: [UInt8], to repository: String, as digest: String) async throws -> Answer {
        try folder.write(bytes, to: "body")
        return try await push(file: folder.path("body"), to: repository, as: digest)
    }

    func push(file: String, to repository: String, as digest: String, _ more: [String] = []) async throws -> Answer {
        let started = try await self("POST", "/v2/\(repository)/blobs/uploads/")
        guard started.status == 202, let location = started.headers["location"] else { return started }
        let separator = location.contains("?") ? "&" : "?"
        return try await self(
            "PUT", "\(location)\(separator)digest=\(digest)",
            ["-H", "Content-Type: application/octet-stream", "-T", file] + more, within: .seconds(600))
    }
}
