import Foundation
import OCI
import RegistryCore
import RegistryIndex

/// Whether something may be taken out of the tree: the one list of conditions.
///
/// The preview asks it of everything that it finds, and the run asks it again at each thing's turn, under its lock, with what
/// is known by then. What is not in this list protects nothing.
struct MayGo {
    /// Seconds since 1970.
    let now: Int64
    let options: SweepOptions
    let promised: (Digest) -> Promised
    /// A push is using the digest at this moment. A run holds the digest alone, so nothing can.
    let isPinned: (Digest) -> Bool
    /// The place of something unreadable that names the digest, or that lies in one of the repositories; nil for none.
    let damage: (_ naming: Digest?, _ names: [RepositoryName]) throws -> String?

    /// A thing that is to go, with what is known of it.
    struct Thing {
        /// Of what is gone by its digest; nil for a tag, an upload, a repository.
        var digest: Digest?
        /// The repositories that hold it.
        var repositories: [RepositoryName] = []
        var isThere = true
        /// Something that stays needs it, or somebody has used it since it was found.
        var isHeld = false
        /// When it was last promised to a client, by the index, in seconds since 1970; 0 for never.
        var leased: Int64 = 0
        /// When an upload was last written to, in seconds since 1970; nil for everything else.
        var written: Int64?
    }

    /// Why the thing stays; nil when it may go.
    func reasonToStay(_ thing: Thing) throws -> SweepPlan.SpareReason? {
        for condition in Self.conditions {
            if let reason = try condition(self, thing) { return reason }
        }
        return nil
    }

    private typealias Condition = @Sendable (MayGo, Thing) throws -> SweepPlan.SpareReason?

    private static let conditions: [Condition] = [
        { _, thing in thing.isThere ? nil : .alreadyGone },
        { _, thing in thing.isHeld ? .cameAlive : nil },
        // Nothing that is lost needs an upload that nobody has finished.
        { mayGo, thing in
            guard thing.written == nil else { return nil }
            return try mayGo.damage(thing.digest, thing.repositories).map { .mayBeReferenced(by: $0) }
        },
        { mayGo, thing in thing.digest.map(mayGo.isPinned) == true ? .pushInFlight : nil },
        { mayGo, thing in
            guard let digest = thing.digest else { return nil }
            let promised = mayGo.promised(digest)
            // A promise of the future was given by a clock that was wrong: it ends a grace from now at the latest.
            let given = min(mayGo.now, max(thing.leased, promised.given))
            let until = max(given.addingClamped(Int64(mayGo.options.graceSeconds)), promised.awaited)
            return until > mayGo.now ? .leased(until: Date(timeIntervalSince1970: Double(until))) : nil
        },
        { mayGo, thing in
            guard let written = thing.written else { return nil }
            let until = written.addingClamped(Int64(mayGo.options.uploadSeconds ?? SweepOptions.longSeconds))
            return until > mayGo.now ? .mayContinue(until: Date(timeIntervalSince1970: Double(until))) : nil
        },
    ]
}

/// What has gone before a thing's turn. Nothing, in a run: there the index says so itself.
struct Going {
    /// A digest in a repository, where no row number is at hand.
    struct Place: Hashable {
        var repository: Int64
        var digest: Digest
    }

    var revisions: [RevisionKey: SweepRevisionRow] = [:]
    var digests: Set<Place> = []
    var tags: [RevisionKey: Set<Tag>] = [:]
}

extension IndexView {
    /// True when a tag, an index or the subject holds the manifest in its repository, and does not go itself. A subject that
    /// is absent holds nothing here: that it may still come is for the preview to wait for.
    func isHeld(_ row: SweepRevisionRow, in name: RepositoryName, without going: Going = Going()) throws -> Bool {
        let repository = row.key.repository
        let tagsGone = going.tags[row.key] ?? []
        guard try tags(of: row.key).allSatisfy(tagsGone.contains),
            try parents(of: row.key).allSatisfy({
                going.revisions[RevisionKey(repository: repository, manifest: $0)] != nil
            })
        else { return true }
        guard let subject = row.subject,
            !going.digests.contains(Going.Place(repository: repository, digest: subject))
        else { return false }
        return try revision(subject, in: name) != nil
    }
}
