import Drawing
import Glibc
import Synchronization

/// One line of standard error that says how far a verb has come, drawn over itself; nothing where that is no terminal.
final class ProgressLine: Sendable {
    /// Shorter than a frame is not seen.
    private static let period = Duration.milliseconds(100)
    private static let barWidth = 24

    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let next = Mutex(ContinuousClock.now)

    /// - Parameters:
    ///   - fraction: from 0 to 1; nil draws no bar.
    ///   - text: what follows the bar.
    func show(fraction: Double?, seconds: Double, _ text: @autoclosure () -> String) {
        guard isTerminal else { return }
        let isDue = next.withLock { next in
            guard next <= .now else { return false }
            next = .now + Self.period
            return true
        }
        guard isDue else { return }
        write(Self.line(fraction: fraction, seconds: seconds, text()).cut(to: columns))
    }

    /// Takes the line away.
    func end() { if isTerminal { write("") } }

    /// Less than the terminal is wide: a line that wraps is not drawn over.
    private var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return 79 }
        return Int(size.ws_col) - 1
    }

    /// `[######······]  43% 0:12 left  …`
    static func line(fraction: Double?, seconds: Double, _ text: String) -> String {
        guard let fraction else { return text }
        let part = min(1, max(0, fraction))
        let filled = Int(part * Double(barWidth))
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: barWidth - filled)
        let percent = String(Int(part * 100))
        var line = "[\(bar)] \(String(repeating: " ", count: 3 - percent.count))\(percent)%"
        // Before a second nobody knows, and a guess that jumps is worse than none.
        if seconds >= 1, part > 0.01, part < 1 {
            line += "  \(ByteFormat.duration(.seconds(seconds / part - seconds))) left"
        }
        return line + "  " + text
    }

    private func write(_ line: String) {
        let bytes = Array("\r\u{1B}[K\(line)".utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
