import RegistryCore

/// Keeps work that nobody waits for to a share of one core, so that requests and neighbours do not notice it.
package struct Pace: Sendable {
    /// Of one core's time, above 0 and at most 1. Time spent waiting for the disk counts as work.
    package let share: Double
    /// Work that is done at full speed before the share holds: what is small is over at once.
    package let headStart: Duration

    package init(share: Double, headStart: Duration = .zero) {
        precondition(share > 0 && share <= 1, "a share is a part of the whole")
        self.share = share
        self.headStart = headStart
    }

    /// For what goes on behind a serving registry.
    package static let background = Pace(share: 0.25, headStart: .seconds(1))
    /// For what somebody waits for.
    package static let full = Pace(share: 1)

    /// Stretches of work shorter than this are not worth a pause.
    private static let stretchMin = Duration.milliseconds(20)

    /// How long to pause after `stretch` of work that ends when `total` has been worked; nil for not now.
    func pause(after stretch: Duration, total: Duration) -> Duration? {
        guard share < 1, stretch >= Self.stretchMin else { return nil }
        let beyond = min(stretch, total - headStart)
        return beyond <= .zero ? .zero : beyond * (1 / share - 1)
    }
}

/// A pace as one run keeps it.
struct Pacer {
    let pace: Pace
    private var worked = Duration.zero
    private var since = ContinuousClock.now

    init(_ pace: Pace) { self.pace = pace }

    /// Called between two pieces of work: pauses when it is time, and ends the run when its task was cancelled.
    mutating func breathe() async throws(RegistryError) {
        if Task.isCancelled { throw .interrupted }
        let stretch = ContinuousClock.now - since
        guard let pause = pace.pause(after: stretch, total: worked + stretch) else { return }
        worked += stretch
        // The share of the processor is what is kept here; there is nothing to wait for but time.
        if pause > .zero { do { try await ContinuousClock().sleep(for: pause) } catch { throw .interrupted } }
        since = ContinuousClock.now
    }
}
