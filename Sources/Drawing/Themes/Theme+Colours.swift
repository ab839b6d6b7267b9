/// How many colours a terminal has.
package enum ColourDepth: Hashable, Sendable {
    /// None: attributes only.
    case mono
    /// The eight of ANSI.
    case eight
    /// Those and their bright halves.
    case sixteen
    /// xterm's table; see ``Palette``.
    case indexed256
    /// Red, green and blue in every cell.
    case direct

    /// The depth of a terminal that says it has `colours` colours.
    package init(colours: Int) {
        switch colours {
        case ..<8: self = .mono
        case ..<16: self = .eight
        case ..<256: self = .sixteen
        case ..<(1 << 24): self = .indexed256
        default: self = .direct
        }
    }
}

/// What a role looks like on a particular terminal, in the numbers that terminal takes.
package struct Look: Hashable, Sendable {
    /// -1 for the terminal's own colour, else an index, or 0xRRGGBB on a terminal with direct colour.
    package var foreground: Int32
    /// As ``foreground``.
    package var background: Int32
    /// Bold and the like.
    package var attributes: Attributes

    /// A look.
    package init(foreground: Int32, background: Int32, attributes: Attributes) {
        self.foreground = foreground
        self.background = background
        self.attributes = attributes
    }
}

extension Theme {
    /// How `role` looks on a terminal with `depth` colours.
    ///
    /// Direct colour takes the colours as they are; 256 the nearest of 16...255, leaving the user's own sixteen alone;
    /// 16 and 8 the theme's `ansi` part, or where it has none the nearest; without colours only attributes remain.
    package func look(of role: Role, at depth: ColourDepth) -> Look {
        let entry = self[role]
        guard depth != .mono else { return Look(foreground: -1, background: -1, attributes: entry.mono) }
        let isRich = depth == .indexed256 || depth == .direct
        let face = (isRich ? entry.rich ?? entry.ansi : entry.ansi ?? entry.rich) ?? Face()
        let base = (isRich ? self[.text].rich ?? self[.text].ansi : self[.text].ansi ?? self[.text].rich) ?? Face()
        var look = Look(foreground: -1, background: -1, attributes: face.attributes)
        look.background = Self.number(face.background ?? base.background ?? .standard, depth)
        look.foreground = Self.number(face.foreground ?? base.foreground ?? .standard, depth)
        if depth == .eight {
            // Bright black would be bold black, which many of these terminals show as black: the plain letters, fainter
            // where the terminal can.
            if look.foreground == 8 {
                look.foreground = -1
                look.attributes.formUnion(entry.mono)
            }
            // Of eight colours the bright half is bold text, and there are no bright backgrounds.
            if look.foreground > 7 {
                look.foreground -= 8
                look.attributes.insert(.bold)
            }
            if look.background > 7 { look.background -= 8 }
            // Letters like the background that the terminal has by itself would be invisible too.
            if look.background == -1, look.foreground == (appearance == .dark ? 0 : 7) { look.foreground = -1 }
            // Two neighbours that became one would hide the text.
            if look.foreground >= 0, look.foreground == look.background {
                look = Look(foreground: -1, background: -1, attributes: look.attributes.union(entry.mono))
            }
        }
        return look
    }

    private static func number(_ colour: Colour, _ depth: ColourDepth) -> Int32 {
        switch (colour, depth) {
        case (.standard, _): -1
        case (.ansi(let index), .direct):
            // Direct-colour terminals read 0...7 as palette entries and have no others.
            index < 8 ? Int32(index) : Self.packed(Palette.colours[Int(index & 15)])
        case (.ansi(let index), _): Int32(index & 15)
        case (.rgb(let red, let green, let blue), .direct): packed((red, green, blue))
        case (.rgb(let red, let green, let blue), .indexed256):
            Int32(Palette.nearest(to: (red, green, blue), among: 16..<256))
        case (.rgb(let red, let green, let blue), _):
            Int32(Palette.nearest(to: (red, green, blue), among: 0..<16))
        }
    }

    /// 0xRRGGBB, at least 8, since a terminal with direct colour takes 0...7 for palette entries.
    private static func packed(_ colour: Palette.RGB) -> Int32 {
        max(8, Int32(colour.red) << 16 | Int32(colour.green) << 8 | Int32(colour.blue))
    }
}

/// The 256 colours of xterm: 16 the user may change, a 6×6×6 cube and 24 greys.
package enum Palette {
    /// Red, green and blue.
    package typealias RGB = (red: UInt8, green: UInt8, blue: UInt8)

    /// The usual values of all 256, in order.
    package static let colours: [RGB] = {
        let sixteen: [UInt32] = [
            0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
            0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
        ]
        var colours = sixteen.map { value -> RGB in
            (UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255))
        }
        let steps: [UInt8] = [0, 95, 135, 175, 215, 255]
        for red in steps {
            for green in steps {
                for blue in steps { colours.append((red, green, blue)) }
            }
        }
        for grey in 0..<24 {
            let value = UInt8(8 + 10 * grey)
            colours.append((value, value, value))
        }
        return colours
    }()

    /// The index in `range` whose colour is nearest to `colour`, the eye's unequal weights roughly respected.
    package static func nearest(to colour: RGB, among range: Range<Int>) -> Int {
        func distance(_ other: RGB) -> Int {
            let red = Int(colour.red) - Int(other.red)
            let green = Int(colour.green) - Int(other.green)
            let blue = Int(colour.blue) - Int(other.blue)
            return 3 * red * red + 6 * green * green + 2 * blue * blue
        }
        return range.min { distance(colours[$0]) < distance(colours[$1]) } ?? range.lowerBound
    }
}
