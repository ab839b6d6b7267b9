import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import RegistryStorage
import Testing

/// An index that could not be written is behind the tree until the two have been compared, whichever write it was.
@Suite struct IndexStandingTests {
    private struct Failed: Error {}

    private let registry: Registry
    private let index: ReferenceIndex
    private let name: RepositoryName

    init() async throws {
        index = try ReferenceIndex(path: nil)
        registry = Registry(storage: MemoryDriver(), index: index)
        name = try RepositoryName("a")
        try await registry.collector.reconcile(by: .test)
    }

    private func fail(onlyRemoves: Bool = false) {
        #expect(throws: IndexError.self) { try index.write(onlyRemoves: onlyRemoves) { _ in throw Failed() } }
    }

    @Test(arguments: [true, false]) func aFailedWriteLeavesItBehindUntilItIsCompared(onlyRemoves: Bool) async throws {
        #expect(registry.ground.isReconciled)
        fail(onlyRemoves: onlyRemoves)
        #expect(!registry.ground.isReconciled)
        await #expect(throws: RegistryError.notReconciled) {
            try await registry.collector.planSweep(SweepOptions(), by: .test)
        }
        try await registry.collector.reconcile(by: .test)
        #expect(registry.ground.isReconciled)
    }

    @Test func whoFollowsTheTreeHearsOfIt() async throws {
        var lags = registry.collector.indexLags.makeAsyncIterator()
        fail()
        #expect(await lags.next() != nil)
    }

    @Test func aComparisonDuringWhichItFailedDoesNotCount() async throws {
        try await registry.push(try SampleImage(layers: [SampleImage.noise(900, seed: 4)]), to: name, tag: Tag("v1"))
        await #expect(throws: RegistryError.indexBehind) {
            try await registry.collector.reconcile(by: .test) { progress in
                if progress.manifests > 0 { try? index.write { _ in throw Failed() } }
            }
        }
        #expect(!registry.ground.isReconciled)
    }

    /// The lists are the tree's meanwhile.
    @Test func theListOfTagsIsRightWhileItIsBehind() async throws {
        try await registry.push(try SampleImage(layers: [SampleImage.noise(900, seed: 4)]), to: name, tag: Tag("v1"))
        try await registry.storage.remove(Layout.tag(try Tag("v1"), in: name), .lasting)
        fail()
        #expect(try await registry.tagNames(in: name, after: nil, limit: 10, by: .test).isEmpty)
    }
}
