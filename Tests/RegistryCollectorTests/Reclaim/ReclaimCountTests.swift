import CountedStore
import ImageBuilder
import OCI
import RegistryStorage
import SeededRandom
import StorageProbes
import Testing

@testable import RegistryCollector
@testable import RegistryCore

/// Every number about what would come back, against a count by hand over generated trees.
@Suite struct ReclaimCountTests {
    /// What is asked about: some tags, or repositories as a whole.
    private struct Asked {
        var subject: Reclaim.Subject
        var places: [TreeCensus.Place]
        var whole: Set<String> = []
    }

    private func asked(_ census: TreeCensus, _ store: inout SharingStore) throws -> [Asked] {
        var all: [Asked] = []
        for place in census.tags {
            all.append(
                Asked(
                    subject: .tags([try Tag(place.tag)], in: try RepositoryName(place.repository)), places: [place]))
        }
        for (name, shelf) in census.shelves.sorted(by: { $0.key < $1.key }) {
            let some = store.random { dice in shelf.tags.keys.sorted().filter { _ in Bool.random(using: &dice) } }
            all.append(
                Asked(
                    subject: .tags(try some.map { try Tag($0) }, in: try RepositoryName(name)),
                    places: some.map { TreeCensus.Place(repository: name, tag: $0) }))
            all.append(whole([name], census, .repository(try RepositoryName(name))))
        }
        for pattern in ["*", "team/*", "*:v*", "team/app:*"] {
            let parts = pattern.split(separator: ":").map(String.init)
            func fits(_ text: String, _ glob: String) -> Bool {
                glob.hasSuffix("*") ? text.hasPrefix(glob.dropLast()) : text == glob
            }
            if parts.count == 1 {
                let names = Set(census.shelves.keys.filter { fits($0, parts[0]) })
                all.append(whole(names, census, .pattern(pattern)))
            } else {
                let places = census.tags.filter { fits($0.repository, parts[0]) && fits($0.tag, parts[1]) }
                all.append(Asked(subject: .pattern(pattern), places: places))
            }
        }
        return all
    }

    private func whole(_ names: Set<String>, _ census: TreeCensus, _ subject: Reclaim.Subject) -> Asked {
        Asked(subject: subject, places: census.tags.filter { names.contains($0.repository) }, whole: names)
    }

    /// What differs between the answer and the count; empty when nothing does.
    private func differences(_ answer: Reclaim, _ asked: Asked, _ census: TreeCensus, isDamaged: Bool) -> [String] {
        let counted = census.comesBack(deleting: asked.places, whole: asked.whole)
        var found: [String] = []
        func compare(_ what: String, _ said: Int64, _ counted: Int64) {
            if said != counted { found.append("\(asked.subject): \(what) \(said), not \(counted)") }
        }
        compare("shared", answer.bytesShared, census.bytes(of: counted.shared))
        compare(
            "all", answer.bytesFreed + answer.bytesShared + answer.bytesSpared,
            census.bytes(of: counted.freed.union(counted.shared).union(counted.waiting)))
        compare("tags", Int64(answer.tags), Int64(asked.places.count))
        if !isDamaged {
            compare("freed", answer.bytesFreed, census.bytes(of: counted.freed))
            compare("blobs", Int64(answer.blobs), Int64(counted.freed.count))
        }
        let sharers = counted.sharers.prefix(Reclaim.sharersMax)
            .map { "\($0.place.repository):\($0.place.tag) \($0.bytes)" }
        let said = answer.sharers.map { "\($0.repository):\($0.tag) \($0.bytes)" }
        if said != sharers { found.append("\(asked.subject): sharers \(said), not \(sharers)") }
        compare("more sharers", Int64(answer.sharersMore), Int64(max(0, counted.sharers.count - Reclaim.sharersMax)))
        return found
    }

    @Test(arguments: 0..<10) func whatWouldComeBackIsWhatAWalkOverTheFilesCounts(run: Int) async throws {
        let seed = SeededGenerator().seed &+ UInt64(run)
        print("BERTH_SEED=\(seed &- UInt64(run)) run \(run)")
        let isDamaged = run % 3 == 2
        var store = try await SharingStore(seed: seed)
        if isDamaged { try await store.damage(3) }
        let census = TreeCensus(try await Tree.content(of: store.storage))
        var wrong: [String] = []
        for asked in try asked(census, &store) {
            guard let answer = try? await store.registry.collector.reclaim(asked.subject, by: .test) else {
                wrong.append("\(asked.subject): no answer")
                continue
            }
            wrong += differences(answer, asked, census, isDamaged: isDamaged)
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(5).joined(separator: "\n"))")
    }

    /// The answer is what a deletion and a sweep then do: the same store is made twice, asked once, and deleted from once.
    @Test(arguments: 0..<6) func whatWouldComeBackIsWhatASweepThenTakes(run: Int) async throws {
        let seed = SeededGenerator().seed &+ UInt64(run)
        print("BERTH_SEED=\(seed &- UInt64(run)) run \(run)")
        let isDamaged = run % 3 == 2
        var first = try await SharingStore(seed: seed)
        if isDamaged { try await first.damage(2) }
        let census = TreeCensus(try await Tree.content(of: first.storage))
        let all = try asked(census, &first).filter { $0.whole.isEmpty && !$0.places.isEmpty }
        for asked in first.random({ all.shuffled(using: &$0) }).prefix(3) {
            let answer = try await first.registry.collector.reclaim(asked.subject, by: .test)
            var second = try await SharingStore(seed: seed)
            if isDamaged { try await second.damage(2) }
            for place in asked.places {
                try await second.registry.deleteTag(
                    try Tag(place.tag), in: try RepositoryName(place.repository), by: .test)
            }
            let plan = try await second.registry.collector.planSweep(
                SweepOptions(untagged: true, graceSeconds: 0), by: .test)
            try await second.registry.collector.run(plan, by: .test)
            let left = TreeCensus(try await Tree.content(of: second.storage)).sizes
            let gone = census.reach(asked.places).filter { left[$0] == nil }
            #expect(answer.bytesFreed == census.bytes(of: gone), "\(asked.subject)")
        }
    }

    /// What the graph calls exclusive, and how many tags it says use each blob.
    @Test(arguments: 0..<6) func theGraphSaysOfEachBlobWhoElseNeedsIt(run: Int) async throws {
        let seed = SeededGenerator().seed &+ UInt64(run)
        print("BERTH_SEED=\(seed &- UInt64(run)) run \(run)")
        let store = try await SharingStore(seed: seed)
        let census = TreeCensus(try await Tree.content(of: store.storage))
        let reaches = Dictionary(uniqueKeysWithValues: census.tags.map { ($0, census.reach([$0])) })
        var wrong: [String] = []
        for (place, reach) in reaches {
            let graph = try await store.registry.graph(
                of: .tag(try Tag(place.tag)), in: try RepositoryName(place.repository), by: .test)
            let others = Set(reaches.filter { $0.key != place }.values.joined())
            if graph.bytes != census.bytes(of: reach) { wrong.append("\(place): total \(graph.bytes)") }
            let exclusive = census.bytes(of: reach.subtracting(others))
            if graph.bytesExclusive != exclusive { wrong.append("\(place): exclusive \(graph.bytesExclusive)") }
            var nodes = [graph.root]
            while let node = nodes.popLast() {
                nodes += node.children
                let users = reaches.filter { $0.value.contains(node.digest.description) }.count
                if node.usedByTags != users { wrong.append("\(place): \(node.digest.short) ×\(node.usedByTags)") }
                let listed = try await store.registry.users(of: node.digest, by: .test).map {
                    "\($0.repository):\($0.tag)"
                }
                let counted = reaches.filter { $0.value.contains(node.digest.description) }.keys
                    .map { "\($0.repository):\($0.tag)" }
                if Set(listed) != Set(counted) || listed.count != counted.count {
                    wrong.append("\(place): \(node.digest.short) used by \(listed)")
                }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(5).joined(separator: "\n"))")
    }

    /// What a plan says that others need too: all below what goes that stays.
    @Test(arguments: 0..<6) func whatOthersNeedTooIsCountedBelowSharedManifests(run: Int) async throws {
        let seed = SeededGenerator().seed &+ UInt64(run)
        print("BERTH_SEED=\(seed &- UInt64(run)) run \(run)")
        let store = try await SharingStore(seed: seed)
        let census = TreeCensus(try await Tree.content(of: store.storage))
        let plan = try await store.registry.collector.planSweep(
            SweepOptions(untagged: true, layerLinks: false, graceSeconds: 0), by: .test)
        let going = plan.lines.filter { $0.kind == .revision }
        var touched: Set<String> = []
        for line in going {
            guard let name = line.repositories.first, let digest = line.digest else { continue }
            touched.formUnion(census.reachByReference(digest.description, in: name.text))
        }
        let gone = Set(plan.lines.filter { $0.kind == .blob }.compactMap { $0.digest?.description })
        #expect(plan.bytesShared == census.bytes(of: touched.subtracting(gone)))
    }

    /// One image under three tags in two repositories, the case that was told wrong: deleting one of the tags gives nothing
    /// back, and what stays is the whole image.
    @Test func aSharedManifestKeepsItsLayers() async throws {
        let registry = try await Registry.sample()
        let image = try SampleImage(layers: [SampleImage.noise(30_000, seed: 1), SampleImage.noise(4_000, seed: 2)])
        let (app, copy) = (try RepositoryName("demo/app"), try RepositoryName("demo/copy"))
        try await registry.push(image, to: app, tag: try Tag("v1"))
        try await registry.push(image, to: app, tag: try Tag("latest"))
        try await registry.push(image, to: copy, tag: try Tag("v1"))
        let bytes = Int64(image.manifest.bytes.count) + image.blobs.reduce(0) { $0 + Int64($1.bytes.count) }

        let one = try await registry.collector.reclaim(.tags([try Tag("v1")], in: app), by: .test)
        #expect(one.bytesFreed == 0 && one.bytesShared == bytes && one.blobs == 0 && one.manifests == 0)
        #expect(one.sharers.map { "\($0.repository):\($0.tag)" } == ["demo/app:latest", "demo/copy:v1"])
        #expect(one.sharers.allSatisfy { $0.bytes == bytes })

        let repository = try await registry.collector.reclaim(.repository(app), by: .test)
        #expect(repository.bytesFreed == 0 && repository.bytesShared == bytes && repository.manifests == 1)
        let all = try await registry.collector.reclaim(.pattern("demo/*"), by: .test)
        #expect(all.bytesFreed == bytes && all.bytesShared == 0 && all.sharers.isEmpty)
    }
}
