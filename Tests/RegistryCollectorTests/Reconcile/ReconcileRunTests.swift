import ImageBuilder
import OCI
import RegistryIndex
import RegistryStorage
import Synchronization
import Testing

@testable import RegistryCollector
@testable import RegistryCore

/// How a comparison goes on: at its pace, with word of how far it is, and from where it was broken off.
@Suite struct ReconcileRunTests {
    @Test(
        "a quarter of a core is three times the work in pauses, once the head start is used up",
        arguments: [
            (stretch: 40, total: 500, pause: 0), (stretch: 40, total: 1000, pause: 0),
            (stretch: 40, total: 1010, pause: 30), (stretch: 40, total: 5000, pause: 120),
            (stretch: 10, total: 5000, pause: -1),
        ])
    func pace(stretch: Int, total: Int, pause: Int) {
        let pace = Pace(share: 0.25, headStart: .seconds(1))
        let expected: Duration? = pause < 0 ? nil : .milliseconds(pause)
        #expect(pace.pause(after: .milliseconds(stretch), total: .milliseconds(total)) == expected)
        #expect(Pace.full.pause(after: .milliseconds(stretch), total: .milliseconds(total)) == nil)
    }

    private func tree(repositories: Int) async throws -> (any StorageDriver, [RepositoryName]) {
        let storage = MemoryDriver()
        let registry = try await Registry.sample(storage)
        var names: [RepositoryName] = []
        for number in 0..<repositories {
            // Nested ones as well: the order of a walk is not the order of the texts.
            let name = try RepositoryName(
                number.isMultiple(of: 3) ? "r\(number)" : "r\(number - number % 3)/s\(number)")
            try await registry.push(try SampleImage(layers: [[UInt8(number)]]), to: name, tag: try Tag("v"))
            names.append(name)
        }
        return (storage, names)
    }

    @Test func itSaysHowFarItIs() async throws {
        let (storage, names) = try await tree(repositories: 9)
        let registry = Registry(storage: storage, index: try ReferenceIndex(path: nil))
        let states = Mutex<[ReconcileProgress]>([])
        let total = try await registry.collector.countTree()
        let report = try await registry.collector.reconcile(expecting: total, by: .test) { state in
            states.withLock { $0.append(state) }
        }
        let seen = states.withLock { $0 }
        let fractions = seen.compactMap(\.fraction)
        #expect(fractions.count == seen.count)
        #expect(zip(fractions, fractions.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(fractions.last == 1)
        #expect(report.repositories == names.count)
        #expect(report.manifests == names.count && report.tags == names.count)
        // 9 manifests, 9 layers, 9 configs of one content.
        #expect(report.blobs == 19)
        #expect(registry.collector.reconciling == nil)
    }

    /// Whoever never gets to the end in one run gets everywhere in several.
    @Test func itGoesOnWhereItWasBrokenOff() async throws {
        let (storage, names) = try await tree(repositories: 12)
        let index = try ReferenceIndex(path: nil)
        var known: [Int] = []
        for _ in 0..<4 {
            let registry = Registry(storage: storage, index: index)
            let task = Task {
                // Ends with the fourth repository.
                try await registry.collector.reconcile(by: .test) { state in
                    if state.repositories == 4 { withUnsafeCurrentTask { $0?.cancel() } }
                }
            }
            await #expect(throws: RegistryError.interrupted) { try await task.value }
            #expect(!registry.ground.isReconciled)
            known.append(try index.read { try $0.allRepositories().count })
        }
        #expect(known == [4, 8, 12, 12])
        let registry = Registry(storage: storage, index: index)
        let report = try await registry.collector.reconcile(by: .test)
        #expect(report.corrections == 13)
        #expect(try await registry.repositoryNames(after: nil, limit: 99, by: .test) == names.sorted())
        #expect(try await registry.collector.reconcile(by: .test).corrections == 0)
    }

    @Test func itForgetsDamageThatIsNoMore() async throws {
        let (storage, names) = try await tree(repositories: 3)
        let registry = try await Registry.sample(storage)
        let link = Layout.tagCurrent(try Tag("w"), in: names[0])
        try await storage.write(link, [])
        try await registry.collector.reconcile(by: .test)
        #expect(try registry.collector.damage(by: .test).map(\.path) == [link.text])
        try await registry.collector.reconcile(by: .test)
        #expect(try registry.collector.damage(by: .test).map(\.path) == [link.text])
        try await storage.remove(Layout.tag(try Tag("w"), in: names[0]), .lasting)
        try await registry.collector.reconcile(by: .test)
        #expect(try registry.collector.damage(by: .test).isEmpty)
    }
}
