import Drawing
import ScreenWords

@testable import Cockpit

/// A screen of two panes, as a person sees it at 200x60, where nothing of a small store is cut.
struct ShownScreen {
    let lines: [String]
    /// The lines of the pane on the left, and of those on the right.
    let left: [String]
    let right: [String]

    init(_ model: Model) {
        var canvas = Canvas(columns: 200, rows: 60)
        model.view(on: &canvas)
        lines = canvas.plainText
        let frame = lines.dropFirst().first.map(Array.init) ?? []
        let border = frame.indices.first { frame[$0...].starts(with: "┐┌") }.map { $0 + 1 } ?? frame.count
        left = lines.map { String($0.prefix(border)) }
        right = lines.map { String($0.dropFirst(border)) }
    }

    /// The title of the pane on the left.
    var title: String { left.first { $0.hasPrefix("┌─ ") } ?? "" }
}
