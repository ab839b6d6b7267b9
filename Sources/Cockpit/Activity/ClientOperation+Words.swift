import Drawing

extension ClientOperation.Kind {
    var symbol: String {
        switch self {
        case .push: "⇡"
        case .pull: "⇣"
        case .delete: "✗"
        case .brokenOff: "▲"
        case .refused: "✖"
        case .rolledBack: "←"
        case .undone: "◂"
        case .sweep: "◆"
        case .reconcile: "≈"
        }
    }

    /// At most eleven columns.
    var word: String {
        switch self {
        case .brokenOff: "broken off"
        case .rolledBack: "rolled back"
        case .undone: "undone"
        case .refused: "refused"
        case .reconcile: "index"
        case .push, .pull, .delete, .sweep: "\(self)"
        }
    }

    var style: Style {
        switch self {
        case .push: .push
        case .pull: .pull
        case .delete, .sweep: .garbage
        case .brokenOff: .warn
        case .refused: .error
        case .rolledBack, .undone: .protected
        case .reconcile: .dim
        }
    }

    /// Of what it says of itself: why something did not happen is what is looked for.
    var summaryStyle: Style { self == .refused || self == .brokenOff ? style : .dim }
}
