import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore
import Testing

@testable import Cockpit

/// The cockpit on plain values: it needs no more of a registry than the seam says.
@Suite struct PlainRegistryTests {
    private let registry: PlainRegistry
    private let app: RepositoryName

    init() throws {
        registry = PlainRegistry(try FakeRegistry.sample())
        app = try RepositoryName("team/app")
    }

    @Test func theListsAndTheGraphAreDrawn() async throws {
        var session = await RunnerSession(registry)
        #expect(session.shows("base/alpine") && session.shows("team/app") && session.shows("tools/ci"))
        await session.press(.down, .enter)
        #expect(session.model.place == .tags(app) && session.shows("1.10") && session.shows("broken"))
        let row = try #require(session.model.tags.list.rows.firstIndex { $0.tag.text == "1.10" })
        await session.press(.home)
        for _ in 0..<row { await session.press(.down) }
        await session.press(.enter)
        #expect(session.shows("linux/arm64") && session.shows("840 MiB"))
        await session.press(.escape)
        await session.type("H")
        #expect(session.shows("● current"))
        #expect(registry.acts.isEmpty)
    }

    @Test func whatHappensIsShown() async throws {
        var session = await RunnerSession(registry)
        for event in try sampleEvents() { registry.happened(event) }
        registry.move(try sampleTransfers())
        let isNew = await session.look()
        await session.type("4")
        #expect(isNew && session.shows("team/app:1.10") && session.shows("docker"))
        #expect(session.shows("base/alpine"))
        let isSilent = await !session.look()
        #expect(isSilent)
    }

    @Test func aTagIsDeleted() async throws {
        var session = await RunnerSession(registry)
        await session.press(.down, .enter)
        let tag = try #require(session.model.tags.list.selected?.tag)
        await session.type("dy")
        await session.look()
        #expect(registry.acts == [.delete(tag, app)])
        #expect(!session.model.tags.list.rows.contains { $0.tag == tag } && !session.model.tags.list.rows.isEmpty)
    }

    @Test func aSweepIsShownAndRun() async throws {
        var session = await RunnerSession(registry)
        await session.type("5t---")
        let plan = try #require(session.model.sweep.session.plan)
        #expect(plan.lines.count > 4 && session.shows("[remove \(plan.lines.count)]"))
        #expect(session.shows(ByteFormat.size(plan.bytes)) && session.shows("[x] blob"))
        await session.press(.enter)
        await session.type("y")
        guard case .sweep(let job) = registry.acts.last, case .plan(let ran) = job.work else {
            Issue.record("\(registry.acts)")
            return
        }
        #expect(ran.id == plan.id && ran.lines == plan.lines)
        let report = try sampleReport()
        #expect(session.shows("✔ swept") && session.model.sweep.session.report == report)
    }

    @Test func whatIsInTheQuarantineComesBackOrGoes() async throws {
        var session = await RunnerSession(registry)
        await session.type("5")
        await session.press(.left)
        let run = try #require(session.model.sweep.quarantine.value?.first)
        await session.type("zy")
        await session.type("Py")
        #expect(registry.acts == [.undo(run.id, nil), .purge(run.id)])
    }

    @Test func whatIsNotThereIsSaidInOneLine() async throws {
        let session = await RunnerSession(registry)
        await session.runner.carryOut(.loadGraph(app, .tag(try Tag("none"))))
        guard case .graph(_, _, .failure(let failure)) = session.mailbox.take().messages.first else {
            Issue.record("no answer")
            return
        }
        #expect(failure.isUnknown && !failure.message.isEmpty)
    }
}
