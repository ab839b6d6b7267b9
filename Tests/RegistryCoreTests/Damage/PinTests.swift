import ImageBuilder
import OCI
import RegistryCore
import RegistryIndex
import RegistryStorage
import Testing

/// What a repair moves out of the way goes on sparing what it may need, until it is whole again or a person gives it up.
@Suite struct PinTests {
    private let bench: CollectorBench
    private let image: SampleImage

    init() async throws {
        bench = try await CollectorBench()
        image = try bench.image(1)
    }

    /// A tag whose manifest lost its link, moved away by a repair.
    private func lose() async throws {
        try await bench.push(image, to: bench.a, "v1")
        try await bench.push(try bench.image(2), to: bench.a)
        try await bench.storage.remove(Layout.revisionLink(image.manifest.digest, in: bench.a))
        let found = try await bench.registry.check(CheckOptions()).findings
        #expect(found.map(\.kind) == [.danglingTag])
        #expect(try await bench.registry.repair(found).repaired.count == 1)
    }

    private func goesNow(_ registry: Registry) async throws -> Bool {
        let lines = try await registry.planSweep(CollectorBench.everything).lines
        return lines.contains { $0.item == .blob(image.manifest.digest) }
    }

    @Test func aTagThatARepairMovedAwaySparesItsImageAlsoWithoutAnIndex() async throws {
        try await lose()
        #expect(try await !goesNow(bench.registry))
        let pin = try #require(try await bench.registry.pins().first)
        #expect(pin.repository == bench.a && pin.tag?.text == "v1" && pin.digest == image.manifest.digest)
        for keepsIndex in [true, false] {
            let registry = try await bench.restarted(keepingIndex: keepsIndex)
            #expect(try await !goesNow(registry))
            #expect(try await registry.planSweep(CollectorBench.everything).lines.isEmpty)
        }
    }

    @Test func aPersonGivesItUp() async throws {
        try await lose()
        #expect(try await bench.registry.unpin(bench.b).isEmpty)
        #expect(try await !goesNow(bench.registry))
        #expect(try await bench.registry.unpin(bench.a).count == 1)
        #expect(try await bench.registry.pins().isEmpty)
        #expect(try await goesNow(bench.registry))
        #expect(try await goesNow(bench.restarted(keepingIndex: false)))
        #expect(try await bench.storage.list(Layout.pins) ?? [] == [])
    }

    @Test func aPushThatSetsTheTagAgainEndsIt() async throws {
        try await lose()
        try await bench.push(image, to: bench.a, "v1")
        let registry = try await bench.restarted()
        #expect(try await registry.pins().isEmpty)
        #expect(try registry.damage().isEmpty)
        #expect(try await bench.has(image, bench.a))
    }

    /// Whatever became of the file, its path says what it is about.
    @Test(arguments: [[], Array("no digest\nat all\n".utf8), [UInt8](repeating: 0xFF, count: 9000)] as [[UInt8]])
    func aPinThatCannotBeReadPins(_ content: [UInt8]) async throws {
        try await lose()
        let place = try #require(try await bench.registry.pins().first).place
        try await bench.storage.write(Layout.pins.appending(place.components), content)
        let registry = try await bench.restarted(keepingIndex: false)
        #expect(try await registry.pins().map(\.repository) == [bench.a])
        #expect(try await registry.planSweep(CollectorBench.everything).lines.filter { $0.kind == .revision } == [])
    }

    @Test func aSizeThatAnIndexClaimsOfItsEntryIsNamed() async throws {
        try await bench.push(image, to: bench.a)
        let list = try rawIndex([(.ociManifest, image.manifest.digest, 7)])
        try await bench.push(list, to: bench.a, "multi")
        let found = try await bench.registry.check(CheckOptions()).findings
        #expect(found.map(\.kind) == [.wrongSize])
        #expect(found.first?.digest == list.digest)
    }
}
