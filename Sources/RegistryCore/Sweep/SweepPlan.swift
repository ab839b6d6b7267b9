package import Foundation
package import OCI

/// What a sweep should look for.
package struct SweepOptions: Sendable, Equatable {
    /// Also manifests that no tag, no kept index and no kept subject holds.
    package var untagged: Bool
    /// Seconds for which a promise to a client ("exists", "committed") spares a blob that nothing references. Nothing
    /// depends on it for safety; it saves clients a retry.
    package var graceSeconds: Int

    package init(untagged: Bool = false, graceSeconds: Int = 3600) {
        self.untagged = untagged
        self.graceSeconds = graceSeconds
    }
}

/// Exactly what a sweep would remove, with the reason for each line, and what it spares, with the reason for that.
///
/// Running it removes these lines and nothing else, less those that have come alive since.
package struct SweepPlan: Sendable, Equatable {
    package var id: UUID
    package var options: SweepOptions
    /// The registry's generation when the plan was made; another value now means that it is stale.
    package var generation: UInt64
    package var made: Date
    /// Manifests first, then blobs by size, largest first; ties by digest. The order of the run.
    package var lines: [Line]
    package var spared: [Spared]
    /// Parts of the tree that could not be read. What they may reference is spared.
    package var damaged: [Damage]

    package struct Line: Sendable, Equatable {
        package var kind: Kind
        package var digest: Digest
        /// Bytes on the disk; 0 for a manifest line, whose document is a blob line of its own.
        package var bytes: Int64
        /// The repositories that hold it; empty for bytes that no repository links.
        package var repositories: [RepositoryName]
        package var reason: Reason
        /// When its bytes were last written; nil when unknown.
        package var written: Date?

        package init(
            kind: Kind, digest: Digest, bytes: Int64, repositories: [RepositoryName], reason: Reason,
            written: Date? = nil
        ) {
            self.kind = kind
            self.digest = digest
            self.bytes = bytes
            self.repositories = repositories
            self.reason = reason
            self.written = written
        }
    }

    package enum Kind: Sendable, Equatable {
        /// The link that makes a manifest part of one repository.
        case revision
        /// The bytes of a layer, a config or a manifest.
        case blob
    }

    package enum Reason: Sendable, Equatable {
        /// No tag, kept index or kept subject holds the manifest.
        case untagged
        /// Its subject goes in this plan, and nothing else holds it.
        case subjectRemoved(Digest)
        /// The index that listed it goes in this plan, and nothing else holds it.
        case indexRemoved(Digest)
        /// No manifest of any repository references the blob.
        case unreferenced
        /// Only manifests that this plan removes reference the blob.
        case onlyRemovedReferences

        /// The reason as one clause for people.
        package var text: String {
            switch self {
            case .untagged: "no tag holds it"
            case .subjectRemoved(let subject): "its subject \(subject.short) goes"
            case .indexRemoved(let index): "its index \(index.short) goes"
            case .unreferenced: "no manifest references it"
            case .onlyRemovedReferences: "only manifests that go reference it"
            }
        }
    }

    package struct Spared: Sendable, Equatable {
        package var kind: Kind
        package var digest: Digest
        package var bytes: Int64
        package var repositories: [RepositoryName]
        package var reason: SpareReason

        package init(
            kind: Kind, digest: Digest, bytes: Int64, repositories: [RepositoryName], reason: SpareReason
        ) {
            self.kind = kind
            self.digest = digest
            self.bytes = bytes
            self.repositories = repositories
            self.reason = reason
        }
    }

    package enum SpareReason: Sendable, Equatable {
        /// A client was told that it is there; its manifest may still come, until then.
        case leased(until: Date)
        /// A push is using it at this moment.
        case pushInFlight
        /// Something unreadable may reference it.
        case mayBeReferenced(by: String)
        /// A manifest or a tag that the plan did not know references it now.
        case cameAlive
        /// It was gone already when its turn came.
        case alreadyGone
        /// The sweep was stopped before its turn.
        case stopped
        /// It could not be removed; the message says what failed.
        case failed(String)

        /// The reason as one clause for people; times as seconds from `now`.
        package func text(now: Date) -> String {
            switch self {
            case .leased(let until): "promised to a client, spared for \(max(0, Int(until.timeIntervalSince(now)))) s"
            case .pushInFlight: "a push is using it"
            case .mayBeReferenced(let what): "may be referenced by \(what), which cannot be read"
            case .cameAlive: "came alive since the preview"
            case .alreadyGone: "already gone"
            case .stopped: "stopped before its turn"
            case .failed(let message): message
            }
        }
    }

    /// A file of the tree that cannot be read as what it should be.
    package struct Damage: Sendable, Equatable {
        package var path: String
        package var reason: String

        package init(path: String, reason: String) {
            self.path = path
            self.reason = reason
        }
    }

    package init(
        id: UUID = UUID(), options: SweepOptions, generation: UInt64, made: Date, lines: [Line],
        spared: [Spared] = [], damaged: [Damage] = []
    ) {
        self.id = id
        self.options = options
        self.generation = generation
        self.made = made
        self.lines = lines
        self.spared = spared
        self.damaged = damaged
    }

    /// Bytes that running the plan gives back.
    package var bytes: Int64 { lines.reduce(0) { $0 + $1.bytes } }
}

/// How far a running sweep has come.
package struct SweepProgress: Sendable, Equatable {
    package var linesDone: Int
    package var lines: Int
    /// Freed so far.
    package var bytesDone: Int64

    package init(linesDone: Int, lines: Int, bytesDone: Int64) {
        self.linesDone = linesDone
        self.lines = lines
        self.bytesDone = bytesDone
    }
}

/// What a sweep did, line by line: every line of its plan is either removed or spared.
package struct SweepReport: Sendable, Equatable {
    package var plan: UUID
    package var removed: [SweepPlan.Line]
    package var spared: [SweepPlan.Spared]
    /// Freed, as measured when each file went.
    package var bytesFreed: Int64
    package var seconds: Double

    package init(
        plan: UUID, removed: [SweepPlan.Line], spared: [SweepPlan.Spared], bytesFreed: Int64, seconds: Double
    ) {
        self.plan = plan
        self.removed = removed
        self.spared = spared
        self.bytesFreed = bytesFreed
        self.seconds = seconds
    }
}
