import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import StorageProbes
import Testing

/// A plan takes no more memory than it may, and what it has no room for is garbage as before.
@Suite struct PlanRoomTests {
    private static func settings(lines: Int) -> Collector.Settings {
        var settings = Collector.Settings()
        settings.planBytesMax = lines * MemoryLayout<SweepPlan.Line>.stride
        return settings
    }

    /// Twenty images of five that stay, in two repositories, with a layer that all share.
    private static func fill(_ bench: CollectorBench) async throws -> [SampleImage] {
        var kept: [SampleImage] = []
        for number in 0..<25 {
            let image = try SampleImage(
                layers: [SampleImage.noise(200 + number, seed: UInt64(number)), SampleImage.noise(100, seed: 99)],
                architecture: "m\(number)")
            let name = number.isMultiple(of: 2) ? bench.a : bench.b
            try await bench.push(image, to: name, "t\(number)")
            if number.isMultiple(of: 5) { kept.append(image) } else { try await bench.untag("t\(number)", name) }
        }
        return kept
    }

    @Test(arguments: [1, 2, 7, 30]) func partAfterPartEverythingGoes(_ lines: Int) async throws {
        let whole = try await CollectorBench()
        _ = try await Self.fill(whole)
        let all = try await whole.plan()
        #expect(!all.isPart && all.lines.count > 60)

        let bench = try await CollectorBench(collecting: Self.settings(lines: lines))
        let kept = try await Self.fill(bench)
        var gone: [SweepPlan.Item] = []
        var last = try await bench.plan()
        #expect(try last.isPart && CollectorJSON.decode(SweepPlan.self, from: CollectorJSON.encode(last)).isPart)
        while last.isPart, gone.count < all.lines.count {
            // A line has names of repositories beside it, and of the last manifest the edges are known.
            #expect(last.lines.count <= lines && !last.lines.isEmpty)
            let report = try await bench.collector.run(last, by: .test)
            #expect(report.spared.isEmpty && report.removed == last.lines)
            gone += last.lines.map(\.item)
            last = try await bench.plan()
        }
        try await bench.collector.run(last, by: .test)
        gone += last.lines.map(\.item)
        // What is bytes in one plan may be a link and bytes in two, so it is the bytes and the manifests that are compared.
        let content = { (items: [SweepPlan.Item]) in Set(items.filter { $0.kind == .blob || $0.kind == .revision }) }
        #expect(content(gone) == content(all.lines.map(\.item)))
        for (number, image) in kept.enumerated() {
            #expect(try await bench.has(image, (number * 5).isMultiple(of: 2) ? bench.a : bench.b))
        }
        #expect(try await bench.stored() == Set(kept.flatMap { $0.blobs.map(\.digest) + [$0.manifest.digest] }))
    }

    @Test func whatIsSparedHasItsOwnRoom() async throws {
        let bench = try await CollectorBench(collecting: Self.settings(lines: 3))
        for number in 0..<10 {
            try await bench.registry.push(blob: .init(SampleImage.noise(50, seed: UInt64(number))), to: bench.a)
        }
        let garbage = try await bench.plan()
        #expect(garbage.lines.count == 3 && garbage.isPart)
        let options = SweepOptions(untagged: true, uploadSeconds: 0, referrerSeconds: 0, graceSeconds: 3600)
        let spared = try await bench.plan(options)
        #expect(spared.lines.isEmpty && spared.isPart && (1..<10).contains(spared.spared.count))
    }

    /// The part that a plan names is the same for the same tree: the largest first.
    @Test func aPartHasTheLargest() async throws {
        let bench = try await CollectorBench(collecting: Self.settings(lines: 3))
        for number in 0..<10 {
            try await bench.registry.push(
                blob: .init(SampleImage.noise(50 + number, seed: UInt64(number))), to: bench.a)
        }
        #expect(try await bench.plan().lines.map(\.bytes) == [59, 58, 57])
    }
}
