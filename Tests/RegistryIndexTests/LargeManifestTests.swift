import GRDB
import GRDBSQLite
import OCI
@testable import RegistryIndex
import Testing

/// What a manifest costs grows with the number of its descriptors and not with its square: four megabytes hold twenty
/// thousand of them. Counted in steps of SQLite, which are the same on every machine.
@Suite struct LargeManifestTests {
    /// What the descriptors of a manifest are of.
    enum Shape: CaseIterable, Sendable {
        case absent, present, ofOneBlob, sharedWithAnother, entries
    }

    private static let counts = [200, 800, 3200]
    /// Four times the descriptors are four times the work; with its square it would be sixteen.
    private static let growthMax = 6.0

    @Test(arguments: Shape.allCases) func theWorkGrowsWithTheDescriptors(_ shape: Shape) throws {
        let works = try Self.counts.map { try Self.work(shape, $0) }
        for (small, large) in zip(works, works.dropFirst()) {
            for (name, steps) in small {
                let grown = Double(large[name] ?? 0) / Double(max(steps, 200))
                #expect(grown < Self.growthMax, "\(name): \(works.map { $0[name] ?? 0 }) steps for \(Self.counts)")
            }
        }
    }

    /// Steps of SQLite, by what is done.
    private static func work(_ shape: Shape, _ count: Int) throws -> [String: Int] {
        let (index, name, other) = (try ReferenceIndex(path: nil), try RepositoryName("a"), try RepositoryName("b"))
        let texts = shape == .ofOneBlob ? Array(repeating: "one", count: count) : (0..<count).map { "\($0)" }
        let parts = shape == .entries ? try texts.map { try Sample.image([$0]) } : []
        let manifest = shape == .entries ? try Sample.index(parts) : try Sample.image(texts)
        try index.write { change in
            if shape == .present { for text in texts { try change.push(blob: text, to: name) } }
            for part in parts { try change.push(part, to: name) }
            if shape == .sharedWithAnother {
                try change.push(try Sample.image(texts, config: "another"), to: name)
                try change.push(try Sample.image(texts, config: "elsewhere"), to: other)
            }
        }
        let steps = try Steps(of: index)
        var work: [String: Int] = [:]
        try index.write { try $0.push(manifest, to: name, tag: "t") }
        work["push"] = steps.take()
        try index.read { try ask($0, of: manifest, in: name) }
        work["sweep's questions"] = steps.take()
        try index.write { try $0.tagRemoved(Tag("t"), in: name) }
        work["tag removed"] = steps.take()
        try index.write { try $0.manifestUnlinked(manifest.digest, in: name) }
        work["unlinked"] = steps.take()
        return work
    }

    /// What a preview asks of a manifest that goes.
    private static func ask(_ view: IndexView, of manifest: Manifest, in name: RepositoryName) throws {
        let row = try #require(try view.sweepRevision(manifest.digest, in: name))
        let id = row.key.manifest
        let targets = try view.edges(of: [id]).map(\.target)
        _ = try view.referrers(of: targets)
        _ = try view.holders(of: targets)
        _ = try view.blobs(targets)
        _ = try view.aliasTargets(of: targets)
        _ = try view.aliasHolders(of: targets)
        _ = try view.layerHolders(of: targets)
        let keys = Set(targets.map { RevisionKey(repository: row.key.repository, manifest: $0) })
        _ = try view.revisions(keys)
        for (key, _) in try view.layerDigests(keys) {
            _ = try view.keepsLayer(key.manifest, in: key.repository, without: [id])
        }
        _ = try view.unreferenced()
        _ = try view.idleLayers()
    }
}

/// The steps of SQLite's machine that an index in memory takes, from now on.
private final class Steps {
    /// Steps between two calls of ours.
    private static let stepsEach: Int32 = 10

    private let calls = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    private let index: ReferenceIndex

    init(of index: ReferenceIndex) throws {
        self.index = index
        calls.initialize(to: 0)
        let calls = calls
        try index.write { change in
            sqlite3_progress_handler(
                change.db.sqliteConnection, Self.stepsEach,
                { calls in
                    calls?.assumingMemoryBound(to: Int.self).pointee += 1
                    return 0
                }, calls)
        }
    }

    deinit {
        _ = try? index.write { sqlite3_progress_handler($0.db.sqliteConnection, 0, nil, nil) }
        calls.deallocate()
    }

    /// Those since the last time.
    func take() -> Int {
        defer { calls.pointee = 0 }
        return calls.pointee * Int(Self.stepsEach)
    }
}
