import NIOCore

/// How much of an answer is given to a connection at once. What is given is known to be out only as a whole, and lies in
/// memory until then where the kernel does not read it itself: so it begins small and doubles for as long as the peer takes
/// it at once. One that takes its time is seen to move, and one that takes nothing holds little.
struct Pacing {
    /// Bytes of the next piece, if there is room for it.
    private var bytes: Int
    private let range: ClosedRange<Int>
    /// What pieces above the smallest are taken from; nil where they lie in no memory of ours.
    private let holding: Holding?
    private var held = 0

    /// A piece that went out faster than this is followed by a larger one, a slower one by a smaller.
    private static let pieceMilliseconds: Int64 = 250

    /// - Parameter range: bytes of the smallest and the largest piece.
    init(_ range: ClosedRange<Int>, first: Int, holding: Holding?) {
        self.range = range
        self.holding = holding
        bytes = first
    }

    /// Bytes of the piece to send now. The smallest while memory is short.
    mutating func next() -> Int {
        guard let holding else { return bytes }
        if bytes < held || bytes == range.lowerBound {
            close()
            return range.lowerBound
        }
        if bytes > held, holding.takeNow(bytes - held) { held = bytes }
        return max(held, range.lowerBound)
    }

    mutating func sent(in time: TimeAmount) {
        let next = time < .milliseconds(Self.pieceMilliseconds) ? bytes * 2 : bytes / 2
        bytes = min(max(next, range.lowerBound), range.upperBound)
    }

    /// Gives back what it took. To be called when nothing of the answer is under way any more.
    mutating func close() {
        holding?.give(held)
        held = 0
    }
}
