import Foundation
import Glibc

/// The clock of the wall, which somebody sets and which jumps then, and one that only ever goes on. What lasts for a while
/// in this process is kept by the second and told by the first.
package struct Clocks: Sendable {
    /// Nanoseconds since 1970.
    package var wall: @Sendable () -> Int64
    /// Nanoseconds since some moment before the program began; they go on while the machine sleeps.
    package var steady: @Sendable () -> Int64

    package static let system = Clocks(
        wall: { nanoseconds(CLOCK_REALTIME) }, steady: { nanoseconds(CLOCK_BOOTTIME) })

    private static func nanoseconds(_ clock: CInt) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) &* second &+ Int64(time.tv_nsec)
    }

    private static let second: Int64 = 1_000_000_000

    /// What to add to a time of the steady clock for one of the wall, now.
    private var offset: Int64 { wall() &- steady() }

    /// Gives times of the wall, in seconds since 1970, in nanoseconds of the steady clock. Times that are centuries away come
    /// as near as they can.
    func toSteady() -> (Int64) -> Int64 {
        let offset = self.offset
        return { seconds in
            let (time, overflows) = seconds.multipliedReportingOverflow(by: Self.second)
            if overflows { return seconds < 0 ? .min / 2 : .max / 2 }
            let (steady, isFar) = time.subtractingReportingOverflow(offset)
            return isFar ? (seconds < 0 ? .min / 2 : .max / 2) : steady
        }
    }

    /// The other way round, to the nearest second.
    func toWall() -> (Int64) -> Int64 {
        let offset = self.offset
        return { steady in
            let (time, isFar) = steady.addingReportingOverflow(offset)
            return isFar ? steady / Self.second : Int64((Double(time) / Double(Self.second)).rounded())
        }
    }

    /// Whole seconds of the steady clock.
    package var steadySeconds: Int64 { steady() / Self.second }

    /// Seconds since 1970.
    package var wallSeconds: Int64 { wall() / Self.second }
}
