import Drawing
import Foundation
import OCI
import RegistryCore

/// The selected row in full, over the screen: for what a list has to cut, and where no pane stands beside it.
struct Detail: Sendable {
    /// Lines that can be scrolled to at most.
    static let linesMax = 400

    /// Lines above the first that is seen.
    var offset = 0
}

extension Model {
    /// Shows the selected row in full.
    mutating func showDetail() {
        guard detailTitle != nil else { return say(.note, "nothing is selected") }
        overlay = .detail(Detail())
    }

    mutating func takeDetail(_ detail: Detail, _ key: Key) {
        var detail = detail
        let visible = max(1, detailFrame.height - 2)
        let last = max(0, detailLines - visible)
        switch Keymap.command(for: key, on: screen) {
        case .down: detail.offset += 1
        case .up: detail.offset -= 1
        case .pageDown: detail.offset += visible - 1
        case .pageUp: detail.offset -= visible - 1
        case .top: detail.offset = 0
        case .bottom: detail.offset = last
        case .back, .quit, .detail, .open:
            overlay = nil
            return
        default: break
        }
        detail.offset = min(max(0, detail.offset), last)
        overlay = .detail(detail)
    }

    private var detailFrame: Rect {
        Rect(x: 0, y: 0, width: size.columns, height: max(0, size.rows - 1)).centred(width: 100, height: size.rows - 2)
    }

    /// Lines that the row comes to.
    private var detailLines: Int {
        var canvas = Canvas(columns: max(0, detailFrame.width - 2), rows: Self.detailRows)
        drawDetailText(on: &canvas)
        return canvas.plainText.lastIndex { !$0.isEmpty }.map { $0 + 1 } ?? 0
    }

    private static var detailRows: Int { min(Detail.linesMax, Canvas.sideMax) }

    /// What the row is called; nil when none is selected.
    private var detailTitle: String? {
        switch screen {
        case .repositories: repositories.list.selected?.name.text
        case .tags: tags.list.selected?.tag.text
        case .graph: graph.selectedNode?.role.word
        case .activity: operationShown?.kind.word
        case .sweep: sweep.list.selected.map { _ in "why" }
        case .server: serverScreen.log.selected?.line.level.name
        case .check: check.list.selected.map { _ in "why" }
        }
    }

    func drawDetail(_ detail: Detail, on canvas: inout Canvas) {
        let frame = detailFrame
        canvas.fill(frame)
        canvas.within(frame) { canvas in
            let inner = canvas.box(canvas.bounds, title: detailTitle ?? "", footer: "j k · esc", isFocused: true)
            canvas.within(inner) { canvas in
                let all = Rect(x: 0, y: -detail.offset, width: canvas.bounds.width, height: Self.detailRows)
                canvas.within(all) { drawDetailText(on: &$0) }
            }
        }
    }

    private func drawDetailText(on canvas: inout Canvas) {
        switch screen {
        case .repositories: drawRepository(on: &canvas)
        case .tags: drawTag(on: &canvas)
        case .graph: drawNode(on: &canvas)
        case .activity: drawOperation(on: &canvas)
        case .sweep: drawWhy(on: &canvas)
        case .server: drawLogLine(on: &canvas)
        case .check: drawFinding(on: &canvas)
        }
    }

    private func drawLogLine(on canvas: inout Canvas) {
        guard let line = serverScreen.log.selected?.line else { return }
        let width = max(1, canvas.bounds.width - 2)
        canvas.put("\(times.stamp(line.time, now: now))  \(line.level.name)", x: 1, y: 0, style: .dim, width: width)
        for (y, text) in Self.brokenWords(line.message, width: width).enumerated() {
            canvas.put(text, x: 1, y: 2 + y, width: width)
        }
    }

    /// A text over as many lines as it needs, broken at blanks, and inside a word that is longer than a line.
    static func brokenWords(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            let longer = line.isEmpty ? String(word) : "\(line) \(word)"
            if longer.columns <= width {
                line = longer
            } else if word.columns <= width {
                lines.append(line)
                line = String(word)
            } else {
                let parts = wrapped(longer, width: width)
                lines += parts.dropLast()
                line = parts.last ?? ""
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
