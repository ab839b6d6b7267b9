/// A horizontal bar, exact to an eighth of a column: `████▌····`.
///
/// Without a style of its own it is green, yellow or red by how full it is, through the roles `graphLow`, `graphMid`
/// and `graphHigh`. On an ASCII canvas the same bar reads `####=....`.
package struct Bar: Hashable, Sendable {
    /// How much is filled, 0...1.
    package let fraction: Double
    /// The look of the filled part; nil chooses by ``fraction``.
    package let style: Style?

    /// A bar; `fraction` is clamped to 0...1 and what is not a number counts as 0.
    package init(_ fraction: Double, style: Style? = nil) {
        self.fraction = fraction.isFinite ? min(max(fraction, 0), 1) : 0
        self.style = style
    }

    /// A bar of `part` in `whole`; empty when `whole` is 0.
    package init(_ part: UInt64, of whole: UInt64, style: Style? = nil) {
        self.init(whole == 0 ? 0 : Double(part) / Double(whole), style: style)
    }

    /// Draws the bar over the first row of `canvas.bounds`.
    package func draw(on canvas: inout Canvas) {
        let width = canvas.bounds.width
        let filled = canvas.put(Self.filled(fraction, columns: width), x: 0, y: 0, style: style ?? level)
        canvas.put(String(repeating: "·", count: max(0, width - filled)), x: filled, y: 0, style: .dim)
    }

    /// The bar as text, exactly `columns` columns; for a place where only text can stand.
    package func text(columns: Int) -> String {
        let filled = Self.filled(fraction, columns: columns)
        return filled + String(repeating: "·", count: max(0, columns - filled.columns))
    }

    private var level: Style {
        fraction < 0.7 ? .graphLow : fraction < 0.9 ? .graphMid : .graphHigh
    }

    /// The filled part; anything above 0 shows at least one eighth and only 1 fills the last one.
    private static func filled(_ fraction: Double, columns: Int) -> String {
        let total = max(0, min(columns, Canvas.sideMax)) * 8
        guard total > 0, fraction > 0 else { return "" }
        var eighths = Int((fraction * Double(total)).rounded())
        eighths = fraction >= 1 ? total : min(max(eighths, 1), total - 1)
        let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
    }
}

/// A row of small columns, newest at the right: `▁▂▂▅▇`. Taller than one row when its rectangle is.
///
/// On an ASCII canvas the levels read `_.:-=+*#`.
package struct Sparkline: Hashable, Sendable {
    /// The values, oldest first; the newest that fit are drawn.
    package let values: [UInt64]
    /// What fills the height; nil takes the largest value drawn.
    package let ceiling: UInt64?
    /// The look; nil chooses by level.
    package let style: Style?

    /// A sparkline of `values`.
    package init(_ values: [UInt64], ceiling: UInt64? = nil, style: Style? = nil) {
        self.values = values
        self.ceiling = ceiling
        self.style = style
    }

    /// Draws the line over `canvas.bounds`, right-aligned. Zero shows as the lowest level, so the line never vanishes.
    package func draw(on canvas: inout Canvas) {
        let bounds = canvas.bounds
        guard !bounds.isEmpty else { return }
        let shown = values.suffix(bounds.width)
        let start = bounds.width - shown.count
        let steps = min(bounds.height, Canvas.sideMax) * 8
        let full = max(1, ceiling ?? shown.max() ?? 1)
        for (index, value) in shown.enumerated() {
            let level = Self.level(value, of: full, steps: steps)
            for row in 0..<bounds.height {
                let eighths = min(8, level - (bounds.height - 1 - row) * 8)
                guard eighths > 0 else { continue }
                let look = style ?? Self.style(level, steps)
                canvas.put(String(Self.blocks[eighths - 1]), x: start + index, y: row, style: look)
            }
        }
    }

    /// The line as text of at most `columns` columns.
    package func text(columns: Int) -> String {
        let shown = values.suffix(max(0, columns))
        let full = max(1, ceiling ?? shown.max() ?? 1)
        return String(shown.map { Self.blocks[Self.level($0, of: full, steps: 8) - 1] })
    }

    private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// 1...`steps`; rises with the value, and only what reaches `full` takes the last step.
    private static func level(_ value: UInt64, of full: UInt64, steps: Int) -> Int {
        guard value < full else { return steps }
        return 1 + Int(Double(value) / Double(full) * Double(steps - 1))
    }

    private static func style(_ level: Int, _ steps: Int) -> Style {
        level * 10 <= steps * 6 ? .graphLow : level * 10 <= steps * 9 ? .graphMid : .graphHigh
    }
}
