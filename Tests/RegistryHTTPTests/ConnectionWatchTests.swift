import NIOCore
import NIOEmbedded
import Testing

@testable import RegistryHTTP

/// Time limits of a connection by a clock that the test moves.
@Suite struct ConnectionWatchTests {
    private let channel = EmbeddedChannel()
    private let watch: ConnectionWatch

    init() throws {
        var limits = ConnectionLimits()
        limits.headSecondsMax = 30
        limits.idleSecondsMax = 300
        watch = ConnectionWatch(limits)
        try channel.pipeline.syncOperations.addHandler(watch)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func pass(_ seconds: Int64) { channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }

    private func receive() throws { try channel.writeInbound(ByteBuffer(string: "G")) }

    @Test func whoConnectsAndSaysNothingIsCutOff() {
        pass(29)
        #expect(channel.isActive)
        pass(2)
        #expect(!channel.isActive)
    }

    /// Slowloris: a byte now and then buys no time.
    @Test func headersThatNeverEndAreCutOff() throws {
        for _ in 0..<5 {
            pass(5)
            try receive()
        }
        #expect(channel.isActive)
        pass(6)
        #expect(!channel.isActive)
    }

    @Test func whoeverIsServedHasAllTheTimeItTakes() {
        watch.requestBegan()
        pass(100_000)
        #expect(channel.isActive)
    }

    @Test func betweenTwoRequestsTheConnectionMayRest() throws {
        try receive()
        watch.requestBegan()
        watch.requestEnded()
        pass(299)
        #expect(channel.isActive)
        try receive()
        pass(29)
        #expect(channel.isActive)
        pass(2)
        #expect(!channel.isActive)
    }

    @Test func aConnectionThatRestsTooLongIsClosed() {
        watch.requestBegan()
        watch.requestEnded()
        pass(301)
        #expect(!channel.isActive)
    }

    /// A request that ends after its connection starts no timer that would keep all of it for minutes.
    @Test func aConnectionThatIsGoneIsNotKept() throws {
        let loop = EmbeddedEventLoop()
        weak var gone: EmbeddedChannel?
        try {
            let watch = ConnectionWatch(ConnectionLimits())
            let channel = EmbeddedChannel(handler: watch, loop: loop)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            gone = channel
            watch.requestBegan()
            try channel.close().wait()
            watch.requestEnded()
        }()
        loop.run()
        #expect(gone == nil)
    }

    /// Frames that are no requests neither begin a head nor keep the connection open.
    @Test func pingsDoNotKeepAConnectionOpen() throws {
        watch.isMultiplexed = true
        watch.requestBegan()
        watch.requestBegan()
        watch.requestEnded()
        pass(100_000)
        watch.requestEnded()
        for _ in 0..<29 {
            pass(10)
            try receive()
        }
        #expect(channel.isActive)
        pass(11)
        #expect(!channel.isActive)
    }
}
