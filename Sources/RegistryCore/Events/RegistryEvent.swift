package import Foundation
package import OCI

/// Something that has happened, published once: of a change after the commit, of a question with its answer.
package struct RegistryEvent: Sendable, Equatable, Codable {
    /// The same however often it is told: who gets two with one id has got one twice. Its number is the place of the event
    /// among those of this process.
    package var id: Serial
    package var time: Date
    /// Who did it, or asked, and with which request.
    package var client: Client
    package var action: Action

    /// Digests that one event carries: thousands of events may wait for their reader. Images have 127 layers at most.
    package static let namesMax = 128

    package enum Action: Sendable, Equatable, Codable {
        /// `names` is what it names by digest, config, layers and manifests; empty where that is nothing, or more than
        /// ``namesMax``.
        case manifestPushed(RepositoryName, Descriptor, tag: Tag?, names: [Digest] = [])
        /// `head` is true when only the headers were asked for.
        case manifestPulled(RepositoryName, Descriptor, tag: Tag?, head: Bool)
        case blobPushed(RepositoryName, Descriptor)
        /// `bytes` is what the client took of what it `asked` for: less where the connection broke.
        case blobPulled(RepositoryName, Descriptor, bytes: Int64, asked: Int64)
        /// A client that is about to push asked whether a blob has to be sent.
        case blobAsked(RepositoryName, Digest, isThere: Bool)
        /// The same of a manifest that is not there; who is about to pull may ask so too.
        case manifestMissed(RepositoryName, Reference)
        case uploadStarted(RepositoryName)
        /// Bytes of a blob came in that is not whole: because more is to follow, or the client is gone.
        case uploadPaused(RepositoryName, bytes: Int64, isBroken: Bool)
        case blobMounted(RepositoryName, Descriptor, from: RepositoryName)
        case tagDeleted(RepositoryName, Tag, Digest)
        /// A tag was pointed at a manifest that was there: at one that it had before, or where it was before it was deleted.
        case tagRolledBack(RepositoryName, Tag, Digest)
        case tagRestored(RepositoryName, Tag, Digest)
        case manifestDeleted(RepositoryName, Digest)
        case blobDeleted(RepositoryName, Digest)
        /// A request that changed nothing: the error's OCI code and message.
        case refused(RepositoryName?, code: String, message: String)
        case sweepFinished(SweepSummary)
        /// Lines of a run are back.
        case sweepUndone(UndoSummary)
        /// What a run took out is gone for good; room on the medium that came back.
        case quarantinePurged(UUID, bytes: Int64)
        /// The index was compared with the tree.
        case reconciled(repositories: Int, manifests: Int, damaged: Int, seconds: Double)
    }

    package init(id: Serial = .none, time: Date, client: Client, action: Action) {
        self.id = id
        self.time = time
        self.client = client
        self.action = action
    }

    /// The repository concerned; nil where it is all of them.
    package var repository: RepositoryName? {
        switch action {
        case .manifestPushed(let name, _, _, _), .manifestPulled(let name, _, _, _), .blobPushed(let name, _),
            .blobPulled(let name, _, _, _), .blobMounted(let name, _, _), .tagDeleted(let name, _, _),
            .manifestDeleted(let name, _), .blobDeleted(let name, _), .blobAsked(let name, _, _),
            .manifestMissed(let name, _), .uploadStarted(let name), .uploadPaused(let name, _, _),
            .tagRolledBack(let name, _, _), .tagRestored(let name, _, _):
            name
        case .refused(let name, _, _): name
        case .sweepFinished, .sweepUndone, .quarantinePurged, .reconciled: nil
        }
    }
}
