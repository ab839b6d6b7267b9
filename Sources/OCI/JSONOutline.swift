/// What the brackets and commas of a JSON text say of it before anybody parses it: how deep, how much.
///
/// One pass, no memory. Of a text that is no JSON it says something too; the parser refuses that afterwards.
struct JSONOutline {
    /// Objects and arrays inside each other, at the deepest place.
    private(set) var depth = 0
    /// Values at the most: one for each comma and each bracket that opens.
    private(set) var values = 0
    /// Members of all objects as written: in valid JSON each has the one colon that stands in no string.
    private(set) var members = 0

    init(of bytes: [UInt8]) {
        var open = 0
        var isInString = false
        var isEscaped = false
        for byte in bytes {
            if isEscaped {
                isEscaped = false
            } else if isInString {
                isInString = byte != UInt8(ascii: "\"")
                isEscaped = byte == UInt8(ascii: "\\")
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: ":"): members += 1
                case UInt8(ascii: ","): values += 1
                case UInt8(ascii: "["), UInt8(ascii: "{"):
                    open += 1
                    values += 1
                    depth = max(depth, open)
                case UInt8(ascii: "]"), UInt8(ascii: "}"): open -= 1
                default: break
                }
            }
        }
    }
}
