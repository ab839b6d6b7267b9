import Drawing
import Foundation
import Testing

@Suite("Themes")
struct ThemeTests {
    private static func problems(_ text: String) -> [ThemeProblem] {
        do throws(ThemeError) {
            _ = try ThemeParser.parse(text, name: "t")
            return []
        } catch {
            return error.problems
        }
    }

    @Test(
        "mistakes are named with their lines",
        arguments: [
            ("base = berth-dark\nselektion = red", 2, "unknown role 'selektion'"),
            ("base = berth-dark\n\n# c\ntext", 4, "expected 'role = look'"),
            ("base = nowhere", 1, "there is no theme 'nowhere' to start from"),
            ("base = berth-dark\nappearance = grey", 2, "appearance is 'dark' or 'light', not 'grey'"),
            ("base = berth-dark\nok = #12345", 2, "'#12345' is not a colour; write #rrggbb"),
            ("base = berth-dark\nok = #12345g", 2, "'#12345g' is not a colour; write #rrggbb"),
            ("base = berth-dark\nok = #+12345", 2, "'#+12345' is not a colour; write #rrggbb"),
            ("base = berth-dark\nok = greenish", 2, "'greenish' is neither a colour nor an attribute"),
            ("base = berth-dark\nok = ansi:16", 2, "'ansi:16' is neither a colour nor an attribute"),
            ("base = berth-dark\nok = red on", 2, "no colour after 'on'"),
            ("base = berth-dark\nok = red on blue blink", 2, "unknown attribute 'blink'"),
            ("base = berth-dark\nok = red | ansi: #112233", 2, "'#112233' is not one of the sixteen colours"),
            ("base = berth-dark\nok = red | mono: loud", 2, "unknown attribute 'loud'"),
            ("base = berth-dark\nok = red | blue", 2, "two parts have no 'ansi:' or 'mono:'"),
            ("base = berth-dark\nok = red |", 2, "a part is empty"),
            ("base = berth-dark\nok =", 2, "a part is empty"),
            ("base = berth-dark\nok = red\r\nok = blue", 3, "'ok' was given already, in line 2"),
        ])
    func mistakes(text: String, line: Int, message: String) {
        #expect(Self.problems(text) == [ThemeProblem(line: line, message: message)])
    }

    @Test("every mistake is reported, sorted by line")
    func allMistakes() {
        let text = "appearance = blue\nfoo = red\nok = ansi: green"
        let problems = Self.problems(text)
        #expect(problems.map(\.line) == [0, 1, 2])
        #expect(problems.first?.message.hasPrefix("missing roles: text, dim, ") == true)
        let error = ThemeError(name: "t", problems: [.init(line: 0, message: "a"), .init(line: 3, message: "b")])
        #expect(error.description == "t: a\nt:3: b")
    }

    @Test("a huge file is refused")
    func huge() {
        #expect(Self.problems(String(repeating: "#", count: 70_000)).map(\.line) == [0])
    }

    @Test("a base is inherited part by part")
    func inheritance() throws {
        let text = """
            base = berth-dark
            name = mine
            selection = #000000 on #ffffff underline
            ok = ansi: bright-green bold
            """
        let theme = try ThemeParser.parse(text, name: "t")
        #expect(theme.name == "mine")
        #expect(theme.appearance == .dark)
        #expect(theme[.selection].rich == Face(.rgb(0, 0, 0), on: .rgb(255, 255, 255), .underline))
        #expect(theme[.selection].ansi == Theme.berthDark[.selection].ansi)
        #expect(theme[.selection].mono == .reverse)
        #expect(theme[.ok].rich == Theme.berthDark[.ok].rich)
        #expect(theme[.ok].ansi == Face(.ansi(10), .bold))
        #expect(theme[.text] == Theme.berthDark[.text])
    }

    @Test("colours fall from direct to 256 to 16 to 8 to none")
    func chain() throws {
        let text = """
            base = berth-dark
            ok = #ff0000 on #000003 bold | ansi: bright-red on bright-black | mono: underline
            """
        let theme = try ThemeParser.parse(text, name: "t")
        // Direct-colour terminals read 0...7 as palette entries, so near-blacks are lifted.
        #expect(theme.look(of: .ok, at: .direct) == Look(foreground: 0xFF0000, background: 8, attributes: .bold))
        #expect(theme.look(of: .ok, at: .indexed256) == Look(foreground: 196, background: 16, attributes: .bold))
        #expect(theme.look(of: .ok, at: .sixteen) == Look(foreground: 9, background: 8, attributes: []))
        #expect(theme.look(of: .ok, at: .eight) == Look(foreground: 1, background: 0, attributes: .bold))
        #expect(theme.look(of: .ok, at: .mono) == Look(foreground: -1, background: -1, attributes: .underline))
    }

    @Test(
        "terminals say how many colours they have",
        arguments: [
            (0, ColourDepth.mono), (2, .mono), (8, .eight), (16, .sixteen), (88, .sixteen), (256, .indexed256),
            (1 << 24, .direct),
        ])
    func depth(colours: Int, expected: ColourDepth) {
        #expect(ColourDepth(colours: colours) == expected)
    }

    @Test("contrast follows the definition")
    func contrast() {
        #expect(abs(Theme.contrast((0, 0, 0), (255, 255, 255)) - 21) < 0.0001)
        #expect(abs(Theme.contrast((119, 119, 119), (255, 255, 255)) - 4.478) < 0.001)
        #expect(Theme.contrast((9, 9, 9), (9, 9, 9)) == 1)
    }

    @Test("a theme that cannot be read is found out")
    func unreadable() throws {
        let theme = try ThemeParser.parse("base = berth-dark\nok = #222222", name: "t")
        #expect(theme.contrastFindings().filter(\.isTooLow).map(\.role) == [.ok])
    }

    @Test("the built-in themes are the shipped ones")
    func builtIn() throws {
        for (text, theme) in [(Theme.berthDarkText, Theme.berthDark), (Theme.berthLightText, Theme.berthLight)] {
            #expect(try ThemeParser.parse(text, name: "", base: { _ in nil }) == theme)
            #expect(try ShippedThemes.text(theme.name) == text)
        }
    }

    @Test("every shipped theme parses and can be read", arguments: ShippedThemes.names)
    func shipped(name: String) throws {
        let theme = try ThemeParser.parse(try ShippedThemes.text(name), name: "")
        #expect(theme.name == name)
        for depth in [ColourDepth.direct, .indexed256] {
            let findings = theme.contrastFindings(at: depth)
            // Of a theme made of the terminal's own colours only plain text on the plain background can be measured.
            #expect(findings.count == (name == "system16" ? 3 : Role.allCases.count))
            for finding in findings {
                #expect(!finding.isTooLow, "\(finding.role) has \(finding.ratio) at \(depth)")
                if name == "high-contrast", finding.minimum >= 4.5 {
                    #expect(finding.ratio >= 7, "\(finding.role) has \(finding.ratio) at \(depth)")
                }
            }
        }
    }

    @Test("every shipped theme shows a selection and an error on every terminal", arguments: ShippedThemes.names)
    func distinct(name: String) throws {
        let theme = try ThemeParser.parse(try ShippedThemes.text(name), name: "")
        for depth in [ColourDepth.mono, .eight, .sixteen, .indexed256, .direct] {
            let plain = theme.look(of: .text, at: depth)
            #expect(theme.look(of: .selection, at: depth) != plain)
            #expect(theme.look(of: .error, at: depth) != plain)
            for role in Role.allCases where depth != .mono {
                let look = theme.look(of: role, at: depth)
                #expect(look.foreground == -1 || look.foreground != look.background, "\(role) at \(depth)")
            }
        }
    }

    @Test("with eight colours no letters are the colour of what is behind them", arguments: ShippedThemes.names)
    func eightColours(name: String) throws {
        let theme = try ThemeParser.parse(try ShippedThemes.text(name), name: "")
        let ground: Int32 = theme.appearance == .dark ? 0 : 7
        for role in Role.allCases {
            let look = theme.look(of: role, at: .eight)
            let behind = look.background == -1 ? ground : look.background
            // Bold black is black on many of these terminals.
            #expect(look.foreground != behind, "\(role) is \(look)")
        }
    }
}

/// The files in the `themes` folder.
enum ShippedThemes {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "themes")

    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        let names = files.filter { $0.hasSuffix(".theme") }.map { String($0.dropLast(6)) }.sorted()
        // An empty list would make every test over it pass.
        precondition(names.count >= 9, "the themes folder is not where the tests look")
        return names
    }()

    static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: "\(name).theme"), encoding: .utf8)
    }
}
