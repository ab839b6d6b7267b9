import Foundation
import Glibc
import Synchronization
import Testing

@testable import berth

/// Lines that go to a pipe which somebody reads, reads late, or does not read.
@Suite(.timeLimit(.minutes(1))) struct LineWriterTests {
    /// A pipe and a writer to it that notes what it is told.
    private final class Pipe: Sendable {
        let reader: CInt
        let writer: CInt
        let told = Mutex<[Int]>([])

        init() throws {
            signal(SIGPIPE, SIG_IGN)
            var ends: [CInt] = [-1, -1]
            try #require(pipe(&ends) == 0)
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            (reader, writer) = (ends[0], ends[1])
        }

        func lines() -> LineWriter<String> {
            LineWriter(to: writer, text: { $0 + "\n" }) { count in self.told.withLock { $0.append(count) } }
        }

        /// Reads until nobody can write any more.
        func rest() -> String {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = buffer.withUnsafeMutableBytes { read(reader, $0.baseAddress, $0.count) }
                guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
                bytes += buffer[..<count]
            }
        }
    }

    private static let line = String(repeating: "x", count: 1000)

    @Test func everyLineIsWrittenInOrder() throws {
        let pipe = try Pipe()
        let lines = pipe.lines()
        for number in 0..<40 { lines.append("\(number)", bytes: 2) }
        #expect(lines.end() == 0)
        close(pipe.writer)
        #expect(pipe.rest() == (0..<40).map { "\($0)\n" }.joined())
        close(pipe.reader)
    }

    /// Twice as much as may wait.
    @Test func nobodyWaitsForAReaderThatStalls() throws {
        let pipe = try Pipe()
        let lines = pipe.lines()
        let count = 2 * LineWriter<String>.bytesWaitingMax / Self.line.utf8.count
        for _ in 0..<count { lines.append(Self.line, bytes: Self.line.utf8.count) }
        let began = ContinuousClock.now
        let lost = lines.end()
        #expect(ContinuousClock.now - began < .seconds(10))
        #expect(lost > count / 3 && lost <= count)
        close(pipe.reader)
    }

    @Test func whatWasDroppedIsToldOnceSomebodyReads() throws {
        let pipe = try Pipe()
        let lines = pipe.lines()
        let count = 3 * LineWriter<String>.bytesWaitingMax / Self.line.utf8.count
        for _ in 0..<count { lines.append(Self.line, bytes: Self.line.utf8.count) }
        let read = Mutex("")
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            let rest = pipe.rest()
            read.withLock { $0 = rest }
            done.signal()
        }
        while lines.end() > 0 {}
        close(pipe.writer)
        done.wait()
        close(pipe.reader)
        let arrived = read.withLock { $0.utf8.count { $0 == UInt8(ascii: "\n") } }
        #expect(arrived > 0 && arrived < count)
        #expect(arrived + pipe.told.withLock { $0.reduce(0, +) } <= count)
    }

    @Test func aReaderThatWentAwayCostsTheLinesOnly() throws {
        let pipe = try Pipe()
        close(pipe.reader)
        let lines = pipe.lines()
        lines.append("a", bytes: 1)
        lines.append("b", bytes: 1)
        #expect(lines.end() > 0 || pipe.told.withLock { !$0.isEmpty })
        close(pipe.writer)
    }
}
