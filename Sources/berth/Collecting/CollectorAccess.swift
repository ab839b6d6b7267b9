import Drawing
import Foundation
import Logging
import RegistryConfiguration
import RegistryControl
import RegistryCollector
import RegistryCore
import RegistryStorage

/// The way to the collector of a data directory: through the process that serves it, or, where nobody does, on the tree
/// itself.
struct CollectorAccess {
    let collector: any CollectorService
    /// True when a process serves the directory.
    let isServed: Bool
    /// The directory of the tree.
    let root: String
    /// The way to the answers: runs what may block.
    private let store: Store?

    /// Seconds that a process which has the directory open may take to answer: it has just been started.
    private static let startSeconds = 3.0
    /// Seconds that are waited for a process to have compared its index with the tree.
    private static let compareSeconds = 60.0
    private static let period = Duration.milliseconds(100)

    /// Opens the way. Where that means opening the tree, its index is compared with it first.
    ///
    /// Throws `Refusal` when somebody has the directory open and does not answer.
    ///
    /// - Parameter compares: false for questions to which the index has no part in the answer.
    init(_ configuration: Configuration, compares: Bool = true) async throws {
        guard case .filesystem(let directory, _) = configuration.storage.driver else {
            throw Refusal("a registry in memory has nothing to collect: name a data directory with --data, or a file")
        }
        root = directory
        if try Store.reasonToLeave(directory, configuration, .maintaining) != nil {
            // Who may not write to it may be let in by who serves it.
            if let client = try? ControlClient(root: directory) {
                (collector, isServed, store) = (client, true, nil)
                return
            }
            let store = try Self.opened(configuration)
            (collector, isServed, self.store) = (
                LocalCollectorService(store.collector, of: store.registry), false, store
            )
            if compares { try await compare(store) }
            return
        }
        let deadline = ContinuousClock.now + .seconds(Self.startSeconds)
        while true {
            do throws(ControlError) {
                if let client = try ControlClient(root: directory) {
                    (collector, isServed, store) = (client, true, nil)
                    return
                }
            } catch {
                throw Refusal(error)
            }
            if try Self.isFree(directory) { break }
            // A process that is starting has the directory before it has its socket, and tells nobody when.
            guard deadline > .now else {
                throw Refusal(
                    "another process has \(directory) open and does not answer on its control socket; stop it")
            }
            try await ContinuousClock().sleep(for: Self.period)
        }
        let store = try Self.opened(configuration)
        (collector, isServed, self.store) = (LocalCollectorService(store.collector, of: store.registry), false, store)
        if compares { try await compare(store) }
    }

    private static func opened(_ configuration: Configuration) throws -> Store {
        // Read-only is about clients: distribution's verb, which wants a registry that nobody writes to, heeds it as little.
        var writable = configuration
        writable.storage.readOnly = false
        return try Store(
            writable, logger: Logger(label: "berth") { _ in SwiftLogNoOpLogHandler() }, for: .maintaining)
    }

    /// Why nothing can be removed, as one line: the directory may only be read, or has nothing in it.
    var untouched: String? { store?.untouched }

    /// Throws `Refusal` where nothing can be removed.
    func requireWritable() throws {
        if let untouched { throw Refusal(untouched) }
    }

    /// True when no process of ours has the directory open.
    private static func isFree(_ directory: String) throws -> Bool {
        do throws(StorageError) {
            return try DirectoryLock(root: directory)?.aloneNow({ true }) ?? false
        } catch {
            throw Refusal("\(error)")
        }
    }

    private func compare(_ store: Store) async throws {
        let line = ProgressLine()
        defer { line.end() }
        try await withTaskExecutorPreference(store.executor) {
            do throws(RegistryError) {
                try await store.collector.reconcile(by: .reconciler) { state in
                    line.show(
                        fraction: state.fraction, seconds: state.seconds,
                        "comparing the index with the tree: \(ByteFormat.count(state.manifests)) manifests")
                }
            } catch {
                throw Refusal(error.message, status: 3)
            }
        }
    }

    /// Asks something of the collector. Throws `Refusal` with what it says.
    func ask<Answer: Sendable>(
        _ question: (any CollectorService) async throws(ControlError) -> Answer
    ) async throws -> Answer {
        let deadline = ContinuousClock.now + .seconds(Self.compareSeconds)
        while true {
            do throws(ControlError) {
                return try await withTaskExecutorPreference(store?.executor) { () async throws(ControlError) in
                    try await question(collector)
                }
            } catch {
                guard error.kind == .tooEarly, deadline > .now else { throw Refusal(error) }
            }
            // The server does not say when its comparison is done; it is asked again.
            try await ContinuousClock().sleep(for: Self.period)
        }
    }

    /// Asks for something and gives the parts of the answer; shows how far it is where the answer says so.
    ///
    /// - Parameter plan: the spool with the lines of the plan that is to be run.
    func answer(
        _ request: ControlRequest, of plan: Spool? = nil, _ take: (ControlPart) throws -> Void
    ) async throws {
        let line = ProgressLine()
        defer { line.end() }
        let start = ContinuousClock.now
        try await ask { (collector) async throws(ControlError) in
            // From its beginning each time that it is asked.
            try await collector.answer(request, lines: plan.map { SpooledLines($0) }) { part in
                guard part.kind == .progress else { return try take(part) }
                let far = try part.decoded(SweepProgress.self)
                line.show(
                    fraction: far.lines > 0 ? Double(far.linesDone) / Double(far.lines) : nil,
                    seconds: (ContinuousClock.now - start).seconds,
                    "\(far.linesDone) of \(far.lines), \(ByteFormat.size(far.bytesDone))\(far.isPaused ? ", paused" : "")"
                )
            }
        }
    }

    /// Asks for something that is answered with one value.
    func end<Value: Decodable & Sendable>(
        of request: ControlRequest, _ type: Value.Type = Value.self
    ) async throws -> Value {
        try await ask { (collector) async throws(ControlError) in try await collector.end(of: request) }
    }

    /// Runs a plan, or what is left of a run, and shows how far it is.
    func run(_ work: SweepWork, of plan: Spool? = nil, json: Bool) async throws -> SweepAnswer {
        let answer = SweepAnswer(json: json)
        if let head = work.plan, head.totals.lines == 0, untouched != nil {
            try answer.take(ControlPart(.end, SweepSummary(run: head.plan)))
            return answer
        }
        try requireWritable()
        try await self.answer(.run(work), of: plan) { try answer.take($0) }
        return answer
    }

    /// What a sweep would remove now.
    func plan(_ options: SweepOptions) async throws -> PlanAnswer {
        let plan = PlanAnswer()
        try await answer(.plan(options)) { try plan.take($0) }
        return plan
    }

    /// The retention is configured where this can be known.
    var hasRetention: Bool { store.map { $0.collector.settings.retention != nil } ?? true }
}

extension Refusal {
    init(_ error: ControlError) {
        switch error.kind {
        case .unknown: self.init(error.message, status: 1)
        case .badRequest, .notAllowed, .tooLarge: self.init(error.message)
        case .othersMayWrite: self.init("\(error.message) (--others-stopped)")
        case .busy, .failed, .tooEarly: self.init(error.message, status: 3)
        }
    }
}
