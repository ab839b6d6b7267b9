package import Foundation
package import OCI
package import RegistryIndex
package import RegistryStorage

/// Why a verb of the registry was refused or could not be done. Every case carries its evidence; `RegistryHTTP` turns it
/// into a status and a code of the specification, the cockpit and the command line show `message`.
package enum RegistryError: Error, Sendable, Equatable {
    /// The access lets nobody do this, whether or not there is anything to do it to. Nil for the registry as a whole, and
    /// where no tag is named.
    case denied(Access.Action, RepositoryName?, Tag?)
    case nameUnknown(RepositoryName)
    /// A write to a repository that only distribution's wider grammar let in.
    case nameNotConforming(RepositoryName)
    case manifestUnknown(Reference, RepositoryName)
    case manifestInvalid(reason: String)
    /// Bytes.
    case manifestTooLarge(limit: Int)
    /// What the manifest references and the repository does not hold; the first hundred of them.
    case manifestReferencesUnknown([Digest])
    case blobUnknown(Digest, RepositoryName)
    case digestMismatch(expected: Digest, actual: Digest)
    case uploadUnknown(UploadID)
    /// The session exists, but not for this request: of another state, or in use by another request.
    case uploadConflict(UploadID, reason: String)
    /// What was sent does not continue what is there; `at` is the length of what is there, in bytes.
    case rangeOutOfOrder(at: Int64)
    /// The repository has as many sessions open as it may.
    case tooManyUploads(RepositoryName, limit: Int)
    case deletionDisabled
    case readOnly
    /// A sweep is running already.
    case sweepRunning
    /// The index does not know the whole tree yet, so nothing may be removed.
    case notReconciled
    /// The index could not be written while it was compared with the tree, so it may be behind in a place that was seen.
    case indexBehind
    /// What others must keep their hands off meanwhile could not be held, or is held no more; the reason is half a sentence.
    case notHeld(reason: String)
    /// Something is to be taken out of the tree while another process may be writing to it.
    case notAlone
    /// A registry of another kind may be writing to the tree; the text says what speaks for it.
    case otherWriters(String)
    /// The disk is full, and what goes cannot be kept for a while.
    case noRoomForQuarantine
    /// The disk has no room left but what uploads leave for deleting and sweeping.
    case noRoom(bytesFree: Int64, bytesKept: Int64)
    /// The quarantine has no such run.
    case runUnknown(UUID)
    /// The run has come to its end, by itself or by a stop: there is nothing to resume.
    case runEnded(UUID)
    /// What the record of a run says cannot be understood; the reason is half a sentence.
    case recordUnreadable(UUID, reason: String)
    /// A plan that no collector of ours made; the reason is half a sentence.
    case planInvalid(reason: String)
    /// A tag cannot be put back: it is there, or what it pointed at is not.
    case tagConflict(Tag, RepositoryName, reason: String)
    /// It was told to stop before its end.
    case interrupted
    case storage(StorageError)
    /// An error of a kind that nothing below should throw: a defect of ours.
    case unexpected(String)
    case index(IndexError)

    package var message: String {
        switch self {
        case .denied(let action, let name, let tag): Self.denial(action, name, tag)
        case .nameUnknown(let name): "repository \(name) is not known"
        case .manifestUnknown(let reference, let name): "\(name) has no manifest \(reference)"
        case .manifestInvalid(let reason): reason
        case .nameNotConforming(let name):
            "\(name) may be read and deleted, but not written: the specification allows lower-case names only"
        case .manifestTooLarge(let limit): "the manifest is larger than \(limit) bytes"
        case .manifestReferencesUnknown(let digests):
            "the repository does not hold \(digests.map(\.description).joined(separator: ", "))"
        case .blobUnknown(let digest, let name): "\(name) has no blob \(digest)"
        case .digestMismatch(let expected, let actual): "the content is \(actual), not \(expected)"
        case .uploadUnknown(let id): "there is no upload \(id)"
        case .uploadConflict(let id, let reason): "upload \(id): \(reason)"
        case .rangeOutOfOrder(let at): "the upload stands at byte \(at)"
        case .tooManyUploads(let name, let limit):
            "\(name) has \(limit) uploads open already; finish or cancel some, or wait until they are purged"
        case .deletionDisabled: "deletion is disabled; storage.delete.enabled turns it on"
        case .readOnly: "the registry is read-only"
        case .sweepRunning: "a sweep is running already"
        case .notReconciled: "the index is still being compared with the tree; try again when it is done"
        case .indexBehind: "the index could not be written while it was compared with the tree; compare them again"
        case .notHeld(let reason): "\(reason); try again"
        case .notAlone: "another process has the data directory open, or another job is taking things out of it"
        case .otherWriters(let evidence):
            "\(evidence); stop every other registry on this tree, and say so if it is none"
        case .noRoomForQuarantine:
            "the disk is too full to keep what goes for a while; free at once (a quarantine of 0), or purge an earlier run"
        case .noRoom(let free, let kept):
            "the disk is full: \(free >> 20) MiB free, \(kept >> 20) MiB kept to delete and sweep"
        case .runUnknown(let id): "the quarantine has no run \(id.uuidString.lowercased())"
        case .runEnded(let id):
            "run \(id.uuidString.lowercased()) has come to its end; what it left is for a new sweep"
        case .recordUnreadable(let id, let reason):
            "the record of run \(id.uuidString.lowercased()) cannot be understood: \(reason); what it took stays in "
                + "berth/trash until it is purged"
        case .planInvalid(let reason): "the plan cannot be read: \(reason)"
        case .tagConflict(let tag, let name, let reason): "\(name):\(tag) cannot be put back: \(reason)"
        case .interrupted: "stopped before its end"
        case .storage(let error) where error.isOutOfSpace: "the disk is full: \(error)"
        case .storage(let error): error.description
        case .index(let error): error.description
        case .unexpected(let text): text
        }
    }
}

extension RegistryError {
    private static func denial(_ action: Access.Action, _ name: RepositoryName?, _ tag: Tag?) -> String {
        let what = name.map { name in tag.map { "\(name):\($0)" } ?? "\(name)" } ?? "the registry"
        return switch action {
        case .pull: "pulling from \(what) is not allowed"
        case .push: "pushing to \(what) is not allowed"
        case .delete: "deleting from \(what) is not allowed"
        case .retag: "pointing \(what) at something else is not allowed"
        case .list: "listing \(what) is not allowed"
        case .administer: "administering \(what) is not allowed"
        }
    }

    /// The medium is full: nothing was kept, and the client may try again later.
    package var isOutOfSpace: Bool {
        switch self {
        case .storage(let error): error.isOutOfSpace
        case .noRoom: true
        default: false
        }
    }

    /// It says something of one file or directory of the tree, and nothing of others.
    package var isOfOnePlace: Bool {
        if case .storage(let error) = self { error.isOfOnePlace } else { false }
    }

    /// What was to be renamed would have to be copied.
    package var isOfOtherMedium: Bool {
        if case .storage(let error) = self { error.isOfOtherMedium } else { false }
    }

    /// Gives an error of the modules below its place among ours.
    package init(_ error: any Error) {
        switch error {
        case let error as RegistryError: self = error
        case let error as StorageError: self = .storage(error)
        case let error as IndexError: self = .index(error)
        case let error as any RegistryFailure: self = error.registryError
        default: self = .unexpected("\(error)")
        }
    }
}

/// An error of a module above that has its place among ours.
package protocol RegistryFailure: Error {
    var registryError: RegistryError { get }
}

extension RegistryError {
    /// What is wrong with the bytes of a manifest that could not be read; nil for a failure that says nothing of them.
    package var damageOfManifest: String? {
        switch self {
        case .manifestInvalid, .digestMismatch, .storage(.tooLarge): message
        case .storage(let failure) where failure.isNoFile: message
        default: nil
        }
    }
}
