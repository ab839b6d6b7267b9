import Foundation
import ImageBuilder
import OCI
import RegistryStorage
import Testing

@testable import RegistryCollector
@testable import RegistryCore

/// Tags go by themselves only under the very policy that a person has seen at work.
@Suite struct RetentionConfirmationTests {
    private let storage = MemoryDriver()

    private func collector(
        _ rules: [RetentionPolicy.Rule]?, readOnly: Bool = false
    ) async throws -> Collector {
        var configuration = Registry.Configuration()
        configuration.readOnly = readOnly
        var settings = Collector.Settings()
        settings.retention = rules.map { RetentionPolicy(rules: $0) }
        return Collector(try await Registry.sample(storage, configuration: configuration).ground, settings)
    }

    private func run(_ collector: Collector, retention: Bool = true, made: Date? = nil, by access: Access) async throws
    {
        var plan = try await collector.planSweep(SweepOptions(retention: retention), by: .test)
        if let made { plan.made = made }
        try await collector.run(plan, by: access)
    }

    @Test func whatIsNotConfiguredIsNotConfirmed() async throws {
        let collector = try await collector(nil)
        try await collector.confirmRetention(by: .test)
        #expect(try await !collector.isRetentionConfirmed(by: .test))
        #expect(try await storage.stat(Layout.retentionConfirmed) == nil)
    }

    @Test(arguments: [Access.cockpit, .commandLine]) func aPersonsRunConfirms(access: Access) async throws {
        let collector = try await collector([.init(keepNewest: 3)])
        #expect(try await !collector.isRetentionConfirmed(by: .test))
        try await run(collector, by: access)
        #expect(try await collector.isRetentionConfirmed(by: .test))
        // Another program that opens the same directory knows it.
        let again = try await self.collector([.init(keepNewest: 3)])
        #expect(try await again.isRetentionConfirmed(by: .test))
    }

    @Test func anotherWordInThePolicyIsAnotherPolicy() async throws {
        try await collector([.init(keepNewest: 3)]).confirmRetention(by: .test)
        let others: [[RetentionPolicy.Rule]] = [
            [.init(keepNewest: 2)], [.init(keepTags: ["v*"], keepNewest: 3)], [.init(tags: ["a"], keepNewest: 3)],
            [.init(keepNewest: 3), .init(keepNewest: 3)], [.init(keepNewest: 3, keepSeconds: 9)],
        ]
        for rules in others {
            let collector = try await collector(rules)
            #expect(try await !collector.isRetentionConfirmed(by: .test), "\(rules)")
        }
    }

    @Test func neitherTheScheduleNorAnotherPlanConfirms() async throws {
        let collector = try await collector([.init(keepNewest: 3)])
        try await run(collector, by: .schedule)
        try await run(collector, retention: false, by: .commandLine)
        // Made by an earlier run of the program, which may have had another policy.
        try await run(collector, made: Date(timeIntervalSinceNow: -60), by: .commandLine)
        #expect(try await !collector.isRetentionConfirmed(by: .test))
    }

    @Test func aReadOnlyRegistryWritesNothingDown() async throws {
        let collector = try await collector([.init(keepNewest: 3)], readOnly: true)
        await #expect(throws: RegistryError.readOnly) { try await collector.confirmRetention(by: .test) }
        #expect(try await storage.stat(Layout.retentionConfirmed) == nil)
    }
}
