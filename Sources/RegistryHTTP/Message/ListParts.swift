import NIOCore
import Synchronization

/// A list of texts that is written in parts, so that its length takes no memory: each part is made when the one before has
/// gone out. One JSON object whose last member is the list.
///
/// What comes or goes meanwhile may be in it or not, as in a list that is asked for page by page.
final class ListParts: Sendable {
    /// Texts of the first part. A list that is shorter has its length in the answer's head.
    static let entriesFirst = 256
    /// Of a text as people write names and tags, with its quotes and its comma: a guess.
    private static let bytesEntry = 64

    private struct State {
        /// Made already, for the head depends on it.
        var first: ByteBuffer?
        var last: String
        var isDone = false
    }

    private let state: Mutex<State>
    private let texts: @Sendable (_ last: String, _ limit: Int) async throws -> [String]

    /// - Parameters:
    ///   - opening: everything before the first text: `{"name":"a/b","tags":[`.
    ///   - first: texts of the first part; not empty. No text may need an escape, as no name and no tag does.
    ///   - texts: at most so many, from the first after the one that is given; none at the end.
    init(
        opening: String, first: [String],
        then texts: @escaping @Sendable (_ last: String, _ limit: Int) async throws -> [String]
    ) {
        var buffer = ByteBuffer(string: opening)
        Self.write(first[...], to: &buffer)
        state = Mutex(State(first: buffer, last: first.last ?? ""))
        self.texts = texts
    }

    /// The next part, of some `bytes`; nil behind the last. To be called again only when it has answered.
    func next(bytes: Int) async throws -> ByteBuffer? {
        let (first, last, isDone) = state.withLock { state in
            defer { state.first = nil }
            return (state.first, state.last, state.isDone)
        }
        if let first { return first }
        if isDone { return nil }
        let page = try await texts(last, max(1, bytes / Self.bytesEntry))
        state.withLock { state in
            state.last = page.last ?? last
            state.isDone = page.isEmpty
        }
        guard !page.isEmpty else { return ByteBuffer(string: "]}\n") }
        var buffer = ByteBuffer(string: ",")
        Self.write(page[...], to: &buffer)
        return buffer
    }

    private static func write(_ texts: ArraySlice<String>, to buffer: inout ByteBuffer) {
        for (number, text) in texts.enumerated() {
            if number > 0 { buffer.writeInteger(UInt8(ascii: ",")) }
            buffer.writeInteger(UInt8(ascii: "\""))
            buffer.writeString(text)
            buffer.writeInteger(UInt8(ascii: "\""))
        }
    }
}
