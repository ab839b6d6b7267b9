/// Reads theme files: flat, one role per line, nothing nested.
///
///     # a comment
///     name = nord
///     appearance = dark
///     base = berth-dark
///     selection = #101418 on #7fd1ff bold | ansi: black on cyan | mono: reverse
///
/// `base` inherits from another theme, part by part: a role that gives only its first part keeps the base's `ansi:` and
/// `mono:`. Without a base every role and the appearance must be given. Colours are `#rrggbb`, `ansi:0` to `ansi:15`,
/// the names of the sixteen (`red`, `bright-red`) and `default`; attributes are `bold`, `underline`, `reverse`,
/// `italic` and `faint`.
package enum ThemeParser {
    /// The longest theme file read, in UTF-8 bytes; hundreds of times what one needs.
    package static let textBytesMax = 64 * 1024

    /// The theme in `text`.
    ///
    /// - Parameters:
    ///   - text: the file's content.
    ///   - name: what the theme is called where the text does not say.
    ///   - base: finds the theme a `base` line names; nil when there is none. By default the built-in ones.
    /// - Throws: ``ThemeError`` with every problem found.
    package static func parse(
        _ text: String, name: String, base: (String) -> Theme? = Theme.builtIn(named:)
    ) throws(ThemeError) -> Theme {
        guard text.utf8.count <= textBytesMax else {
            let problem = ThemeProblem(line: 0, message: "longer than \(textBytesMax) bytes")
            throw ThemeError(name: name, problems: [problem])
        }
        var reading = ThemeReading(name: name)
        // "\r\n" is one Character, and a newline.
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            reading.read(line, number: index + 1, base: base)
        }
        return try reading.finish()
    }
}

/// What has been read of one theme file so far.
private struct ThemeReading {
    let name: String
    var givenName: String?
    var appearance: Theme.Appearance?
    var base: Theme?
    var hasBase = false
    var roles: [Role: (line: Int, parts: ThemeParts)] = [:]
    var seen: [String: Int] = [:]
    var problems: [ThemeProblem] = []

    init(name: String) { self.name = name }

    mutating func read(_ line: Substring, number: Int, base find: (String) -> Theme?) {
        let line = line.trimmed
        guard !line.isEmpty, line.first != "#" else { return }
        guard let equals = line.firstIndex(of: "=") else {
            return problems.append(ThemeProblem(line: number, message: "expected 'role = look'"))
        }
        let key = String(line[..<equals].trimmed)
        let value = line[line.index(after: equals)...].trimmed
        if let earlier = seen.updateValue(number, forKey: key) {
            return problems.append(
                ThemeProblem(line: number, message: "'\(key)' was given already, in line \(earlier)"))
        }
        do throws(ThemeParts.Malformed) {
            try read(key, value, number, find)
        } catch {
            problems.append(ThemeProblem(line: number, message: error.message))
        }
    }

    private mutating func read(
        _ key: String, _ value: Substring, _ number: Int, _ find: (String) -> Theme?
    ) throws(ThemeParts.Malformed) {
        switch key {
        case "name":
            guard !value.isEmpty else { throw ThemeParts.Malformed(message: "the name is empty") }
            givenName = String(value)
        case "appearance":
            guard let appearance = Theme.Appearance(rawValue: String(value)) else {
                throw ThemeParts.Malformed(message: "appearance is 'dark' or 'light', not '\(value)'")
            }
            self.appearance = appearance
        case "base":
            hasBase = true
            base = find(String(value))
            if base == nil { throw ThemeParts.Malformed(message: "there is no theme '\(value)' to start from") }
        default:
            guard let role = Role.allCases.first(where: { $0.themeName == key }) else {
                throw ThemeParts.Malformed(message: "unknown role '\(key)'")
            }
            roles[role] = (number, try ThemeParts(value))
        }
    }

    func finish() throws(ThemeError) -> Theme {
        var problems = problems
        if !hasBase {
            if seen["appearance"] == nil { problems.append(ThemeProblem(line: 0, message: "no appearance is given")) }
            let missing = Role.allCases.filter { seen[$0.themeName] == nil }.map(\.themeName)
            if !missing.isEmpty {
                let list = missing.joined(separator: ", ")
                problems.append(ThemeProblem(line: 0, message: "missing roles: \(list)"))
            }
        }
        guard problems.isEmpty else {
            throw ThemeError(name: name, problems: problems.sorted { $0.line < $1.line })
        }
        var theme = base ?? Theme(name: name, appearance: .dark)
        theme.name = givenName ?? name
        theme.appearance = appearance ?? theme.appearance
        for (role, read) in roles { read.parts.apply(to: &theme[role]) }
        return theme
    }
}

extension Substring {
    /// Without blanks at either end.
    fileprivate var trimmed: Substring {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
