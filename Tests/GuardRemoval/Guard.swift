/// One condition of the program that keeps something from harm, and how it reads when it is taken out.
package struct Guard: Sendable {
    /// What it is for, in a word or two; unique in the list.
    package var name: String
    /// Its file, from the top of the package.
    package var file: String
    /// The text that holds it; it stands in the file exactly once.
    package var text: String
    /// The same text with the guard out where `OUT` is true. Behaves as before where `OUT` is false.
    package var without: String
    /// Which tests are to see that it is out, as `swift test --filter` takes it.
    package var filter: String

    package init(_ name: String, _ file: String, _ text: String, _ without: String, seenBy filter: String) {
        self.name = name
        self.file = "Sources/\(file)"
        self.text = text
        self.without = without
        self.filter = filter
    }

    /// The guard's module, as its folder says.
    package var module: String { String(file.split(separator: "/")[1]) }

    /// The file's content with the guard made removable. Throws when its text is not there exactly once.
    package func applied(to content: String) throws -> String {
        let parts = content.split(separator: text, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw GuardError.text(name: name, file: file, places: parts.count - 1) }
        return parts.joined(separator: without.replacing("OUT", with: "guardIsOut(\"\(name)\")"))
    }
}

package enum GuardError: Error, CustomStringConvertible {
    /// The code has moved on: the list is to follow it.
    case text(name: String, file: String, places: Int)
    case unknown(String)
    case command(String, CInt)
    case noTests(String)

    package var description: String {
        switch self {
        case .text(let name, let file, let places):
            "guard '\(name)': its text stands \(places) times in \(file), not once; mend the list"
        case .unknown(let name): "there is no guard '\(name)' in the list"
        case .command(let command, let code): "\(command) ended with \(code)"
        case .noTests(let folder): "there are no built tests in \(folder)"
        }
    }
}
