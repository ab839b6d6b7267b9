import Drawing

/// Moving in lists: one set of verbs for every pane that has rows.
extension Model {
    /// Rows of a pane's list.
    func count(in pane: Pane) -> Int {
        switch pane {
        case .repositories: repositories.list.rows.count
        case .tags: tags.list.rows.count
        case .graph: graph.lines.count
        case .users: graph.users.value?.count ?? 0
        case .transfers: activityLog.inProgress.count
        case .operations: activity.list.rows.count
        case .sweepRows: sweep.list.rows.count
        case .log: serverScreen.log.rows.count
        case .findings: check.list.rows.count
        case .repository, .tag, .node, .operation, .sweepSummary, .why, .status, .rates: 0
        case .checkSummary, .finding: 0
        }
    }

    /// Selection and scroll of a pane's list.
    subscript(list pane: Pane) -> ListState {
        get {
            switch pane {
            case .repositories: repositories.list.state
            case .tags: tags.list.state
            case .graph: graph.tree
            case .users: graph.usersList
            case .transfers: runningList
            case .operations: activity.list.state
            case .sweepRows: sweep.list.state
            case .log: serverScreen.log.state
            case .findings: check.list.state
            case .repository, .tag, .node, .operation, .sweepSummary, .why, .status, .rates: ListState()
            case .checkSummary, .finding: ListState()
            }
        }
        set {
            switch pane {
            case .repositories: repositories.list.state = newValue
            case .tags: tags.list.state = newValue
            case .graph: graph.tree = newValue
            case .users: graph.usersList = newValue
            case .transfers: selectRunning(newValue)
            case .operations: activity.list.state = newValue
            case .sweepRows: sweep.list.state = newValue
            case .log: serverScreen.log.state = newValue
            case .findings: check.list.state = newValue
            case .repository, .tag, .node, .operation, .sweepSummary, .why, .status, .rates: break
            case .checkSummary, .finding: break
            }
        }
    }

    /// Rows of `pane` that are seen now; 1 where it is not on the screen.
    func visibleRows(of pane: Pane) -> Int {
        max(1, panes.first { $0.pane == pane }?.rows.height ?? 1)
    }

    /// A page less one row, so that one row stays in sight.
    var pageRows: Int { focus.map { max(1, visibleRows(of: $0) - 1) } ?? 1 }

    mutating func move(by rows: Int) {
        if let focus { move(by: rows, in: focus) }
    }

    mutating func move(by rows: Int, in pane: Pane) {
        self[list: pane].move(by: rows, count: count(in: pane), visible: visibleRows(of: pane))
    }

    mutating func scroll(by rows: Int, in pane: Pane) {
        self[list: pane].scroll(by: rows, count: count(in: pane), visible: visibleRows(of: pane))
    }

    /// Gives the keyboard to the next pane with rows, around the end.
    mutating func changeFocus(by step: Int) {
        let lists = panes.map(\.pane).filter(\.isList)
        guard lists.count > 1, let focus, let index = lists.firstIndex(of: focus) else { return }
        focuses[screen] = lists[(index + step + lists.count) % lists.count]
        if self.focus == .transfers { selectRunning(runningList) }
    }

    /// Goes to the next row that matches the filter, around the end. Most lists show nothing but matches.
    mutating func match(_ step: Int) {
        guard let focus else { return }
        let count = count(in: focus)
        guard count > 0, let start = self[list: focus].selection(count: count) else { return }
        let isTree = focus == .graph && filter.isActive
        for distance in 1...count {
            let row = (start + step * distance + count * distance) % count
            guard isTree, !graph.matches.contains(graph.lines[row].id) else {
                return self[list: focus].select(row, count: count, visible: visibleRows(of: focus))
            }
        }
    }

    /// Sets the filter of the screen that is shown; other screens keep theirs.
    mutating func setFilter(_ text: String) {
        filters[screen] = Filter(text: text)
        switch screen {
        case .repositories: repositories.arrange(filter: filter)
        case .tags: tags.arrange(filter: filter)
        case .graph: graph.arrange(filter: filter, isRead: isReconciled)
        case .activity: arrangeActivity()
        case .sweep: arrangeSweep()
        case .server: arrangeLog()
        case .check: arrangeCheck()
        }
    }
}
