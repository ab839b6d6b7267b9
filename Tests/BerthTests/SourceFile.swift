import Foundation

/// A file below `Sources`, and what it imports.
struct SourceFile {
    /// From the root of the repository.
    let path: String
    let text: String

    /// The folder below `Sources`.
    var module: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    /// The modules of its `import` lines, with or without attribute, access level or kind of symbol.
    var imports: [String] {
        let form =
            #/
            ^ \s* (?: @\w+ (?: \( [^)]* \) )? \s+ )*
            (?: (?: public | package | internal | fileprivate | private ) \s+ )?
            import \s+ (?: (?: typealias | struct | class | enum | protocol | let | var | func ) \s+ )? (\w+)
            /#
        return text.split(whereSeparator: { $0.isNewline || $0 == ";" }).compactMap { line in
            (try? form.firstMatch(in: line)).map { String($0.output.1) }
        }
    }

    /// The folder with `Package.swift`, found from where this file was compiled.
    static var root: URL {
        get throws {
            var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            while !FileManager.default.fileExists(atPath: folder.appendingPathComponent("Package.swift").path) {
                guard folder.path != "/" else { throw CocoaError(.fileNoSuchFile) }
                folder.deleteLastPathComponent()
            }
            return folder
        }
    }

    /// Every file of Swift and C.
    static func all() throws -> [SourceFile] {
        let root = try root.path
        let entries = FileManager.default.enumerator(atPath: root + "/Sources")?.compactMap { $0 as? String } ?? []
        return try entries.filter { ["swift", "c", "h"].contains(URL(fileURLWithPath: $0).pathExtension) }.map {
            let file = "Sources/\($0)"
            return SourceFile(path: file, text: try String(contentsOfFile: "\(root)/\(file)", encoding: .utf8))
        }
    }

    /// The targets of `Package.swift` that are no tests, with what they depend on: modules of ours and products.
    static func targets() throws -> [(name: String, dependencies: Set<String>)] {
        let text = try String(contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8)
        let products = #/\.product\(name:\ "(\w+)"/#
        func names(_ text: Substring) -> Set<String> { Set(text.matches(of: products).map { String($0.output.1) }) }
        // What several targets share has a name: `let nio: [Target.Dependency] = [`, `let crypto = `.
        var shared: [Substring: Set<String>] = [:]
        for declaration in text.matches(of: #/let\ (\w+)(?::\ \[Target\.Dependency\])?\ =\ (\[[^\]]*\]|[^\n]*)/#) {
            shared[declaration.output.1] = names(declaration.output.2)
        }
        // From one `.target(` to the next.
        let start = text.range(of: "    targets: [\n", options: .backwards)?.upperBound ?? text.startIndex
        let kinds = #/\.(target|executableTarget|testTarget|systemLibrary)\(\s*name:\ "(\w+)"/#
        let heads = text[start...].matches(of: kinds)
        return zip(heads, heads.dropFirst().map(\.range.lowerBound) + [text.endIndex]).compactMap { head, end in
            let rest = text[head.range.upperBound..<end]
            guard head.output.1 != "testTarget", !rest.contains(#"path: "Tests/"#) else { return nil }
            let ours = rest.matches(of: #/"(\w+)"/#).map { String($0.output.1) }.filter {
                ImportsTests.arrows[$0] != nil
            }
            let lists = rest.matches(of: #/[\[,+]\s*(\w+)\s*(?=[,\]\)])/#).flatMap { shared[$0.output.1] ?? [] }
            return (String(head.output.2), names(rest).union(ours).union(lists))
        }
    }
}
