import Foundation

/// How fast a count grows, as somebody with a watch would say.
///
/// Peers take in bursts and kernels acknowledge in steps, so what is measured is from one step to another: what passed between
/// them by the time between them. A step half in the time and half out of it makes no difference then, and none is remembered
/// longer than it tells something.
struct Pace: Sendable, Equatable {
    /// Seconds that are looked back, where there are steps enough in them.
    private static let secondsMost = 5.0
    /// Steps below which it is looked back further: those of a slow peer come seldom.
    private static let stepsLeast = 5
    /// Steps that are kept at most: more than come in that time, for there are four looks a second.
    private static let stepsMost = 64
    /// Seconds between two looks.
    private static let lookSeconds = 0.25
    /// Without a step for this many seconds, and for this many times as long as between two, it stands still.
    private static let stillSeconds = 2.0
    private static let stillSteps = 3.0
    /// Seconds without a step after which the next one begins something new.
    private static let patienceSecondsOfOne = 10.0
    private static let patienceSecondsOfAll = 2.0

    /// What is counted.
    enum Subject: Sendable {
        /// One thing with a beginning, whose next step may be the second of a slow rhythm.
        case one
        /// The sum of many: what comes after a while is another one.
        case all
    }

    private struct Mark: Sendable, Equatable {
        var time: Date
        var count: Int64
    }

    /// Where the count was seen to have grown, oldest first; before them what it was when that began.
    private var steps: [Mark]
    /// The first of them is where it began, which is no step.
    private var hasBeginning = true
    /// The newest look.
    private var last: Mark
    private let subject: Subject

    init(_ count: Int64, at time: Date, of subject: Subject = .one) {
        self.subject = subject
        last = Mark(time: time, count: count)
        steps = [last]
    }

    /// Takes the count as it is at `time`. One that has fallen, or a clock that was set back, begins anew.
    mutating func record(_ count: Int64, at time: Date) {
        guard count >= last.count, time >= last.time else { return self = Pace(count, at: time, of: subject) }
        defer { last = Mark(time: time, count: count) }
        guard count > last.count else { return }
        if isNew(at: time) {
            // Looks that found nothing were not told of: until the one before this nothing had moved.
            let before = time.addingTimeInterval(-Self.lookSeconds)
            (steps, hasBeginning) = ([Mark(time: before, count: last.count)], true)
        }
        steps.append(Mark(time: time, count: count))
        if hasBeginning, steps.count > Self.stepsLeast {
            steps.removeFirst()
            hasBeginning = false
        }
        let oldest = time.addingTimeInterval(-Self.secondsMost)
        while steps.count > Self.stepsLeast, steps[1].time <= oldest { steps.removeFirst() }
        if steps.count > Self.stepsMost { steps.remove(at: steps.count / 2) }
    }

    /// Whether a step at `time` is the first of something new.
    private func isNew(at time: Date) -> Bool {
        guard let newest = steps.last, subject == .all || steps.count > 1 else { return false }
        let patience = subject == .all ? Self.patienceSecondsOfAll : Self.patienceSecondsOfOne
        return time.timeIntervalSince(newest.time) > max(patience, Self.stillSteps * stepSeconds)
    }

    /// Lets time pass; looks that find no change are not told of.
    mutating func pass(to time: Date) {
        if time.timeIntervalSince(last.time) > 2 * Self.lookSeconds { last.time = time }
    }

    /// Seconds between two steps, on the average.
    private var stepSeconds: Double {
        guard let first = steps.first, let newest = steps.last, steps.count > 1 else { return 0 }
        return newest.time.timeIntervalSince(first.time) / Double(steps.count - 1)
    }

    /// Seconds since the last step.
    private var pause: Double { steps.last.map { last.time.timeIntervalSince($0.time) } ?? 0 }

    /// It shows nothing; the next step may still be of the same.
    private var isStill: Bool { pause > max(Self.stillSeconds, Self.stillSteps * stepSeconds) }

    /// A second; 0 while it stands still and before anything can be said.
    var perSecond: Double {
        guard let first = steps.first, let newest = steps.last, steps.count > 1, !isStill else { return 0 }
        // The next step is late: the time without it counts.
        let isLate = pause > 2 * Self.lookSeconds + 2 * stepSeconds
        let seconds = (isLate ? last.time : newest.time).timeIntervalSince(first.time)
        guard seconds > 0.05 else { return 0 }
        return (Double(newest.count) - Double(first.count)) / seconds
    }
}
