package import Foundation
package import OCI
package import RegistryCore

/// Exactly what a sweep would remove, with the reason for each line, and what it spares, with the reason for that.
///
/// Running it removes these lines and nothing else, less those that have come alive since.
package struct SweepPlan: Sendable, Equatable {
    package var id: UUID
    package var options: SweepOptions
    /// The registry's generation when the plan was made; another value now means that it is stale.
    package var generation: UInt64
    package var made: Date
    /// The order of the run: what holds before what is held, so tags and manifests first, then links to layers, then blobs
    /// by size, largest first, then uploads, then repositories that are empty by then. The same for the same tree.
    package var lines: [Line]
    package var spared: [Spared]
    /// Parts of the tree that could not be read. What they may reference is spared.
    package var damaged: [Damage]
    /// Bytes of blobs that what is removed references and that stay, because something else needs them too.
    package var bytesShared: Int64
    /// The plan was full before everything was looked at. There may be more to remove: the next plan after a run of this one
    /// has it. Or more is spared than is listed.
    package var isPart: Bool

    /// One thing that a sweep takes out of the tree.
    package enum Item: Hashable, Sendable {
        /// A tag with its history.
        case tag(Tag, RepositoryName)
        /// The link that makes a manifest part of one repository.
        case revision(Digest, RepositoryName)
        /// The link through which a blob may be read in one repository.
        case layerLink(Digest, RepositoryName)
        /// The bytes of a layer, a config or a manifest, with the links to them.
        case blob(Digest)
        case upload(UploadID, RepositoryName)
        /// The directories of a repository with nothing in it.
        case repository(RepositoryName)
    }

    package enum Kind: String, Sendable, CaseIterable {
        case tag, revision, layerLink, blob, upload, repository
    }

    package struct Line: Sendable, Equatable {
        package var item: Item
        /// Bytes of content that go with it; 0 for what is only a link. A manifest's document is a blob line of its own.
        package var bytes: Int64
        /// What a manifest says that it is; nil where none says so.
        package var mediaType: MediaType?
        /// The repositories that hold it; empty for bytes that no repository links.
        package var repositories: [RepositoryName]
        package var reason: Reason
        /// Since when nothing holds it, as far as is known; when an upload was last written to; when a tag was set: set again,
        /// it stays.
        package var since: Date?
        /// The last tag that held it, and when that was over.
        package var lastTag: LastTag?
        /// What a tag points at: pointed elsewhere, it stays. Nil for everything else.
        package var target: Digest?

        package init(
            _ item: Item, bytes: Int64 = 0, mediaType: MediaType? = nil, repositories: [RepositoryName]? = nil,
            reason: Reason, since: Date? = nil, lastTag: LastTag? = nil, target: Digest? = nil
        ) {
            self.item = item
            self.bytes = bytes
            self.mediaType = mediaType
            self.repositories = repositories ?? item.repository.map { [$0] } ?? []
            self.reason = reason
            self.since = since
            self.lastTag = lastTag
            self.target = target
        }

        package var kind: Kind { item.kind }
        package var digest: Digest? { item.digest }
    }

    /// A tag that held something until it was deleted or moved.
    package struct LastTag: Sendable, Equatable {
        package var repository: RepositoryName
        package var tag: Tag
        package var until: Date
        /// Who took it away: an address, or a word such as `cockpit`; as the client sent it.
        package var by: String
        package var how: TagDeparture.Cause

        package init(repository: RepositoryName, tag: Tag, until: Date, by: String, how: TagDeparture.Cause) {
            self.repository = repository
            self.tag = tag
            self.until = until
            self.by = by
            self.how = how
        }
    }

    package enum Reason: Sendable, Equatable {
        /// The retention keeps no tag like this; the text says which rule, as half a sentence.
        case notRetained(String)
        /// The index that lists referrers for clients of older registries: its subject is not there any more.
        case fallbackOf(Digest)
        /// No tag, kept index or kept subject holds the manifest.
        case untagged
        /// Its subject goes in this plan, and nothing else holds it.
        case subjectRemoved(Digest)
        /// Its subject has been absent for longer than such a manifest is kept.
        case subjectMissing(Digest)
        /// The index that listed it goes in this plan, and nothing else holds it.
        case indexRemoved(Digest)
        /// No manifest of the repository needs the link.
        case unneeded
        /// No manifest of any repository references the blob.
        case unreferenced
        /// Only manifests that this plan removes reference the blob.
        case onlyRemovedReferences
        /// Nothing was written to the upload for longer than uploads are kept.
        case abandoned
        /// Nothing is in the repository.
        case empty

        /// The reason as one clause for people.
        package var text: String {
            switch self {
            case .notRetained(let rule): "not retained: \(rule)"
            case .fallbackOf(let subject): "lists referrers of \(subject.short), which is gone"
            case .untagged: "no tag holds it"
            case .subjectRemoved(let subject): "its subject \(subject.short) goes"
            case .subjectMissing(let subject): "its subject \(subject.short) is gone"
            case .indexRemoved(let index): "its index \(index.short) goes"
            case .unneeded: "no manifest of the repository needs it"
            case .unreferenced: "no manifest references it"
            case .onlyRemovedReferences: "only manifests that go reference it"
            case .abandoned: "nothing was written to it"
            case .empty: "nothing is in it"
            }
        }
    }

    package struct Spared: Sendable, Equatable {
        package var item: Item
        package var bytes: Int64
        package var mediaType: MediaType?
        package var repositories: [RepositoryName]
        package var reason: SpareReason

        package init(
            _ item: Item, bytes: Int64 = 0, mediaType: MediaType? = nil, repositories: [RepositoryName]? = nil,
            reason: SpareReason
        ) {
            self.item = item
            self.bytes = bytes
            self.mediaType = mediaType
            self.repositories = repositories ?? item.repository.map { [$0] } ?? []
            self.reason = reason
        }

        package init(_ line: Line, _ reason: SpareReason) {
            self.init(
                line.item, bytes: line.bytes, mediaType: line.mediaType, repositories: line.repositories, reason: reason
            )
        }

        package var kind: Kind { item.kind }
        package var digest: Digest? { item.digest }
    }

    package enum SpareReason: Sendable, Equatable {
        /// A client was told that it is there; its manifest may still come, until then.
        case leased(until: Date)
        /// An upload that a client may still go on with, until then.
        case mayContinue(until: Date)
        /// A push is using it at this moment.
        case pushInFlight
        /// Something unreadable may reference it.
        case mayBeReferenced(by: String)
        /// A manifest or a tag that the plan did not know, or that was spared, references it; a tag was set again or pulled.
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
            case .leased(let until): "promised to a client, spared for \(Self.seconds(until, now)) s"
            case .mayContinue(let until): "may go on, spared for \(Self.seconds(until, now)) s"
            case .pushInFlight: "a push is using it"
            case .mayBeReferenced(let what): "may be referenced by \(what), which cannot be read"
            case .cameAlive: "it is in use now"
            case .alreadyGone: "already gone"
            case .stopped: "stopped before its turn"
            case .failed(let message): message
            }
        }

        private static func seconds(_ until: Date, _ now: Date) -> Int {
            Int(min(max(0, until.timeIntervalSince(now)), Double(Bounds.secondsMax)))
        }
    }

    /// A file of the tree that cannot be read as what it should be.
    package struct Damage: Sendable, Equatable, Codable {
        package var path: String
        package var reason: String

        package init(path: String, reason: String) {
            self.path = path
            self.reason = reason
        }
    }

    package init(
        id: UUID = UUID(), options: SweepOptions, generation: UInt64, made: Date, lines: [Line],
        spared: [Spared] = [], damaged: [Damage] = [], bytesShared: Int64 = 0, isPart: Bool = false
    ) {
        self.id = id
        self.options = options
        self.generation = generation
        self.made = made
        self.lines = lines
        self.spared = spared
        self.damaged = damaged
        self.bytesShared = bytesShared
        self.isPart = isPart
    }

    /// Bytes of content that running the plan gives back: what only the removed things need.
    package var bytes: Int64 { lines.sumClamped(\.bytes) }

    package var bytesSpared: Int64 { spared.sumClamped(\.bytes) }
}

extension SweepPlan.Item {
    package var kind: SweepPlan.Kind {
        switch self {
        case .tag: .tag
        case .revision: .revision
        case .layerLink: .layerLink
        case .blob: .blob
        case .upload: .upload
        case .repository: .repository
        }
    }

    /// Nil for what has none.
    package var digest: Digest? {
        switch self {
        case .revision(let digest, _), .layerLink(let digest, _), .blob(let digest): digest
        case .tag, .upload, .repository: nil
        }
    }

    /// The thing in full: a tag with its repository, a digest, an upload, a repository.
    package var text: String {
        switch self {
        case .tag(let tag, let name): "\(name):\(tag)"
        case .revision(let digest, _), .layerLink(let digest, _), .blob(let digest): digest.description
        case .upload(let id, _): id.text
        case .repository(let name): name.text
        }
    }

    /// The same, digests as people tell them apart.
    package var short: String {
        switch self {
        case .tag, .repository: text
        case .revision(let digest, _), .layerLink(let digest, _), .blob(let digest): digest.short
        case .upload(let id, _): String(id.text.prefix(12))
        }
    }

    /// The one repository that it is part of; nil for a blob, which belongs to all.
    package var repository: RepositoryName? {
        switch self {
        case .tag(_, let name), .revision(_, let name), .layerLink(_, let name), .upload(_, let name),
            .repository(let name):
            name
        case .blob: nil
        }
    }
}
