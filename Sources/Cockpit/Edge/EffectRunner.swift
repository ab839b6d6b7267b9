package import Drawing
package import Foundation
import OCI
package import RegistryCore
import Synchronization

/// Does what the model wants done, on the registry and the server, and posts the results as messages.
///
/// ``run()`` is the one task behind the cockpit: it lives as long as the cockpit does, samples what moves by itself, and
/// owns every effect as a child task. Cancelling it cancels them.
package final class EffectRunner: Sendable {
    /// Effects waiting to be begun. Keys make them, so this many are never reached; beyond, the oldest are kept.
    static let effectsMax = 1024

    /// How often what moves by itself is looked at.
    static let interval = Duration.milliseconds(250)

    private let registry: Registry
    private let server: any ServerControl
    private let log: LogRing
    private let clock: @Sendable () -> Date
    private let mailbox: Mailbox<Message>
    private let effects: AsyncStream<Effect>
    private let intake: AsyncStream<Effect>.Continuation
    /// The running sweep: how far it is, and whether it is to stop after its current line.
    private let sweep = Mutex((progress: SweepProgress?.none, isStopping: false))
    private let check = CheckJob()

    package init(
        registry: Registry, server: any ServerControl, log: LogRing, mailbox: Mailbox<Message>,
        clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.registry = registry
        self.server = server
        self.log = log
        self.mailbox = mailbox
        self.clock = clock
        (effects, intake) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.effectsMax))
    }

    /// Takes an effect to be done soon and returns at once.
    package func perform(_ effect: Effect) { intake.yield(effect) }

    /// Does effects and samples until it is cancelled; returns when all that was begun has ended.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.sample() }
            for await effect in effects {
                begin(effect)
                group.addTask { await self.finish(effect) }
            }
        }
    }

    /// Posts a sample whenever a look finds something changed; nothing is posted while nothing moves.
    private func sample() async {
        var sampler = Sampler(registry: registry, server: server, log: log)
        defer { sampler.end() }
        let timer = ContinuousClock()
        var next = timer.now
        while !Task.isCancelled {
            let progress = sweep.withLock { $0.progress }
            if let sample = sampler.look(at: clock(), sweep: progress, check: check.progress) {
                post(.sampled(sample))
            }
            // A look that took long is not made up for by two in a row.
            next = max(next.advanced(by: Self.interval), timer.now)
            // Counters and transfers are state, not events: they are looked at by the clock, a few times a second.
            do { try await timer.sleep(until: next, tolerance: .milliseconds(20)) } catch { return }
        }
    }

    private func post(_ message: Message) { mailbox.post(message) }

    /// Does one effect and posts its result; returns when it is done.
    func carryOut(_ effect: Effect) async {
        begin(effect)
        await finish(effect)
    }

    /// Makes ready what a later effect can stop: those are begun in their order, and done side by side.
    private func begin(_ effect: Effect) {
        switch effect {
        case .runSweep(let plan):
            let none = SweepProgress(linesDone: 0, lines: plan.lines.count, bytesDone: 0)
            sweep.withLock { $0 = (none, false) }
        case .check: check.begin()
        default: break
        }
    }

    private func finish(_ effect: Effect) async {
        switch effect {
        case .loadRepositories:
            post(.repositories(await Self.result { try await self.registry.repositories() }))
        case .loadTags(let name):
            post(.tags(name, await Self.result { try await self.registry.tags(in: name) }))
        case .loadGraph(let name, let reference):
            post(.graph(name, reference, await Self.result { try await self.registry.graph(of: reference, in: name) }))
        case .loadUsers(let digest):
            post(.users(digest, await Self.result { try await self.registry.users(of: digest) }))
        case .deleteTags(let tags, let name): await delete(tags, in: name)
        case .planSweep(let options):
            post(.planned(options, await Self.result { try await self.registry.planSweep(options) }))
        case .runSweep(let plan): await runSweep(plan)
        case .stopSweep: sweep.withLock { $0.isStopping = true }
        case .loadDamage: post(.damage(await Self.result { try self.registry.damage() }))
        case .check(let options):
            post(.checked(await Self.result { try await self.check.run(options, on: self.registry) }))
        case .stopCheck: check.stop()
        case .repair(let findings): post(.repaired(await Self.result { try await self.registry.repair(findings) }))
        case .startServer: await server.start()
        case .stopServer: await server.stop()
        case .restartServer:
            await server.stop()
            await server.start()
        case .terminal: break
        }
        switch effect {
        case .startServer, .stopServer, .restartServer: post(.serverSettled(server.state))
        default: break
        }
    }

    private func delete(_ tags: [Tag], in name: RepositoryName) async {
        var outcomes: [(tag: Tag, failure: Failure?)] = []
        for tag in tags {
            let result = await Self.result { try await self.registry.deleteTag(tag, in: name, by: .cockpit) }
            if case .failure(let failure) = result {
                outcomes.append((tag, failure))
            } else {
                outcomes.append((tag, nil))
            }
        }
        post(.tagsDeleted(name, outcomes))
    }

    private func runSweep(_ plan: SweepPlan) async {
        let result = await Self.result {
            try await self.registry.run(plan, by: .cockpit) { progress in
                self.sweep.withLock { sweep in
                    sweep.progress = progress
                    return !sweep.isStopping
                }
            }
        }
        sweep.withLock { $0 = (nil, false) }
        post(.swept(result))
    }

    /// A verb's outcome as a value with one line for people.
    private static func result<Value: Sendable>(
        _ verb: () async throws -> Value
    ) async -> Result<Value, Failure> {
        do {
            return .success(try await verb())
        } catch let error as RegistryError {
            return .failure(Failure(error.message))
        } catch {
            return .failure(Failure("\(error)"))
        }
    }
}
