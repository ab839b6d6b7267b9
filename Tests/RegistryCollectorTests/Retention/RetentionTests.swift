import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import Testing

/// Which tags a retention keeps, at times that the test sets.
@Suite struct RetentionTests {
    /// Tags of a repository, each with when it was set, in seconds since 1970.
    private func going(_ rule: RetentionPolicy.Rule, _ times: [String: Int64]) async throws -> Set<String> {
        var settings = Collector.Settings()
        settings.retention = RetentionPolicy(rules: [rule])
        let bench = try await CollectorBench(collecting: settings)
        let image = try bench.image(1)
        for tag in times.keys { try await bench.push(image, to: bench.a, tag) }
        try bench.index.write { change in
            for (tag, time) in times {
                try change.tagRemoved(try Tag(tag), in: bench.a)
                try change.tagSet(try Tag(tag), to: image.manifest.digest, in: bench.a, at: time)
            }
        }
        let plan = try await bench.plan(SweepOptions(graceSeconds: 0, retention: true))
        return Set(
            plan.lines.compactMap { line in
                if case .tag(let tag, _) = line.item { tag.text } else { nil }
            })
    }

    @Test func theNewestStay() async throws {
        let times: [String: Int64] = ["a": 100, "b": 300, "c": 200]
        #expect(try await going(.init(keepNewest: 2), times) == ["a"])
        #expect(try await going(.init(keepTags: ["a"], keepNewest: 1), times) == ["c"])
        #expect(try await going(.init(tags: ["c", "d"], keepNewest: 1), times) == [])
    }

    /// Times are whole seconds: of those set in one of them nobody knows which is the newer.
    @Test func whoeverMayBeAmongTheNewestStays() async throws {
        #expect(try await going(.init(keepNewest: 1), ["a": 100, "b": 100, "c": 99]) == ["c"])
    }

    /// With a tag goes what nothing else holds: no other tag, no other index, no subject.
    @Test func whatSomethingElseHoldsStays() async throws {
        var settings = Collector.Settings()
        settings.retention = RetentionPolicy(rules: [.init(tags: ["goes*"], keepSeconds: 0)])
        let bench = try await CollectorBench(collecting: settings)
        let (subject, child, twice) = (try bench.image(1), try bench.image(2), try bench.image(3))
        let signature = try bench.image(4, subject: subject.descriptor)
        try await bench.push(subject, to: bench.a, "subject")
        for image in [child, signature] { try await bench.push(image, to: bench.a) }
        for tag in ["goes-image", "image"] { try await bench.push(twice, to: bench.a, tag) }
        let going = try SampleImage.index([("amd64", child), ("s390x", signature)])
        try await bench.push(going, to: bench.a, "goes-index")
        try await bench.push(try SampleImage.index([("amd64", child)]), to: bench.a, "index")

        let plan = try await bench.plan(SweepOptions(untagged: true, graceSeconds: 0, retention: true))
        #expect(plan.lines.count { $0.kind == .tag } == 2)
        #expect(
            plan.lines.filter { $0.kind != .tag }.map(\.item)
                == [.revision(going.digest, bench.a), .blob(going.digest)])
        #expect(try await bench.collector.run(plan, by: .test).spared == [])
        for image in [subject, child, twice, signature] { #expect(try await bench.has(image, bench.a)) }
    }

    @Test func aRuleThatKeepsNothingRemovesNothing() async throws {
        #expect(try await going(.init(), ["a": 100]) == [])
    }
}
