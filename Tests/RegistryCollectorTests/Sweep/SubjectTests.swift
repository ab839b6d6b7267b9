import Foundation
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryStorage
import StorageProbes
import Testing

/// What is about a subject stays while the subject is on its way, however far its push has come.
@Suite struct SubjectTests {
    private let driver = GatedDriver()
    private let bench: CollectorBench
    private let subject: SampleImage
    private let signature: SampleImage

    init() async throws {
        bench = try await CollectorBench(driver)
        subject = try bench.image(1)
        signature = try bench.image(2, subject: subject.descriptor)
        for blob in subject.blobs { try await bench.registry.push(blob: blob, to: bench.a) }
    }

    /// Runs the plan while the push of the subject has looked at everything and has written nothing yet.
    private func runDuringThePush(_ plan: SweepPlan) async throws -> SweepReport {
        driver.close { $0.name == "link" && $0.text.contains("/revisions/") }
        let (bench, subject) = (self.bench, self.subject)
        async let pushed: Void = bench.push(subject.manifest, to: bench.a, "v1")
        await driver.arrival()
        let report = try await bench.collector.run(plan, by: .test)
        driver.open()
        try await pushed
        return report
    }

    @Test func aReferrerStays() async throws {
        try await bench.push(signature, to: bench.a)
        let plan = try await bench.plan()
        let item = SweepPlan.Item.revision(signature.manifest.digest, bench.a)
        #expect(plan.lines.contains { $0.item == item })
        let report = try await runDuringThePush(plan)
        #expect(report.spared.contains { $0.item == item && $0.reason == .pushInFlight })
        #expect(try await bench.has(signature, bench.a))
    }

    @Test func theFallbackTagStays() async throws {
        let list = try rawIndex([])
        let fallback = Tag(referrersOf: subject.manifest.digest)
        try await bench.push(list, to: bench.a, fallback.text)
        let plan = try await bench.plan()
        let item = SweepPlan.Item.tag(fallback, bench.a)
        #expect(plan.lines.contains { $0.item == item })
        let report = try await runDuringThePush(plan)
        #expect(report.spared.contains { $0.item == item && $0.reason == .pushInFlight })
    }
}
