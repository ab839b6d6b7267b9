/// What a piece of the screen *is*; the theme decides how that looks.
///
/// Views name roles and never colours, so a theme, sixteen colours or none at all are the same view.
package enum Role: UInt8, CaseIterable, Sendable {
    /// Ordinary text, and the background of everything that names none.
    case text
    /// Text that matters less: units, explanations, absent values.
    case dim
    /// Lines around panes.
    case border
    /// Lines around the pane that has the keyboard.
    case borderFocus
    /// Titles of panes and screens.
    case title
    /// Column headers.
    case header
    /// The key in a hint.
    case hintKey
    /// The words beside the key in a hint.
    case hintText
    /// The selected row or button.
    case selection
    /// A marked row.
    case mark
    /// Something is as it should be.
    case ok
    /// Something needs a look.
    case warn
    /// Something is broken.
    case error
    /// A push.
    case push
    /// A pull.
    case pull
    /// Bytes several images share.
    case shared
    /// Bytes one image alone holds.
    case unique
    /// What a sweep would remove.
    case garbage
    /// What a sweep spares.
    case protected
    /// The calm part of a graph.
    case graphLow
    /// The middle part of a graph.
    case graphMid
    /// The hot part of a graph.
    case graphHigh

    /// The role's name in a theme file, such as `border.focus`.
    package var themeName: String {
        switch self {
        case .borderFocus: "border.focus"
        case .hintKey: "hint.key"
        case .hintText: "hint.text"
        case .graphLow: "graph.low"
        case .graphMid: "graph.mid"
        case .graphHigh: "graph.high"
        default: "\(self)"
        }
    }

    /// The letter that stands for the role in a style map; see ``Canvas/styleText``.
    package var letter: Character {
        switch self {
        case .text: " "
        case .dim: "d"
        case .border: "b"
        case .borderFocus: "f"
        case .title: "t"
        case .header: "h"
        case .hintKey: "k"
        case .hintText: "i"
        case .selection: "s"
        case .mark: "m"
        case .ok: "o"
        case .warn: "w"
        case .error: "e"
        case .push: "p"
        case .pull: "l"
        case .shared: "r"
        case .unique: "u"
        case .garbage: "g"
        case .protected: "c"
        case .graphLow: "x"
        case .graphMid: "y"
        case .graphHigh: "z"
        }
    }
}

/// How letters are drawn beside their colour; every terminal has at least bold and reverse.
package struct Attributes: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Heavier letters.
    package static let bold = Attributes(rawValue: 1)
    /// A line under the letters.
    package static let underline = Attributes(rawValue: 2)
    /// Foreground and background exchanged.
    package static let reverse = Attributes(rawValue: 4)
    /// Slanted letters; many terminals show them as they show plain ones.
    package static let italic = Attributes(rawValue: 8)
    /// Fainter letters; used where there are no colours.
    package static let faint = Attributes(rawValue: 16)
}

/// The look of one cell: a role and attributes, in sixteen bits.
package struct Style: Hashable, Sendable {
    /// The role in the low eight bits and the attributes in the high eight; what a cell stores.
    package let id: UInt16

    /// A style of `role` with `attributes` on top of what the theme gives the role.
    package init(_ role: Role, _ attributes: Attributes = []) {
        id = UInt16(role.rawValue) | UInt16(attributes.rawValue) << 8
    }

    /// What the cell is.
    package var role: Role { Role(rawValue: UInt8(truncatingIfNeeded: id)) ?? .text }
    /// The attributes asked for on top of the theme's.
    package var attributes: Attributes { Attributes(rawValue: UInt8(truncatingIfNeeded: id >> 8)) }

    /// The same role with `more` attributes.
    package func with(_ more: Attributes) -> Style { Style(role, attributes.union(more)) }
    /// The same role, bold.
    package var bold: Style { with(.bold) }

    package static let text = Style(.text)
    package static let dim = Style(.dim)
    package static let border = Style(.border)
    package static let borderFocus = Style(.borderFocus)
    package static let title = Style(.title)
    package static let header = Style(.header)
    package static let hintKey = Style(.hintKey)
    package static let hintText = Style(.hintText)
    package static let selection = Style(.selection)
    package static let mark = Style(.mark)
    package static let ok = Style(.ok)
    package static let warn = Style(.warn)
    package static let error = Style(.error)
    package static let push = Style(.push)
    package static let pull = Style(.pull)
    package static let shared = Style(.shared)
    package static let unique = Style(.unique)
    package static let garbage = Style(.garbage)
    package static let protected = Style(.protected)
    package static let graphLow = Style(.graphLow)
    package static let graphMid = Style(.graphMid)
    package static let graphHigh = Style(.graphHigh)
}
