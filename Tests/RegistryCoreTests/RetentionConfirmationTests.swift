import Foundation
import ImageBuilder
import OCI
import RegistryStorage
import Testing

@testable import RegistryCore

/// Tags go by themselves only under the very policy that a person has seen at work.
@Suite struct RetentionConfirmationTests {
    private let storage = MemoryDriver()

    private func registry(
        _ rules: [RetentionPolicy.Rule]?, readOnly: Bool = false
    ) async throws -> Registry {
        var configuration = Registry.Configuration()
        configuration.retention = rules.map { RetentionPolicy(rules: $0) }
        configuration.readOnly = readOnly
        return try await Registry.sample(storage, configuration: configuration)
    }

    private func run(_ registry: Registry, retention: Bool = true, made: Date? = nil, by client: Client) async throws {
        var plan = try await registry.planSweep(SweepOptions(retention: retention))
        if let made { plan.made = made }
        try await registry.run(plan, by: client)
    }

    @Test func whatIsNotConfiguredIsNotConfirmed() async throws {
        let registry = try await registry(nil)
        try await registry.confirmRetention()
        #expect(try await !registry.isRetentionConfirmed())
        #expect(try await storage.stat(Layout.retentionConfirmed) == nil)
    }

    @Test(arguments: [Client.cockpit, .commandLine]) func aPersonsRunConfirms(client: Client) async throws {
        let registry = try await registry([.init(keepNewest: 3)])
        #expect(try await !registry.isRetentionConfirmed())
        try await run(registry, by: client)
        #expect(try await registry.isRetentionConfirmed())
        // Another program that opens the same directory knows it.
        let again = try await self.registry([.init(keepNewest: 3)])
        #expect(try await again.isRetentionConfirmed())
    }

    @Test func anotherWordInThePolicyIsAnotherPolicy() async throws {
        try await registry([.init(keepNewest: 3)]).confirmRetention()
        let others: [[RetentionPolicy.Rule]] = [
            [.init(keepNewest: 2)], [.init(keepTags: ["v*"], keepNewest: 3)], [.init(tags: ["a"], keepNewest: 3)],
            [.init(keepNewest: 3), .init(keepNewest: 3)], [.init(keepNewest: 3, keepSeconds: 9)],
        ]
        for rules in others {
            let registry = try await registry(rules)
            #expect(try await !registry.isRetentionConfirmed(), "\(rules)")
        }
    }

    @Test func neitherTheScheduleNorAnotherPlanConfirms() async throws {
        let registry = try await registry([.init(keepNewest: 3)])
        try await run(registry, by: .schedule)
        try await run(registry, retention: false, by: .commandLine)
        // Made by an earlier run of the program, which may have had another policy.
        try await run(registry, made: Date(timeIntervalSinceNow: -60), by: .commandLine)
        #expect(try await !registry.isRetentionConfirmed())
    }

    @Test func aReadOnlyRegistryWritesNothingDown() async throws {
        let registry = try await registry([.init(keepNewest: 3)], readOnly: true)
        await #expect(throws: RegistryError.readOnly) { try await registry.confirmRetention() }
        #expect(try await storage.stat(Layout.retentionConfirmed) == nil)
    }
}
