import Foundation
import RegistryCollector
import RegistryCore

/// A check on its way: how far, how fast, how long still.
struct CheckRun: Sendable, Equatable {
    let options: CheckOptions
    let started: Date
    var isStopping = false
    /// The newest word; nil before the first.
    private(set) var progress: CheckProgress?
    /// The first word of the phase it is in: rates count from there.
    private var first: CheckProgress?

    init(options: CheckOptions, started: Date) {
        self.options = options
        self.started = started
    }

    mutating func take(_ progress: CheckProgress) {
        if progress.phase != first?.phase { first = progress }
        self.progress = progress
    }

    /// How many phases there are, and the place of this one, from 1.
    var phases: Int { options.hashesBytes ? 3 : 2 }

    var phase: Int {
        switch progress?.phase {
        case .links, nil: 1
        case .blobs: 2
        case .hash: 3
        }
    }

    /// The part of the phase that is done, from 0 to 1; nil while nobody knows.
    var fraction: Double? {
        guard let progress, let total = progress.total else { return nil }
        return total > 0 ? min(1, Double(progress.done) / Double(total)) : 1
    }

    /// Repositories, blobs or bytes per second in this phase; nil in its first second: a guess that jumps is worse than
    /// none.
    var rate: Double? {
        guard let first, let progress, progress.seconds - first.seconds >= 1 else { return nil }
        return (Double(progress.done) - Double(first.done)) / (progress.seconds - first.seconds)
    }

    /// Seconds until the phase is done; nil while nobody knows.
    var secondsLeft: Double? {
        guard let progress, let total = progress.total, let rate, rate > 0, progress.done < total else { return nil }
        return Double(total - progress.done) / rate
    }
}

extension CheckProgress.Phase {
    /// What is looked at, for people.
    var word: String {
        switch self {
        case .links: "links, references"
        case .blobs: "sizes"
        case .hash: "every byte"
        }
    }
}
