import Drawing
import Foundation
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import Testing

@testable import Cockpit

/// Effects on a real registry in memory.
@Suite struct EffectRunnerTests {
    @Test func aPushIsSeenAndSilenceIsSilent() async throws {
        var session = try await LiveSession()
        #expect(session.shows("No images yet."))
        var isNew = await session.look()
        #expect(!isNew)
        let image = try SampleImage(layers: [[1], [2, 3]])
        try await session.registry.push(image, to: try RepositoryName("team/app"), tag: try Tag("1"))
        isNew = await session.look()
        #expect(isNew && session.shows("team/app"))
        #expect(session.model.activityLog.operations.first?.target == "team/app:1")
        isNew = await session.look()
        #expect(!isNew)
        session.log.append(LogLine(time: noon, level: .info, message: "hello"))
        isNew = await session.look()
        #expect(isNew)
        isNew = await session.look()
        #expect(!isNew)
    }

    /// The main job by keys alone: look at what two tags share, delete one, sweep exactly what only it held.
    @Test func deletingAndSweepingFreesWhatOnlyTheTagHeld() async throws {
        var session = try await LiveSession()
        let app = try RepositoryName("team/app")
        let (shared, own) = (SampleImage.noise(4_000, seed: 1), SampleImage.noise(9_000, seed: 2))
        let gone = try SampleImage(layers: [shared, own], architecture: "amd64")
        let kept = try SampleImage(layers: [shared], architecture: "arm64")
        try await session.registry.push(gone, to: app, tag: try Tag("1"))
        try await session.registry.push(kept, to: app, tag: try Tag("2"))
        await session.look()

        await session.press(.enter, .enter)
        #expect(session.model.place == .graph(app, .tag(try Tag("1"))))
        let layer = try #require(session.model.graph.loaded.value?.root.children.first { $0.bytes == 4_000 })
        #expect(layer.usedByTags == 2)
        let exclusive = try #require(session.model.graph.loaded.value?.bytesExclusive)
        #expect(exclusive == 9_000 + Int64(gone.blobs[2].bytes.count + gone.manifest.bytes.count))

        await session.press(.escape)
        await session.type("dy")
        await session.look()
        #expect(session.model.tags.list.rows.map(\.tag.text) == ["2"])

        await session.type("5t---")
        let plan = try #require(session.model.sweep.session.plan)
        #expect(plan.bytes == exclusive)
        await session.press(.enter)
        await session.type("y")
        guard case .done(_, let report) = session.model.sweep.session.state else {
            Issue.record("no report: \(session.model.sweep.session.state)")
            return
        }
        #expect(report.removed.reduce(0) { $0 + $1.bytes } == exclusive && report.spared.isEmpty)
        // Measured in blocks, so more than the bytes of the content.
        #expect(report.bytesFreed >= exclusive && report.purged == nil)
        #expect(session.shows("✔ swept"))
        let isThere = try await session.registry.isPullable(kept, from: app, tag: try Tag("2"))
        #expect(isThere)
        let names = Set(gone.blobs.map(\.digest)).subtracting(kept.blobs.map(\.digest))
        for digest in names {
            let content = try? await session.registry.blob(digest, in: app, by: .test)
            #expect(content == nil)
        }
    }

    @Test func errorsComeAsOneLine() async throws {
        var session = try await LiveSession()
        await session.send(.input(.key(.character("4")), at: noon))
        await session.runner.carryOut(.loadGraph(try RepositoryName("no/such"), .tag(try Tag("x"))))
        let messages = session.mailbox.take().messages
        guard case .graph(_, _, .failure(let failure)) = messages.first else {
            Issue.record("\(messages)")
            return
        }
        #expect(!failure.message.isEmpty && !failure.message.contains("\n"))
    }

    @Test func theServerStopsAndStarts() async throws {
        var session = try await LiveSession()
        await session.type("6o")
        #expect(session.server.state == .stopped && session.shows("○ stopped"))
        await session.type("o")
        #expect(session.shows("● serving"))
        await session.type("R")
        #expect(session.shows("● serving"))
    }

    @Test func aSignalDrainsAndQuits() async throws {
        var session = try await LiveSession()
        await session.send(.input(.signal(.terminate), at: noon))
        #expect(session.server.state == .stopped)
        #expect(session.requests == [.quit])
    }

    /// An hour's sleep is none for what a client does, whether it comes before or after one has fallen asleep.
    @Test(.timeLimit(.minutes(1))) func anEventEndsTheWaitBetweenTwoLooks() async throws {
        let registry = try await Registry.sample()
        let nap = Nap()
        var sampler = Sampler(
            registry: LocalRegistry(registry, registry.collector), server: FakeServer(), log: LogRing()
        ) { nap.end() }
        let client = Client(address: "test")
        registry.ground.publish(.refused(nil, code: "UNKNOWN", message: ""), by: client)
        let sleep: @Sendable () async -> Void = { await nap.block(for: .seconds(3600)) }
        await sleep()
        _ = sampler.look(at: noon)
        await withDiscardingTaskGroup { group in
            group.addTask { await sleep() }
            registry.ground.publish(.refused(nil, code: "UNKNOWN", message: ""), by: client)
        }
        _ = sampler.look(at: noon)
        // A download that began is nothing that has happened yet.
        let transfer = registry.transfers.begin(
            .pull, try RepositoryName("team/app"), digest: nil, total: 1, by: client)
        await sleep()
        transfer.end()
        sampler.end()
        // Neither does it outlive its task.
        let task = Task { await sleep() }
        task.cancel()
        await task.value
    }

    @Test(.timeLimit(.minutes(1))) func aWaitThatNobodyEndsIsOver() async {
        let nap = Nap()
        for _ in 0..<3 { await nap.block(for: .milliseconds(1)) }
    }

    /// The loop itself: what is asked for is answered, and cancelling ends everything.
    @Test(.timeLimit(.minutes(1))) func theLoopAnswersUntilItIsCancelled() async throws {
        let registry = try await Registry.sample()
        let mailbox = Mailbox<Message>()
        let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        mailbox.onArrival { arrival.yield() }
        let runner = EffectRunner(
            registry: LocalRegistry(registry, registry.collector), server: FakeServer(), log: LogRing(),
            mailbox: mailbox)
        let loop = Task { await runner.run() }
        runner.perform(.loadRepositories(since: nil))
        var (hasSample, hasList) = (false, false)
        for await _ in arrivals {
            for message in mailbox.take().messages {
                switch message {
                case .sampled: hasSample = true
                case .repositories(.success): hasList = true
                default: break
                }
            }
            if hasSample, hasList { break }
        }
        loop.cancel()
        await loop.value
        #expect(hasSample && hasList)
    }
}
