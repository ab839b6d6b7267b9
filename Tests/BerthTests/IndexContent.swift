import OCI
import RegistryIndex

/// What an index knows of a tree, for comparing two; not what it knows of promises and of times.
struct IndexContent: Equatable {
    struct Repository: Equatable {
        var layers: Set<Digest>
        var revisions: Set<Digest>
        var tags: [Tag: Digest]

        var isEmpty: Bool { layers.isEmpty && revisions.isEmpty && tags.isEmpty }
    }

    struct Blob: Equatable {
        var size: Int64
        /// Edges, revisions and tags that point at it.
        var references: Int
    }

    private(set) var repositories: [RepositoryName: Repository] = [:]
    private(set) var blobs: [Digest: Blob] = [:]

    init(_ index: ReferenceIndex) throws {
        try self.init(index.read { try IndexContent($0) })
    }

    private init(_ other: IndexContent) { self = other }

    private init(_ view: IndexView) throws {
        for name in try view.allRepositories() {
            let repository = Repository(
                layers: try view.layers(in: name), revisions: try view.revisions(in: name),
                tags: try view.tagTargets(in: name))
            // A name that was met once is kept; that says nothing of the tree.
            if !repository.isEmpty { repositories[name] = repository }
        }
        for algorithm in Digest.Algorithm.allCases {
            for prefix in UInt8.min...UInt8.max {
                for (digest, size) in try view.presentBlobs(algorithm, prefix: prefix) {
                    blobs[digest] = Blob(size: size, references: try view.references(to: digest)?.count ?? 0)
                }
            }
        }
    }
}
