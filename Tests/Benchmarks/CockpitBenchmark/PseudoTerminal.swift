import Foundation
import Glibc

/// A program in a terminal that is read here, by nobody but who waits: whoever drives it has to call one of the waits often.
final class PseudoTerminal {
    let program: RunningProgram
    private(set) var screen: ScreenText
    private let descriptor: CInt
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    /// ioctl_tty(2): unlocks the other end, and says its number.
    private static let (unlock, number): (UInt, UInt) = (0x4004_5431, 0x8004_5430)

    init(_ program: String, _ arguments: [String], environment: [String: String], columns: Int, rows: Int) throws {
        screen = ScreenText(columns: columns, rows: rows)
        descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (unlocked, other) = (CInt(0), CInt(-1))
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        guard ioctl(descriptor, Self.unlock, &unlocked) == 0, ioctl(descriptor, Self.number, &other) == 0,
            ioctl(descriptor, UInt(TIOCSWINSZ), &size) == 0
        else { throw Absent(description: "there is no terminal to be had: errno \(errno)") }
        let terminal = "/dev/pts/\(other)"
        let variables = environment.merging(["TERM": "xterm-256color", "LANG": "C.UTF-8"]) { $1 }
        self.program = try RunningProgram(
            program, arguments, environment: variables, streams: [terminal, terminal, terminal])
    }

    deinit { close(descriptor) }

    /// Gives the terminal another size; what runs in it is told, and draws anew.
    func resize(columns: Int, rows: Int) {
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        screen = ScreenText(columns: columns, rows: rows)
        _ = ioctl(descriptor, UInt(TIOCSWINSZ), &size)
    }

    /// Presses keys; returns when they were.
    func press(_ keys: String) -> ContinuousClock.Instant {
        let bytes = Array(keys.utf8)
        let pressed = ContinuousClock.now
        _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        return pressed
    }

    /// Takes what the program writes for a while.
    func pass(_ duration: Duration) throws {
        _ = try wait(until: .now + duration) { _ in false }
    }

    /// Waits until the screen is as it should be; returns when the bytes that made it so had come.
    func wait(
        _ what: String, within seconds: Double = 60, until isRight: (ScreenText) -> Bool
    ) throws -> ContinuousClock.Instant {
        if let instant = try wait(until: .now + .seconds(seconds), isRight) { return instant }
        throw Absent(description: "not on the screen: \(what)\n\(screen.text)")
    }

    private func wait(
        until end: ContinuousClock.Instant, _ isRight: (ScreenText) -> Bool
    ) throws -> ContinuousClock.Instant? {
        var now = ContinuousClock.now
        if isRight(screen) { return now }
        while now < end {
            var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = (end - now).components
            // Rounded up, or the last millisecond would be spent turning round.
            let count = poll(&ready, 1, CInt(left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000 + 1))
            now = .now
            guard count > 0 else { continue }
            let length = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            guard length > 0 else { throw Absent(description: "the program has ended:\n\(screen.text)") }
            screen.take(buffer[..<length])
            if isRight(screen) { return now }
        }
        return nil
    }
}
