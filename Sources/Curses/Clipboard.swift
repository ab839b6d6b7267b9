private import CNcurses
private import Glibc
internal import Drawing

/// Putting text on the user's clipboard, also over ssh.
///
/// Inside tmux the text goes to `tmux load-buffer -w -`, because tmux drops OSC 52 from programs by default; elsewhere
/// to the terminal by OSC 52, which may ignore it without a word.
enum Clipboard {
    /// The longest OSC 52 payload that terminals take: 74,994 bytes of text are 99,992 of base64.
    static let oscBytesMax = 74_994
    /// How long tmux may take.
    static let tmuxMillisecondsMax: Int32 = 1_000

    /// Copies `text` and says where to, or why not.
    static func copy(_ text: String) -> TerminalOutcome {
        let bytes = Array(text.utf8)
        if getenv("TMUX") != nil, feedTmux(bytes) { return .copied(.tmux) }
        guard bytes.count <= oscBytesMax else {
            return .copyFailed("the text has \(bytes.count) bytes and terminals take \(oscBytesMax)")
        }
        let sequence = Array("\u{1B}]52;c;".utf8) + base64(bytes) + [0x07]
        sequence.withUnsafeBytes { buffer in
            let start = buffer.bindMemory(to: CChar.self).baseAddress
            berth_term_write_raw(start, Int32(buffer.count))
        }
        return .copied(.terminal)
    }

    private static func feedTmux(_ bytes: [UInt8]) -> Bool {
        let status = bytes.withUnsafeBytes { buffer in
            "tmux".withCString { tmux in
                "load-buffer".withCString { verb in
                    "-w".withCString { toTerminal in
                        "-".withCString { standardInput in
                            berth_term_pipe(
                                tmux, [tmux, verb, toTerminal, standardInput, nil],
                                buffer.bindMemory(to: CChar.self).baseAddress, Int32(buffer.count),
                                tmuxMillisecondsMax)
                        }
                    }
                }
            }
        }
        return status == 0
    }

    /// Source: RFC 4648 §4.
    static func base64(_ bytes: [UInt8]) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = 0
            for index in 0..<3 { bits = bits << 8 | (index < group.count ? Int(group[start + index]) : 0) }
            for index in 0..<4 {
                text.append(index <= group.count ? alphabet[bits >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
            }
        }
        return text
    }
}
