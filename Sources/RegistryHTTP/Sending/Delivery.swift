import NIOCore
import RegistryCore

/// A download whose last byte is with our kernel, which holds megabytes for a peer that takes little at a time: it is over
/// when the peer's system has them, and not when a person would still see it move.
///
/// Lives on the event loop, and only for as long as something worth waiting for is under way.
final class Delivery {
    /// Less than this, or than a twentieth of the body, is as good as there.
    private static let bytesLeast: Int64 = 16 << 10
    private static let partLeast: Int64 = 20
    /// Seconds between two looks: a short time first, which nobody sees, for most are over at once.
    private static let secondsFirst = 0.02
    private static let secondsMost = 0.16

    private let channel: any Channel
    private let socket: DirectSocket?
    private let transfer: RunningTransfer
    /// Of the body.
    private let bytes: Int64
    /// Seconds without progress after which nobody waits any longer.
    private let patience: Double
    private let ended: (Int64) -> Void
    private var isOver = false
    private let countdown: Countdown
    private var seconds = Delivery.secondsFirst
    private var moved = NIODeadline.now()

    /// - Parameters:
    ///   - bytes: of the body, all of them with the socket.
    ///   - socket: of the channel, where it is known.
    ///   - countdown: calls `check`; is stopped when this is over.
    ///   - patience: seconds that the peer may take nothing.
    ///   - ended: called once, with the bytes that the peer has.
    init(
        of bytes: Int64, _ transfer: RunningTransfer, on channel: any Channel, _ socket: DirectSocket?,
        _ countdown: Countdown, patience: Double, ended: @escaping (Int64) -> Void
    ) {
        self.channel = channel
        self.socket = socket
        self.countdown = countdown
        self.transfer = transfer
        self.bytes = bytes
        self.patience = patience
        self.ended = ended
    }

    /// Whether so much is under way of a body that its end is not now. Of a small one there never is, and nobody is asked.
    static func isUnderWay(of bytes: Int64, on channel: any Channel, _ socket: DirectSocket?) -> Bool {
        bytes > bytesLeast && PeerProgress.bytesUnderWay(on: channel, socket) > most(of: bytes)
    }

    private static func most(of bytes: Int64) -> Int64 { max(bytesLeast, bytes / partLeast) }

    func begin() {
        let loop = channel.eventLoop
        let bound = NIOLoopBound(self, eventLoop: loop)
        transfer.watch { done in
            loop.execute {
                bound.value.look()
                done()
            }
        }
        countdown.start(seconds)
    }

    /// Time is up to look again.
    func check() {
        guard !look() else { return }
        let isStuck = NIODeadline.now() - moved > .nanoseconds(Int64(patience * 1e9))
        if isStuck { return end(transfer.bytesDone) }
        seconds = min(seconds * 2, Self.secondsMost)
        countdown.start(seconds)
    }

    /// Ends it when the peer has as good as all; true when it is over.
    @discardableResult
    private func look() -> Bool {
        guard !isOver else { return true }
        let left = PeerProgress.bytesUnderWay(on: channel, socket)
        if left <= Self.most(of: bytes) {
            end(bytes)
            return true
        }
        let before = transfer.bytesDone
        transfer.reached(bytes - left)
        if transfer.bytesDone > before { moved = .now() }
        return false
    }

    /// The peer has all of it: it asks for more, or has gone without a complaint.
    func complete() { end(bytes) }

    /// The connection broke: the peer has what it was last seen to have.
    func breakOff() { end(transfer.bytesDone) }

    private func end(_ bytes: Int64) {
        guard !isOver else { return }
        isOver = true
        countdown.stop()
        ended(bytes)
    }
}
