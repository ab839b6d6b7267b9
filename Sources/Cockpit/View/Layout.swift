import Drawing

/// How the screen is divided, from its size alone.
struct Layout: Sendable, Equatable {
    enum Shape: Sendable {
        /// Below 40x10: one line with the server's state, and `q`.
        case line
        /// Below 70 columns: one pane.
        case narrow
        case standard
        /// From 120x30: more columns, more events.
        case wide
    }

    let shape: Shape
    let header: Rect
    let body: Rect
    /// Empty when events are hidden or rows are short.
    let ticker: Rect
    let hint: Rect

    init(_ size: Size, isTickerShown: Bool) {
        let all = Rect(x: 0, y: 0, width: size.columns, height: size.rows)
        shape =
            if size.columns < 40 || size.rows < 10 { .line } else if size.columns < 70 {
                .narrow
            } else { size.columns >= 120 && size.rows >= 30 ? .wide : .standard }
        guard shape != .line else {
            header = all.split(top: 1).top
            (body, ticker, hint) = (Rect(x: 0, y: 0, width: 0, height: 0), header.inset(0, 1), header.inset(0, 1))
            return
        }
        let tickerRows = !isTickerShown || size.rows < 16 ? 0 : shape == .wide ? 3 : 1
        let belowHeader = all.split(top: 1)
        let aboveHint = belowHeader.bottom.split(bottom: 1)
        let parts = aboveHint.top.split(bottom: tickerRows)
        (header, body, ticker, hint) = (belowHeader.top, parts.top, parts.bottom, aboveHint.bottom)
    }
}

/// A rectangle of the screen with one thing in it.
enum Pane: Hashable, Sendable {
    case repositories, repository
    case tags, tag
    case graph, node, users
    case transfers, operations, operation
    case sweepSummary, sweepRows, why
    case status, rates, log
    case checkSummary, findings, finding

    /// Whether it has rows one can select.
    var isList: Bool {
        switch self {
        case .repositories, .tags, .graph, .users, .transfers, .operations, .sweepRows, .log, .findings: true
        case .repository, .tag, .node, .operation, .sweepSummary, .why, .status, .rates: false
        case .checkSummary, .finding: false
        }
    }

    /// Whether its first line holds column titles.
    var hasHeader: Bool { self == .repositories || self == .tags }
}

/// A pane and where it is.
struct PaneFrame: Sendable, Equatable {
    var pane: Pane
    /// With the border.
    var frame: Rect

    /// Where rows stand: inside the border, below the column titles.
    var rows: Rect {
        let inner = frame.inset(1, 1)
        return pane.hasHeader ? inner.split(top: 1).bottom : inner
    }
}

extension Model {
    var layout: Layout { Layout(size, isTickerShown: isTickerShown) }

    /// The panes of the screen that is shown, in the order `tab` takes them.
    var panes: [PaneFrame] {
        let layout = layout
        guard layout.shape != .line else { return [] }
        let frames: [(Pane, Rect)] =
            switch screen {
            case .repositories: Self.repositoryPanes(layout, names: repositories.nameColumns, isEmpty: isEmptyStore)
            case .tags: Self.tagPanes(layout)
            case .graph: Self.graphPanes(layout, isInverted: graph.isInverted)
            case .activity: Self.activityPanes(layout, open: activityLog.inProgress.count)
            case .sweep: Self.sweepPanes(layout)
            case .server: Self.serverPanes(layout)
            case .check: Self.checkPanes(layout)
            }
        return frames.map { PaneFrame(pane: $0.0, frame: $0.1) }
    }

    /// The pane that has the keyboard.
    var focus: Pane? {
        let shown = panes.map(\.pane)
        if let wanted = focuses[screen], shown.contains(wanted), canTake(wanted) { return wanted }
        return shown.first { $0.isList && canTake($0) }
    }

    /// Whether a pane takes the keyboard now. What is in progress takes it when it is asked to, and has something, or when nothing
    /// has ended yet.
    private func canTake(_ pane: Pane) -> Bool {
        guard pane == .transfers else { return true }
        let isAsked = focuses[screen] == .transfers || activity.list.rows.isEmpty
        return isAsked && !activityLog.inProgress.isEmpty
    }

    /// What stands beside a name in the list at least: gutter, size, transfers and border.
    private static let columnsBesideName = 15

    /// The list is as wide as its longest name needs, within limits; beside no list there is nothing to show.
    private static func repositoryPanes(_ layout: Layout, names: Int, isEmpty: Bool) -> [(Pane, Rect)] {
        guard layout.shape != .narrow, !isEmpty else { return [(.repositories, layout.body)] }
        let wanted = min(names + columnsBesideName, layout.body.width * 7 / 10)
        let parts = layout.body.split(left: max(layout.body.width * 11 / 20, wanted))
        return [(.repositories, parts.left), (.repository, parts.right)]
    }

    private static func tagPanes(_ layout: Layout) -> [(Pane, Rect)] {
        switch layout.shape {
        case .line, .narrow: return [(.tags, layout.body)]
        case .standard:
            let parts = layout.body.split(bottom: layout.body.height >= 16 ? 7 : 0)
            return parts.bottom.isEmpty ? [(.tags, parts.top)] : [(.tags, parts.top), (.tag, parts.bottom)]
        case .wide:
            let parts = layout.body.split(left: layout.body.width * 13 / 20)
            return [(.tags, parts.left), (.tag, parts.right)]
        }
    }

    private static func graphPanes(_ layout: Layout, isInverted: Bool) -> [(Pane, Rect)] {
        guard layout.shape != .narrow else { return [(isInverted ? .users : .graph, layout.body)] }
        let parts = layout.body.split(left: layout.body.width * 3 / 5)
        let right = parts.right.split(top: min(8, parts.right.height / 2))
        return [(.graph, parts.left), (.node, right.top), (.users, right.bottom)]
    }

    private static func activityPanes(_ layout: Layout, open: Int) -> [(Pane, Rect)] {
        let wanted = max(1, open) + 2
        let parts = layout.body.split(top: min(wanted, max(3, layout.body.height / 2)))
        guard layout.shape == .wide else {
            return layout.body.height < 9
                ? [(.operations, layout.body)] : [(.transfers, parts.top), (.operations, parts.bottom)]
        }
        let below = parts.bottom.split(left: parts.bottom.width * 7 / 10)
        return [(.transfers, parts.top), (.operations, below.left), (.operation, below.right)]
    }

    private static func sweepPanes(_ layout: Layout) -> [(Pane, Rect)] {
        guard layout.shape != .narrow else {
            let parts = layout.body.split(top: layout.body.height >= 18 ? 10 : 0)
            return parts.top.isEmpty
                ? [(.sweepRows, parts.bottom)] : [(.sweepSummary, parts.top), (.sweepRows, parts.bottom)]
        }
        let parts = layout.body.split(left: layout.shape == .wide ? 34 : 28)
        let right = parts.right.split(bottom: min(9, parts.right.height * 2 / 5))
        return [(.sweepSummary, parts.left), (.sweepRows, right.top), (.why, right.bottom)]
    }

    /// As for a sweep, with room for a path below the list.
    private static func checkPanes(_ layout: Layout) -> [(Pane, Rect)] {
        guard layout.shape != .narrow else {
            let parts = layout.body.split(top: layout.body.height >= 18 ? 10 : 0)
            return parts.top.isEmpty
                ? [(.findings, parts.bottom)] : [(.checkSummary, parts.top), (.findings, parts.bottom)]
        }
        let parts = layout.body.split(left: layout.shape == .wide ? 34 : 28)
        let right = parts.right.split(bottom: min(10, parts.right.height / 2))
        return [(.checkSummary, parts.left), (.findings, right.top), (.finding, right.bottom)]
    }

    private static func serverPanes(_ layout: Layout) -> [(Pane, Rect)] {
        guard layout.shape != .narrow else {
            let parts = layout.body.split(top: min(6, layout.body.height))
            return parts.bottom.height < 3
                ? [(.status, layout.body)] : [(.status, parts.top), (.log, parts.bottom)]
        }
        let parts = layout.body.split(top: min(11, (layout.body.height + 1) / 2))
        let top = parts.top.split(left: parts.top.width * 11 / 20)
        return [(.status, top.left), (.rates, top.right), (.log, parts.bottom)]
    }
}
