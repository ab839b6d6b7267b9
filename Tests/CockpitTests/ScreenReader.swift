import Drawing

@testable import Cockpit

/// A size as a screen says it, with what it may stand for: it is rounded to three digits.
struct ShownSize: CustomStringConvertible {
    let description: String
    private let least: Double
    private let most: Double

    /// Nil when the words are none, as `13.3` and `MiB`.
    init?(_ number: some StringProtocol, _ unit: some StringProtocol) {
        guard let power = ["B", "KiB", "MiB", "GiB"].firstIndex(of: String(unit)), let value = Double(number) else {
            return nil
        }
        let decimals = number.split(separator: ".").dropFirst().first?.count ?? 0
        let half = unit == "B" ? 0 : (0..<decimals).reduce(0.5) { half, _ in half / 10 }
        let scale = (0..<power).reduce(1.0) { scale, _ in scale * 1024 }
        (least, most) = ((value - half) * scale, (value + half) * scale)
        description = "\(number) \(unit)"
    }

    func stands(for bytes: Int64) -> Bool { (least...most).contains(Double(bytes)) }
}

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

extension String {
    /// Its words, without what frames and marks a row.
    var words: [Substring] { split { " │▸▾◆├└─✖".contains($0) } }

    /// Every size in it, in order.
    var sizes: [ShownSize] { zip(words, words.dropFirst()).compactMap { ShownSize($0, $1.prefix { $0.isLetter }) } }

    /// The number before a word, as in `4 tags`.
    func number(before word: String) -> Int? {
        words.firstIndex { $0 == word || $0 == word + "," || $0 == word + "s" || $0 == word + "s," }
            .flatMap { $0 > 0 ? Int(words[$0 - 1]) : nil }
    }

    /// The number behind a word, as in `tags 4`.
    func number(after word: String) -> Int? {
        words.firstIndex { $0 == word }.flatMap { $0 + 1 < words.count ? Int(words[$0 + 1]) : nil }
    }
}
