import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryStorage
import StorageProbes
import Testing

/// How many requests of an object store what clients and the collector do costs: what a driver for S3 will have to pay, or
/// better. The numbers are limits, not wishes: who comes above one has made every push or pull of a bucket dearer.
@Suite struct ObjectRequestTests {
    private typealias Counts = [ObjectStore.Request: Int]

    private let store = ObjectStore(partBytesMin: 64)

    private func bench() async throws -> CollectorBench { try await CollectorBench(ObjectDriver(store)) }

    private func requests(_ what: String, _ body: () async throws -> Void) async throws -> Int {
        _ = store.takeCounts()
        try await body()
        let counts = store.takeCounts()
        let text = counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key)" }
        let sum = counts.values.reduce(0, +)
        print("\(what): \(sum) requests (\(text.joined(separator: ", ")))")
        return sum
    }

    private func image(layers: Int) throws -> SampleImage {
        try SampleImage(layers: (0..<layers).map { SampleImage.noise(300, seed: UInt64($0)) })
    }

    @Test func aPushAndAPullOfTenLayers() async throws {
        let bench = try await bench()
        let image = try image(layers: 10)
        let pushed = try await requests("push of ten layers") { try await bench.push(image, to: bench.a, "v1") }
        #expect(pushed <= 240)
        let pulled = try await requests("pull of ten layers") {
            let tag = try Tag("v1")
            let isPullable = try await bench.registry.isPullable(image, from: bench.a, tag: tag)
            #expect(isPullable)
        }
        #expect(pulled <= 30)
    }

    /// Pages of a thousand names each; what is listed costs no request for each.
    @Test(arguments: [10, 2500]) func aListing(count: Int) async throws {
        let bench = try await bench()
        for number in 0..<count {
            try await bench.storage.write(Layout.uploads(bench.a).appending(["\(number)", "x"]), [1])
        }
        let listed = try await requests("listing of \(count)") {
            let entries = try await bench.storage.list(Layout.uploads(bench.a))
            #expect(entries?.count == count)
        }
        #expect(listed == (count + 999) / 1000)
    }

    @Test func aSweepOfAThousandLines() async throws {
        let bench = try await bench()
        for seed in 0..<1000 {
            let blob = SampleImage.Blob(SampleImage.noise(20, seed: UInt64(seed)))
            try await bench.registry.push(blob: blob, to: bench.a)
        }
        let plan = try await bench.plan()
        #expect(plan.lines.ofContent.count == 1000)
        let settings = SweepRunSettings(quarantineSeconds: 3600)
        let swept = try await requests("sweep of 1,000 lines") {
            let report = try await bench.collector.run(plan, settings, by: .test)
            #expect(report.spared.isEmpty)
        }
        #expect(swept <= 12_000)
        let undone = try await requests("undo of 1,000 lines") {
            let report = try await bench.collector.undoRun(plan.id, by: .test)
            #expect(report.kept.isEmpty)
        }
        #expect(undone <= 30_000)
    }

    /// A store that takes its time is waited for, and one that fails leaves what was acknowledged.
    @Test func aSlowStore() async throws {
        let bench = try await bench()
        let image = try image(layers: 2)
        store.slow { _ in await Task.yield() }
        try await bench.push(image, to: bench.a, "v1")
        #expect(try await bench.has(image, bench.a))
    }
}
