import Drawing

/// Numbers of things in words.
enum Count {
    /// `1 tag`, `1 207 tags`; for words that take an s.
    static func text(_ number: Int, _ noun: String) -> String {
        "\(ByteFormat.count(number)) \(noun)\(number == 1 ? "" : "s")"
    }
}
