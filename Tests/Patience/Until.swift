/// What was waited for did not come.
package struct Impatience: Error, CustomStringConvertible {
    package let description: String
}

/// Waits for what no event tells: gives way to others until it is so.
///
/// Throws when it is not so for `limit`, for a test that waits for ever says nothing and ends nobody's run, and when the
/// task is cancelled, as the time limit of a suite does.
package func until(
    within limit: Duration = .seconds(60), file: String = #fileID, line: Int = #line,
    _ isSo: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while try await !isSo() {
        try Task.checkCancellation()
        guard ContinuousClock.now < end else {
            throw Impatience(description: "\(file):\(line): not so within \(limit)")
        }
        await Task.yield()
    }
}
