import Drawing
import Foundation
import OCI
import RegistryCore

/// How the model looks. Draws what is seen and nothing else; changes nothing.
extension Model {
    /// Draws the whole screen. The canvas may have any size, also none.
    func view(on canvas: inout Canvas) {
        var model = self
        model.size = Size(columns: canvas.bounds.width, rows: canvas.bounds.height)
        model.draw(on: &canvas)
    }

    private func draw(on canvas: inout Canvas) {
        let layout = layout
        guard layout.shape != .line else {
            canvas.within(layout.header) { drawLine(on: &$0) }
            if case .dialog(let question) = overlay { question.dialog.draw(on: &canvas) }
            return
        }
        canvas.within(layout.header) { drawHeader(on: &$0) }
        let focus = focus
        for target in panes where target.frame.width >= 2 && target.frame.height >= 2 {
            draw(target, isFocused: target.pane == focus, on: &canvas)
        }
        canvas.within(layout.ticker) { drawTicker(on: &$0) }
        canvas.within(layout.hint) { drawBottomLine(on: &$0) }
        drawLongToast(above: layout.hint, on: &canvas)
        drawOverlay(on: &canvas)
    }

    /// Draws a pane: its border with a title, and its contents inside.
    private func draw(_ target: PaneFrame, isFocused: Bool, on canvas: inout Canvas) {
        let title = title(of: target.pane)
        let inner = canvas.box(
            target.frame, title: title.text, trailing: title.trailing,
            footer: target.pane == .operations && layout.shape != .wide ? operationFooter : "",
            isFocused: isFocused && target.pane.isList)
        canvas.within(inner) { canvas in
            switch target.pane {
            case .repositories: drawRepositories(isFocused: isFocused, on: &canvas)
            case .repository: drawRepository(on: &canvas)
            case .tags: drawTags(isFocused: isFocused, on: &canvas)
            case .tag: drawTag(on: &canvas)
            case .graph: drawGraph(isFocused: isFocused, on: &canvas)
            case .node: drawNode(on: &canvas)
            case .users: drawUsers(isFocused: isFocused, on: &canvas)
            case .transfers: drawTransfers(isFocused: isFocused, on: &canvas)
            case .operations: drawOperations(isFocused: isFocused, on: &canvas)
            case .operation: drawOperation(on: &canvas)
            case .sweepSummary: drawSweepSummary(on: &canvas)
            case .sweepRows: drawSweepRows(isFocused: isFocused, on: &canvas)
            case .why: drawWhy(on: &canvas)
            case .status: drawStatus(on: &canvas)
            case .rates: drawRates(on: &canvas)
            case .log: drawLog(isFocused: isFocused, on: &canvas)
            case .checkSummary: drawCheckSummary(on: &canvas)
            case .findings: drawFindings(isFocused: isFocused, on: &canvas)
            case .finding: drawFinding(on: &canvas)
            }
        }
    }

    /// What stands in a pane's border.
    private func title(of pane: Pane) -> (text: String, trailing: String) {
        switch pane {
        case .repositories:
            (
                repositoriesTitle,
                isEmptyStore
                    ? "\(clientTool) · c other · y copies"
                    : !isReconciled && repositories.marks.isEmpty
                        ? "+ grows  ~ may change"
                        : repositories.marks.isEmpty
                            ? sortTitle(repositories.sort, repositories.isDescending)
                            : "\(repositories.marks.count) marked"
            )
        case .repository: (currentRepository?.text ?? "no repository", "")
        case .tags: (tagsTitle, tags.marks.isEmpty ? "" : "\(tags.marks.count) marked")
        case .tag: (tags.list.selected.map { $0.tag.text } ?? "no tag", "")
        case .graph: graphTitle
        case .node: (graph.selectedNode?.role.word ?? "nothing", "")
        case .users: (usersTitle, "u")
        case .transfers:
            (
                activityLog.inProgress.isEmpty ? "in progress" : "in progress \(activityLog.inProgress.count)",
                activityLog.inProgress.isEmpty || focus == .transfers ? "" : "tab"
            )
        case .operations: activityTitle
        case .operation: ("operation", "")
        case .sweepSummary: ("summary", "")
        case .sweepRows: sweepTitle
        case .why: ("why", "")
        case .status: ("server", isAccompanied ? "▲ another Berth here too" : "")
        case .rates: ("rates", "last \(RateHistory.secondsMax) s")
        case .log: ("log", "\(serverScreen.leastLevel.name) and above" + filterNote)
        case .checkSummary: ("check", "")
        case .findings: findingsTitle
        case .finding: ("why", "")
        }
    }

    /// ` · "foo"` while a filter hides rows.
    var filterNote: String { filter.isActive ? " · /\(filter.text)" : "" }

    private func sortTitle(_ sort: RepositoriesScreen.Sort, _ isDescending: Bool) -> String {
        "by \(sort)" + (isDescending ? " ▼" : "")
    }

    /// Draws, in an empty list, why it is empty.
    func drawEmpty(_ text: String, style: Style = .dim, on canvas: inout Canvas) {
        let width = max(1, canvas.bounds.width - 2)
        let lines = Self.words(text, width: width).flatMap { Self.wrapped($0, width: width) }
        let top = canvas.bounds.height > lines.count + 3 ? 1 : 0
        for (y, line) in lines.enumerated() { canvas.put(line, x: 1, y: top + y, style: style, width: width) }
    }

    /// Draws why a list has no rows: the filter, the wait, or the failure. False when it is neither of these.
    func drawAbsence<Value>(
        of loaded: Loaded<Value>?, hidden: Int, on canvas: inout Canvas
    ) -> Bool {
        if loaded?.isUnknown == true, !isReconciled {
            drawEmpty(notReadYet, on: &canvas)
        } else if let failure = loaded?.failure {
            drawEmpty("✖ \(failure)", style: .error, on: &canvas)
        } else if filter.isActive, hidden > 0 {
            drawEmpty("0 of \(hidden) match '\(filter.text)' · esc clears", on: &canvas)
        } else if let loaded, loaded.isSlow(at: now) {
            drawEmpty("reading …", on: &canvas)
        } else {
            return loaded?.value == nil
        }
        return true
    }
}
