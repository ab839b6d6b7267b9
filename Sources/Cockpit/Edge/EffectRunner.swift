package import Drawing
package import Foundation
import OCI
import RegistryCollector
import RegistryCore
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
    /// The same while nothing moves. An event ends the wait, and so does a transfer: what a client does is seen as soon as
    /// ever, and what is left are the disk's free space and the log.
    static let idleInterval = Duration.seconds(3)
    /// Looks that find nothing until nothing moves.
    private static let idleLooks = 8

    let registry: any CockpitRegistry
    private let server: any ServerControl
    private let log: LogRing
    private let clock: @Sendable () -> Date
    private let mailbox: Mailbox<Message>
    private let effects: AsyncStream<Effect>
    private let intake: AsyncStream<Effect>.Continuation
    /// Where files go that the user asks for.
    private let folder: URL
    /// Whether the sweep that was begun last is to stop; the registry hears of it only once it runs.
    private let sweepStops = Mutex(false)
    private let check = CheckJob()
    private let pace = LoadPace()
    /// What the user has had done: while something is, looks are frequent.
    private let effectsDone = Atomic<Int>(0)
    /// The wait between two looks while nothing moves.
    private let nap = Nap()

    package init(
        registry: any CockpitRegistry, server: any ServerControl, log: LogRing, mailbox: Mailbox<Message>,
        folder: String = FileManager.default.currentDirectoryPath,
        clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.registry = registry
        self.server = server
        self.log = log
        self.mailbox = mailbox
        self.folder = URL(filePath: folder, directoryHint: .isDirectory)
        self.clock = clock
        (effects, intake) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.effectsMax))
    }

    /// Takes an effect to be done soon and returns at once.
    package func perform(_ effect: Effect) { intake.yield(effect) }

    /// Does effects and samples until it is cancelled; returns when all that was begun has ended. For an executor whose threads
    /// may block: the wait between two looks, while nothing moves, is one.
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
        var sampler = Sampler(registry: registry, server: server, log: log) { [nap] in nap.end() }
        defer { sampler.end() }
        let timer = ContinuousClock()
        var next = timer.now
        var (idleLooks, effects) = (0, effectsDone.load(ordering: .relaxed))
        while !Task.isCancelled {
            // What clients have taken is asked for first: rates are made of it and of the time that follows.
            await registry.refreshTransfers()
            let sample = sampler.look(at: clock(), check: check.progress)
            if let sample { post(.sampled(sample)) }
            let done = effectsDone.load(ordering: .relaxed)
            idleLooks = sample == nil && done == effects ? idleLooks + 1 : 0
            effects = done
            // Counters and transfers are state, not events: they are looked at by the clock, a few times a second.
            if idleLooks >= Self.idleLooks {
                await nap.block(for: Self.idleInterval)
                next = timer.now
                continue
            }
            // What is looked at moves by itself and tells nobody. A look that took long is not made up for by two in a row.
            next = max(next.advanced(by: Self.interval), timer.now)
            do { try await timer.sleep(until: next, tolerance: .milliseconds(20)) } catch { return }
        }
    }

    var isSweepStopping: Bool { sweepStops.withLock { $0 } }

    private func post(_ message: Message) { mailbox.post(message) }

    /// Does one effect and posts its result; returns when it is done.
    func carryOut(_ effect: Effect) async {
        begin(effect)
        await finish(effect)
    }

    /// Makes ready what a later effect can stop: those are begun in their order, and done side by side.
    private func begin(_ effect: Effect) {
        effectsDone.wrappingAdd(1, ordering: .relaxed)
        nap.end()
        switch effect {
        case .runSweep: sweepStops.withLock { $0 = false }
        case .check: check.begin()
        default: break
        }
    }

    private func finish(_ effect: Effect) async {
        switch effect {
        case .loadRepositories(let mark):
            let changes = await pace.load(.repositories) {
                await Self.result { try await self.registry.repositories(since: mark) }
            }
            post(.repositories(changes))
        case .loadTags(let name, let mark):
            post(.tags(name, await pace.load(.tags(name)) { await self.tags(in: name, since: mark) }))
        case .arrangeRepositories(let job): post(.repositoriesArranged(job.run()))
        case .arrangeTags(let job): post(.tagsArranged(job.run()))
        case .loadGraph(let name, let reference):
            let graph = await pace.load(.graph(name, reference)) {
                await Self.result { try await self.registry.graph(of: reference, in: name) }
            }
            post(.graph(name, reference, graph))
        case .loadUsers(let digest):
            post(
                .users(
                    digest,
                    await pace.load(.users(digest)) { await Self.result { try await self.registry.users(of: digest) } })
            )
        case .findPullable(let names):
            post(.pullable(await Self.result { try await self.pullable(in: names) }))
        case .deleteTags(let tags, let name): post(await delete(tags, in: name))
        case .restoreTags(let departures): post(await restore(departures))
        case .setTag(let tag, let digest, let name): post(await set(tag, to: digest, in: name))
        case .loadHistory(let tag, let name):
            post(.history(tag, name, await Self.result { try await self.registry.history(of: tag, in: name) }))
        case .loadDeletedTags(let name):
            let limit = TagPast.deletedMax
            post(
                .deletedTags(
                    name, await Self.result { try await self.registry.deletedTags(in: name, limit: limit) }))
        case .reclaim(let subject):
            post(.reclaimed(subject, await Self.result { try await self.registry.reclaim(subject) }))
        case .planSweep(let options):
            post(.planned(options, await Self.result { try await self.registry.planSweep(options) }))
        case .runSweep(let job): post(await run(job))
        case .pauseSweep: await registry.steer(.pause)
        case .continueSweep: await registry.steer(.goOn)
        case .stopSweep:
            sweepStops.withLock { $0 = true }
            await registry.steer(.stop)
        case .writeSweep(let export):
            post(.sweepWritten(await Self.result { try SweepFile.write(export, into: self.folder) }))
        case .loadQuarantine: post(.quarantine(await Self.result { try await self.registry.quarantinedRuns() }))
        case .putBack(let run, let items):
            post(.putBack(await Self.result { try await self.registry.undoRun(run, only: items) }))
        case .purge(let run):
            post(.purged(await Self.result { try await self.registry.purgeRun(run) }))
        case .loadDamage: post(.damage(await Self.result { try await self.registry.damage() }))
        case .check(let options):
            post(.checked(await Self.result { try await self.check.run(options, by: self.registry) }))
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

    private func pullable(in names: [RepositoryName]) async throws(RegistryError) -> [RepositoryReference] {
        var found: [RepositoryReference] = []
        for name in names {
            if let reference = try await registry.pullable(in: name) { found.append(reference) }
        }
        return found
    }

    /// A verb's outcome as a value with one line for people.
    static func result<Value: Sendable>(
        _ verb: () async throws -> Value
    ) async -> Result<Value, Failure> {
        do {
            return .success(try await verb())
        } catch let error as RegistryError {
            return .failure(Failure(error))
        } catch {
            return .failure(Failure("\(error)"))
        }
    }
}
