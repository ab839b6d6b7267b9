import Drawing
import Testing

@Suite struct FramePaceTests {
    private let start = ContinuousClock.now

    @Test func whatGoesOnByItselfIsDrawnThirtyTimesASecond() {
        var pace = FramePace(at: start)
        #expect(pace.due(at: start) <= start)
        pace.drew(at: start)
        #expect(pace.due(at: start) == start + .seconds(1) / 30)
    }

    @Test func aKeyIsDrawnAtOnceThoughAFrameWasJustDrawn() {
        var pace = FramePace(at: start)
        pace.drew(at: start)
        let pressed = start + .milliseconds(1)
        pace.userActed(at: pressed)
        #expect(pace.due(at: pressed) <= pressed)
    }

    @Test func keysInARowAreDrawnEightMillisecondsApart() {
        var pace = FramePace(at: start)
        pace.userActed(at: start)
        pace.drew(at: start)
        pace.userActed(at: start + .milliseconds(1))
        #expect(pace.due(at: start + .milliseconds(1)) == start + .milliseconds(8))
    }

    @Test func whatAKeyAskedForIsDrawnSoonToo() {
        var pace = FramePace(at: start)
        pace.userActed(at: start)
        pace.drew(at: start)
        let loaded = start + .milliseconds(200)
        pace.drew(at: loaded - .milliseconds(8))
        #expect(pace.due(at: loaded) <= loaded)
    }

    @Test func theHurryEndsAfterTheKey() {
        var pace = FramePace(at: start)
        pace.userActed(at: start)
        let later = start + .milliseconds(250)
        pace.drew(at: later)
        #expect(pace.due(at: later) == later + .seconds(1) / 30)
    }
}
