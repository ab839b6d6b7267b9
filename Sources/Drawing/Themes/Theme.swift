/// A colour as a theme names it.
package enum Colour: Hashable, Sendable {
    /// Whatever the terminal uses when nobody asks for a colour.
    case standard
    /// One of the terminal's own sixteen, 0...15; the user decides how they look.
    case ansi(UInt8)
    /// Red, green and blue, 0...255 each.
    case rgb(UInt8, UInt8, UInt8)
}

/// Foreground, background and attributes; what one role looks like on one kind of terminal.
package struct Face: Hashable, Sendable {
    /// The letters; nil takes that of the `text` role.
    package var foreground: Colour?
    /// Behind the letters; nil takes that of the `text` role.
    package var background: Colour?
    /// Bold and the like.
    package var attributes: Attributes

    /// A face.
    package init(_ foreground: Colour? = nil, on background: Colour? = nil, _ attributes: Attributes = []) {
        self.foreground = foreground
        self.background = background
        self.attributes = attributes
    }
}

/// How every role looks, from full colour down to none.
package struct Theme: Sendable, Equatable {
    /// Whether it is made for a dark or a light terminal.
    package enum Appearance: String, Sendable {
        case dark
        case light
    }

    /// The three ways one role can look.
    package struct Entry: Hashable, Sendable {
        /// On terminals with 256 colours or more; nil where the theme gives only ``ansi``.
        package var rich: Face?
        /// On terminals with 8 or 16 colours; nil takes the nearest of the sixteen.
        package var ansi: Face?
        /// Without colours.
        package var mono: Attributes

        /// An entry.
        package init(rich: Face? = nil, ansi: Face? = nil, mono: Attributes = []) {
            self.rich = rich
            self.ansi = ansi
            self.mono = mono
        }
    }

    /// The name, as `:theme` takes it.
    package var name: String
    /// Dark or light.
    package var appearance: Appearance
    /// One entry per role, in the order of ``Role/allCases``.
    private var entries: [Entry]

    /// A theme of `entries`; roles it leaves out look like the terminal's plain text.
    package init(name: String, appearance: Appearance, entries: [Role: Entry] = [:]) {
        self.name = name
        self.appearance = appearance
        self.entries = Role.allCases.map { entries[$0] ?? Entry() }
    }

    /// How a role looks.
    package subscript(role: Role) -> Entry {
        get { entries[Int(role.rawValue)] }
        set { entries[Int(role.rawValue)] = newValue }
    }
}
