/// The themes the program carries inside itself, so that it runs without the `themes` folder.
extension Theme {
    /// The default on dark terminals.
    package static let berthDark = parsed(berthDarkText, "berth-dark", .dark)
    /// The default on light terminals.
    package static let berthLight = parsed(berthLightText, "berth-light", .light)

    /// Every built-in theme, the default first.
    package static var builtIn: [Theme] { [berthDark, berthLight] }

    /// The built-in theme of this name; nil when there is none.
    package static func builtIn(named name: String) -> Theme? { builtIn.first { $0.name == name } }

    /// The theme in `text`. A mistake in it would leave the terminal's plain look; a test parses both texts.
    private static func parsed(_ text: String, _ name: String, _ appearance: Appearance) -> Theme {
        let theme = try? ThemeParser.parse(text, name: name, base: { _ in nil })
        return theme ?? Theme(name: name, appearance: appearance)
    }

    /// The same text as `themes/berth-dark.theme`.
    package static let berthDarkText = """
        # The default on dark terminals. Also built into the program; a test keeps the two the same.
        name = berth-dark
        appearance = dark

        text = #d8dee6 on #101418 | ansi: default on default | mono: plain
        dim = #7f8b99 | ansi: bright-black | mono: faint
        border = #3d4855 | ansi: bright-black | mono: plain
        border.focus = #7fd1ff | ansi: cyan | mono: bold
        title = #7fd1ff bold | ansi: cyan bold | mono: bold
        header = #aab4c0 bold | ansi: default bold | mono: underline
        hint.key = #7fd1ff bold | ansi: cyan bold | mono: bold
        hint.text = #aab4c0 | ansi: default | mono: plain
        selection = #101418 on #7fd1ff bold | ansi: black on cyan | mono: reverse
        mark = #f2c864 bold | ansi: yellow bold | mono: bold
        ok = #7fd88f | ansi: green | mono: plain
        warn = #f2c864 | ansi: yellow | mono: bold
        error = #ff7a7a bold | ansi: bright-red bold | mono: bold underline
        push = #d69cff | ansi: magenta | mono: plain
        pull = #82aaff | ansi: bright-blue | mono: plain
        shared = #5fd7d7 | ansi: cyan | mono: underline
        unique = #7fd88f | ansi: green | mono: plain
        garbage = #ffab70 | ansi: yellow | mono: underline
        protected = #82aaff | ansi: bright-blue | mono: plain
        graph.low = #7fd88f | ansi: green | mono: plain
        graph.mid = #f2c864 | ansi: yellow | mono: plain
        graph.high = #ff7a7a | ansi: bright-red | mono: bold

        """

    /// The same text as `themes/berth-light.theme`.
    package static let berthLightText = """
        # The default on light terminals. Also built into the program; a test keeps the two the same.
        name = berth-light
        appearance = light

        text = #22272e on #fbfbf8 | ansi: default on default | mono: plain
        dim = #6e7781 | ansi: bright-black | mono: faint
        border = #b4bcc6 | ansi: bright-black | mono: plain
        border.focus = #0b5cad | ansi: blue | mono: bold
        title = #0b5cad bold | ansi: blue bold | mono: bold
        header = #4a5460 bold | ansi: default bold | mono: underline
        hint.key = #0b5cad bold | ansi: blue bold | mono: bold
        hint.text = #4a5460 | ansi: default | mono: plain
        selection = #ffffff on #0b5cad bold | ansi: white on blue | mono: reverse
        mark = #855b00 bold | ansi: magenta bold | mono: bold
        ok = #1a7037 | ansi: green | mono: plain
        warn = #855b00 | ansi: magenta | mono: bold
        error = #b3261e bold | ansi: red bold | mono: bold underline
        push = #8130a8 | ansi: magenta | mono: plain
        pull = #1f4fbf | ansi: blue | mono: plain
        shared = #0d6b78 | ansi: blue | mono: underline
        unique = #1a7037 | ansi: green | mono: plain
        garbage = #a04a00 | ansi: magenta | mono: underline
        protected = #1f4fbf | ansi: blue | mono: plain
        graph.low = #1a7037 | ansi: green | mono: plain
        graph.mid = #855b00 | ansi: magenta | mono: plain
        graph.high = #b3261e | ansi: red | mono: bold

        """
}
