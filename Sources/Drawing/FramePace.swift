/// When the next frame may be drawn: seldom for what goes on by itself, and as good as at once for somebody who types.
///
/// A frame costs a few milliseconds at most, so that even the fastest rhythm leaves a core most of its time.
package struct FramePace: Sendable {
    /// Between two frames, of which the user has caused none: 30 a second are smooth to the eye, and fine over ssh.
    package static let restMin = Duration.seconds(1) / 30
    /// Between two frames that show what a key did, and before one of what was loaded for it: shorter than anybody's next
    /// key.
    package static let hurryMin = Duration.milliseconds(8)
    /// For so long after a key there is hurry: what it asked for is to be seen as soon as it comes.
    package static let hurry = Duration.milliseconds(250)

    private var last: ContinuousClock.Instant
    /// When the last frame was drawn that showed what a key did.
    private var lastForKey: ContinuousClock.Instant
    private var hurriedUntil: ContinuousClock.Instant
    /// Whether no frame shows the last key yet.
    private var isKeyUnseen = false

    /// A pace at which the first frame is due at once.
    package init(at now: ContinuousClock.Instant) {
        last = now - Self.restMin
        lastForKey = last
        hurriedUntil = now
    }

    /// The user has pressed a key, or the like.
    package mutating func userActed(at now: ContinuousClock.Instant) {
        hurriedUntil = now + Self.hurry
        isKeyUnseen = true
    }

    /// A frame was drawn.
    package mutating func drew(at now: ContinuousClock.Instant) {
        last = now
        if isKeyUnseen { lastForKey = now }
        isKeyUnseen = false
    }

    /// From when on the next frame may be drawn, as it looks at `now`. A key waits for the frame of another key, and not for
    /// one of what goes on by itself.
    package func due(at now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        let due = last + (now < hurriedUntil ? Self.hurryMin : Self.restMin)
        return isKeyUnseen ? min(due, lastForKey + Self.hurryMin) : due
    }
}
