import Drawing

/// Numbers of things in words.
enum Count {
    /// `1 tag`, `1 207 tags`; for words that take an s.
    static func text(_ number: Int, _ noun: String) -> String { text(number, noun, noun + "s") }

    /// `1 repository`, `2 repositories`.
    static func text(_ number: Int, _ noun: String, _ plural: String) -> String {
        "\(ByteFormat.count(number)) \(number == 1 ? noun : plural)"
    }
}
