/// A size as a screen says it, with what it may stand for: it is rounded to three digits.
package struct ShownSize: CustomStringConvertible, Sendable {
    package let description: String
    fileprivate static let units = ["B", "KiB", "MiB", "GiB"]
    private let least: Double
    private let most: Double

    /// Nil when the words are none, as these are: `13.3` and `MiB`.
    package init?(_ number: some StringProtocol, _ unit: some StringProtocol) {
        guard let power = Self.units.firstIndex(of: String(unit)), let value = Double(number) else {
            return nil
        }
        let decimals = number.split(separator: ".").dropFirst().first?.count ?? 0
        let half = unit == "B" ? 0 : (0..<decimals).reduce(0.5) { half, _ in half / 10 }
        let scale = (0..<power).reduce(1.0) { scale, _ in scale * 1024 }
        (least, most) = ((value - half) * scale, (value + half) * scale)
        description = "\(number) \(unit)"
    }

    package func stands(for bytes: Int64) -> Bool { (least...most).contains(Double(bytes)) }
}

/// A line of a screen in its words and numbers.
extension String {
    /// Its words, without what frames and marks a row.
    package var words: [Substring] { split { " │▸▾◆├└─✖".contains($0) } }

    /// Every size in it, in order.
    package var sizes: [ShownSize] {
        zip(words, words.dropFirst()).compactMap { ShownSize($0, $1.prefix { $0.isLetter }) }
    }

    /// The number before a word, as in `4 tags` and `1 204 tags`.
    package func number(before word: String) -> Int? {
        let words = words
        return words.firstIndex { $0 == word || $0 == word + "," || $0 == word + "s" || $0 == word + "s," }
            .flatMap { index in
                let groups = words[..<index].reversed().prefix { $0.isGroup }.reversed()
                // Before what are groups stands the beginning of the number, or another word.
                let first = words[..<(index - groups.count)].last.flatMap { groups.isEmpty || $0.isLead ? $0 : nil }
                return Int(([first].compactMap(\.self) + groups).joined())
            }
    }

    /// The number behind a word, as in `tags 4` and `tags 1 204`.
    package func number(after word: String) -> Int? {
        let rest = words.drop { $0 != word }.dropFirst()
        let groups = rest.dropFirst().prefix { $0.isGroup }
        // The last of them is no part of it where a unit follows: `tags 3 515 KiB`.
        let isSize = rest.dropFirst(groups.count + 1).first.map { ShownSize.units.contains(String($0)) } ?? false
        return rest.first.flatMap { Int($0 + groups.dropLast(isSize ? 1 : 0).joined()) }
    }
}

extension Substring {
    /// Whether it may be three digits of a longer number.
    fileprivate var isGroup: Bool { count == 3 && allSatisfy(\.isNumber) }
    /// Whether it may be a number's first digits.
    fileprivate var isLead: Bool { count <= 3 && allSatisfy(\.isNumber) }
}
