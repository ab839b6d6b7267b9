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
    /// The bits, as the high half of a ``Style/id`` holds them.
    package let rawValue: UInt8

    /// The attributes of these bits.
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

    /// ``Role/text`` without attributes.
    package static let text = Style(.text)
    /// ``Role/dim`` without attributes.
    package static let dim = Style(.dim)
    /// ``Role/border`` without attributes.
    package static let border = Style(.border)
    /// ``Role/borderFocus`` without attributes.
    package static let borderFocus = Style(.borderFocus)
    /// ``Role/title`` without attributes.
    package static let title = Style(.title)
    /// ``Role/header`` without attributes.
    package static let header = Style(.header)
    /// ``Role/hintKey`` without attributes.
    package static let hintKey = Style(.hintKey)
    /// ``Role/hintText`` without attributes.
    package static let hintText = Style(.hintText)
    /// ``Role/selection`` without attributes.
    package static let selection = Style(.selection)
    /// ``Role/mark`` without attributes.
    package static let mark = Style(.mark)
    /// ``Role/ok`` without attributes.
    package static let ok = Style(.ok)
    /// ``Role/warn`` without attributes.
    package static let warn = Style(.warn)
    /// ``Role/error`` without attributes.
    package static let error = Style(.error)
    /// ``Role/push`` without attributes.
    package static let push = Style(.push)
    /// ``Role/pull`` without attributes.
    package static let pull = Style(.pull)
    /// ``Role/shared`` without attributes.
    package static let shared = Style(.shared)
    /// ``Role/unique`` without attributes.
    package static let unique = Style(.unique)
    /// ``Role/garbage`` without attributes.
    package static let garbage = Style(.garbage)
    /// ``Role/protected`` without attributes.
    package static let protected = Style(.protected)
    /// ``Role/graphLow`` without attributes.
    package static let graphLow = Style(.graphLow)
    /// ``Role/graphMid`` without attributes.
    package static let graphMid = Style(.graphMid)
    /// ``Role/graphHigh`` without attributes.
    package static let graphHigh = Style(.graphHigh)
}
