/// Blanks and tabs that may stand around the items of a header (RFC 9110 §5.6.3).
enum OptionalSpace {
    static func trim(_ text: Substring) -> Substring {
        let front = text.drop { $0 == " " || $0 == "\t" }
        guard let last = front.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return front }
        return front[...last]
    }
}
