import OCI
import Synchronization

/// How soon a list that costs something is loaded again while the registry changes many times a second: a load may take a
/// tenth of the time at most, so that a repository with a hundred thousand tags does not keep a core busy for a screen that
/// nobody can read that fast.
final class LoadPace: Sendable {
    /// What is loaded.
    enum List: Hashable, Sendable {
        case repositories
        case tags(RepositoryName)
        case graph(RepositoryName, Reference)
        case users(Digest)
    }

    /// Below it a load is not worth a pause.
    private static let cheapMax = Duration.milliseconds(20)
    private static let pausesPerLoad = 9
    private static let pauseMax = Duration.seconds(5)
    /// Lists that are remembered; then it begins anew.
    private static let listsMax = 64

    private let pauses = Mutex<[List: ContinuousClock.Instant]>([:])

    /// Waits until the list may be loaded again, and loads it. The first time at once. The pause is a share of the time that the
    /// last load took, so only the clock can end it.
    func load<Value: Sendable>(_ list: List, _ verb: () async -> Value) async -> Value {
        // Cancelled: then the answer is no matter.
        if let until = pauses.withLock({ $0[list] }) { try? await ContinuousClock().sleep(until: until) }
        let began = ContinuousClock.now
        let value = await verb()
        note(list, took: ContinuousClock.now - began)
        return value
    }

    private func note(_ list: List, took: Duration) {
        let pause = Self.pause(after: took)
        pauses.withLock { pauses in
            if pauses.count >= Self.listsMax { pauses.removeAll() }
            pauses[list] = pause > .zero ? .now + pause : nil
        }
    }

    /// Zero for what costs next to nothing.
    static func pause(after took: Duration) -> Duration {
        took < cheapMax ? .zero : min(took * pausesPerLoad, pauseMax)
    }
}
