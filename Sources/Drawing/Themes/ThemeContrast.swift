/// How well one role of a theme can be read.
package struct ContrastFinding: Hashable, Sendable {
    /// The role.
    package let role: Role
    /// Contrast ratio of its letters to what is behind them, 1...21.
    package let ratio: Double
    /// The ratio it needs.
    package let minimum: Double

    /// Whether it cannot be read well enough.
    package var isTooLow: Bool { ratio < minimum }
}

extension Role {
    /// The contrast the role needs: 4.5 for what has to be read, 3 for dim text, graphs and the focused border, 1.3 for
    /// plain borders, which are ornament.
    ///
    /// Source: https://www.w3.org/TR/WCAG22/#contrast-minimum and #non-text-contrast
    package var contrastMinimum: Double {
        switch self {
        case .dim, .borderFocus, .graphLow, .graphMid, .graphHigh: 3
        case .border: 1.3
        default: 4.5
        }
    }
}

extension Theme {
    /// The contrast of every role whose colours the theme decides, on a terminal with `depth` colours.
    ///
    /// Roles drawn in the terminal's sixteen colours are left out: only their user knows how they look. `default` is
    /// taken for black or white, by the theme's appearance.
    package func contrastFindings(at depth: ColourDepth = .direct) -> [ContrastFinding] {
        Role.allCases.compactMap { role in
            let face = self[role].rich ?? self[role].ansi
            let base = self[.text].rich ?? self[.text].ansi
            guard let letters = rgb(face?.foreground ?? base?.foreground ?? .standard, isLetters: true, depth),
                let behind = rgb(face?.background ?? base?.background ?? .standard, isLetters: false, depth)
            else { return nil }
            return ContrastFinding(
                role: role, ratio: Self.contrast(letters, behind), minimum: role.contrastMinimum)
        }
    }

    /// The contrast ratio of two colours, 1...21, whichever is lighter.
    ///
    /// Source: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
    package static func contrast(_ a: Palette.RGB, _ b: Palette.RGB) -> Double {
        let lighter = max(luminance(a), luminance(b))
        let darker = min(luminance(a), luminance(b))
        return (lighter + 0.05) / (darker + 0.05)
    }

    /// Source: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
    private static func luminance(_ colour: Palette.RGB) -> Double {
        func linear(_ byte: UInt8) -> Double {
            let value = Double(byte) / 255
            return value <= 0.04045 ? value / 12.92 : power2_4((value + 0.055) / 1.055)
        }
        return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue)
    }

    /// `base` to the power of 2.4, for 0...1: the square times the fifth root of the square, by Newton's method, so that
    /// no C library is needed. Exact to the last digits after a dozen steps.
    private static func power2_4(_ base: Double) -> Double {
        guard base > 0 else { return 0 }
        let square = base * base
        var root = 1.0
        for _ in 0..<40 { root = (4 * root + square / (root * root * root * root)) / 5 }
        return square * root
    }

    private func rgb(_ colour: Colour, isLetters: Bool, _ depth: ColourDepth) -> Palette.RGB? {
        switch colour {
        case .ansi: nil
        case .standard: (appearance == .dark) == isLetters ? (255, 255, 255) : (0, 0, 0)
        case .rgb(let red, let green, let blue):
            depth == .indexed256
                ? Palette.colours[Palette.nearest(to: (red, green, blue), among: 16..<256)] : (red, green, blue)
        }
    }
}
