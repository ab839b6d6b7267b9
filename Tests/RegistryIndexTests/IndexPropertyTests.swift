import OCI
import RegistryIndex
import SeededRandom
import Testing

/// Any sequence of changes leaves the index where a model of sets and dictionaries is: the reference counts, which
/// triggers keep, above all.
@Suite("Index against a model")
struct IndexPropertyTests {
    private struct Interrupted: Error {}

    private struct World {
        let names: [RepositoryName]
        let tags: [OCI.Tag]
        let blobs: [String]
        let manifests: [Manifest]
        var model: IndexModel
        var random: SeededGenerator

        init() throws {
            names = try ["a", "a/b", "c"].map { try RepositoryName($0) }
            tags = try ["1", "2", "latest"].map { try Tag($0) }
            blobs = ["w", "xx", "yyy", "zzzz", "config"]
            let plain = try Sample.image(["w", "xx"])
            let twice = try Sample.image(["xx", "xx", "yyy"])
            let inner = try Sample.index([plain, twice])
            let outer = try Sample.index([inner, plain, plain])
            let signature = try Sample.image(["zzzz"], config: "yyy", subject: plain)
            let notary = try Sample.index([signature], subject: inner)
            manifests = [plain, twice, inner, outer, signature, notary]
            var sizes = Dictionary(uniqueKeysWithValues: blobs.map { (Sample.digest($0), Int64($0.utf8.count)) })
            for manifest in manifests { sizes[manifest.digest] = Int64(manifest.bytes.count) }
            model = IndexModel(manifests: manifests, sizes: sizes)
            random = SeededGenerator()
        }

        var digests: [Digest] { blobs.map(Sample.digest) + manifests.map(\.digest) }

        mutating func pick<T>(_ list: [T]) throws -> T { try #require(list.randomElement(using: &random)) }

        /// One change, made to both; what was done, in words.
        mutating func step(_ change: IndexChange) throws -> String {
            let name = try pick(names)
            let tag = try pick(tags)
            let manifest = try pick(manifests)
            let digest = try pick(digests)
            let place = IndexModel.Place(repository: name, digest: manifest.digest)
            switch Int.random(in: 0..<8, using: &random) {
            case 0:
                try change.blobPresent(digest, size: model.sizes[digest] ?? 0, leased: 0)
                model.present.insert(digest)
                return "present \(digest.short)"
            case 1:
                try change.blobAbsent(digest)
                model.present.remove(digest)
                return "absent \(digest.short)"
            case 2:
                try change.layerLinked(digest, in: name)
                model.layers.insert(IndexModel.Place(repository: name, digest: digest))
                return "layer \(digest.short) in \(name)"
            case 3:
                try change.layerUnlinked(digest, in: name)
                model.layers.remove(IndexModel.Place(repository: name, digest: digest))
                return "no layer \(digest.short) in \(name)"
            case 4:
                try change.manifestLinked(manifest, in: name, at: 1, leased: 0)
                model.revisions.insert(place)
                model.present.insert(manifest.digest)
                return "manifest \(manifest.digest.short) in \(name)"
            case 5:
                try change.manifestUnlinked(manifest.digest, in: name)
                model.revisions.remove(place)
                return "no manifest \(manifest.digest.short) in \(name)"
            case 6:
                try change.tagSet(tag, to: manifest.digest, in: name, at: 1)
                model.tags[IndexModel.TagPlace(repository: name, tag: tag)] = manifest.digest
                return "tag \(name):\(tag) at \(manifest.digest.short)"
            default:
                try change.tagRemoved(tag, in: name)
                model.tags[IndexModel.TagPlace(repository: name, tag: tag)] = nil
                return "no tag \(name):\(tag)"
            }
        }
    }

    @Test("agrees with it after every change of a long random sequence", arguments: 1...3)
    func agrees(run: Int) throws {
        let index = try ReferenceIndex(path: nil)
        var world = try World()
        print("BERTH_SEED=\(world.random.seed)")
        var done: [String] = []
        var list = KeptList()
        for step in 1...120 {
            if Int.random(in: 0..<6, using: &world.random) == 0 {
                // The same changes in a transaction that fails: neither side may know of them.
                var lost = world
                #expect(throws: IndexError.self) {
                    try index.write { change in
                        for _ in 0..<3 { _ = try lost.step(change) }
                        throw Interrupted()
                    }
                }
                world.random = lost.random
                done.append("a failed transaction")
            } else {
                done.append(try index.write { try world.step($0) })
            }
            guard try countsAgree(index, world), try list.isRight(index, world.model),
                try step % 12 != 0 || graphAgrees(index, world)
            else {
                Issue.record("seed \(world.random.seed), run alone; the last changes: \(done.suffix(8))")
                return
            }
        }
    }

    private func countsAgree(_ index: ReferenceIndex, _ world: World) throws -> Bool {
        try index.read { view in
            for digest in world.digests {
                let row = try view.references(to: digest)
                let isPresent = world.model.present.contains(digest)
                let count = world.model.references(to: digest)
                #expect(row?.count ?? 0 == count, "references to \(digest.short)")
                guard row?.count ?? 0 == count, row?.present ?? false == isPresent else { return false }
            }
            return true
        }
    }

    /// A list of the repositories, and those of their tags, that are kept up by what the index says has changed.
    private struct KeptList {
        private var mark: Int64 = 0
        private var rows: [RepositoryName: RepositoryRow] = [:]
        private var tags: [RepositoryName: (mark: Int64?, rows: [TagRow], images: [Digest: ImageRow])] = [:]

        mutating func isRight(_ index: ReferenceIndex, _ model: IndexModel) throws -> Bool {
            try index.read { view in
                let (changed, gone) = try view.repositories(changedAfter: mark)
                mark = try view.repositoryMark()
                for row in changed { rows[row.name] = row }
                for name in gone { rows[name] = nil }
                let whole = try view.repositories { $0 }
                guard Set(whole.map(\.name)) == Set(rows.keys) else { return false }
                return try whole.allSatisfy { row in
                    let bytes = model.bytes(of: row.name)
                    let links = model.revisions.count { $0.repository == row.name }
                    return try rows[row.name] == row && row.bytes == bytes.all && row.bytesUnique == bytes.own
                        && row.tagCount == model.tags.keys.count { $0.repository == row.name }
                        && row.manifestCount == links && areTagsRight(of: row.name, view, model)
                }
            }
        }

        private mutating func areTagsRight(of name: RepositoryName, _ view: IndexView, _ model: IndexModel) throws
            -> Bool
        {
            let now = (
                mark: try view.mark(of: name), rows: try view.tags(in: name) { $0 }, images: try view.images(in: name)
            )
            defer { tags[name] = now }
            for (digest, image) in now.images {
                guard image.bytes == model.bytesReached(from: digest, in: name) else { return false }
                if image.isWhole, try view.isDamaged(below: digest, in: name) { return false }
            }
            guard let before = tags[name], before.mark == now.mark else { return true }
            return before.rows == now.rows && before.images == now.images
        }
    }

    /// The questions that walk the graph; asked less often, for each costs a walk.
    private func graphAgrees(_ index: ReferenceIndex, _ world: World) throws -> Bool {
        let model = world.model
        return try index.read { view in
            var same = true
            for digest in world.digests {
                let uses = try view.uses(of: digest).map { IndexModel.TagPlace(repository: $0.repository, tag: $0.tag) }
                same = same && uses.count == Set(uses).count && Set(uses) == model.uses(of: digest)
                for name in world.names {
                    let bytes = try view.bytesReached(from: digest, in: name)
                    same = same && bytes == model.bytesReached(from: digest, in: name)
                    same = try same && Set(view.parents(of: digest, in: name)) == model.parents(of: digest, in: name)
                }
                #expect(same, "\(digest.short)")
            }
            let loose = try view.blobs(try view.unreferenced().map(\.id)).map(\.digest)
            func place(_ repository: Int64, _ digest: Digest) throws -> IndexModel.Place {
                IndexModel.Place(repository: try #require(try view.repositoryName(repository)), digest: digest)
            }
            let roots = try view.looseRevisions().map { try place($0.key.repository, $0.digest) }
            let idle = try view.idleLayers().map { try place($0.repository, $0.digest) }
            same = same && loose.count == Set(loose).count && Set(loose) == model.unreferenced()
            same = same && roots.count == Set(roots).count && Set(roots) == model.looseRevisions()
            same = same && idle.count == Set(idle).count && Set(idle) == model.idleLayers()
            for name in world.names {
                same = try same && view.repositoryID(name).map(view.linkCount) ?? 0 == model.linkCount(of: name)
                same =
                    try same
                    && view.layers(in: name) == Set(model.layers.filter { $0.repository == name }.map(\.digest))
                let tags = model.tags.filter { $0.key.repository == name }
                same =
                    try same
                    && view.tagTargets(in: name)
                        == Dictionary(uniqueKeysWithValues: tags.map { ($0.key.tag, $0.value) })
            }
            return same
        }
    }
}
