import Drawing
import Foundation

/// Finds the themes: those in the program, those that came with it, and the user's own.
enum ThemeFolder {
    struct Found {
        /// The one to begin with first.
        var themes: [Theme]
        /// Files that are no themes, each with its lines.
        var warnings: [String]
    }

    /// - Parameter name: the theme to begin with; nil for the built-in dark one.
    /// - Throws: `Refusal` when that one is unknown or has errors. An error in another file is only a warning.
    static func themes(startingWith name: String?) throws -> Found {
        var themes = Dictionary(Theme.builtIn.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        var warnings: [String] = []
        var broken: [String: String] = [:]
        for file in files() {
            let own = String(file.lastPathComponent.dropLast(".theme".count))
            do throws(ThemeError) {
                let text = FileManager.default.contents(atPath: file.path).map { String(decoding: $0, as: UTF8.self) }
                let known = themes
                let theme = try ThemeParser.parse(text ?? "", name: own) { known[$0] }
                themes[theme.name] = theme
            } catch {
                let line = "\(error)".replacingOccurrences(of: "\n", with: "; ")
                broken[own] = line
                warnings.append("theme \(file.path): \(line)")
            }
        }
        let first = name ?? Theme.berthDark.name
        guard let chosen = themes[first] else {
            if let line = broken[first] { throw Refusal("the theme \(first) has errors: \(line)") }
            let names = themes.keys.sorted().joined(separator: ", ")
            throw Refusal("there is no theme \(first); there are \(names)")
        }
        let others = themes.values.filter { $0.name != chosen.name }.sorted { $0.name < $1.name }
        return Found(themes: [chosen] + others, warnings: warnings)
    }

    /// In the order in which a later file replaces an earlier one of the same name; within a folder, those that others
    /// build on need no order, for they build on the built-in ones.
    private static func files() -> [URL] {
        (shipped() + [own()]).flatMap { folder in
            let all = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            return (all ?? []).filter { $0.pathExtension == "theme" }.sorted { $0.path < $1.path }
        }
    }

    /// `$XDG_CONFIG_HOME/berth/themes`.
    private static func own() -> URL {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["XDG_CONFIG_HOME"] ?? "\(environment["HOME"] ?? "")/.config"
        return URL(fileURLWithPath: home).appendingPathComponent("berth/themes")
    }

    /// `share/berth/themes` beside the program's `bin`, and `themes` of a checkout it was built in.
    private static func shipped() -> [URL] {
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return []
        }
        var folder = URL(fileURLWithPath: program).deletingLastPathComponent()
        var folders = [folder.deletingLastPathComponent().appendingPathComponent("share/berth/themes")]
        // .build/<triple>/<configuration>/berth
        for _ in 0..<3 { folder = folder.deletingLastPathComponent() }
        folders.append(folder.appendingPathComponent("themes"))
        return folders
    }
}
