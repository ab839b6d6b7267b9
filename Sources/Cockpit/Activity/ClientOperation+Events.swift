import Foundation
import OCI
import RegistryCore

/// How an operation is made of what happens.
extension ClientOperation {
    /// A client that pauses longer has begun something new.
    static let pauseSecondsMax = 10.0

    /// An operation that begins with `event`.
    init(_ event: RegistryEvent, id: Int) {
        let kind: Kind =
            switch event.action {
            case .manifestPushed, .blobPushed, .blobMounted, .blobAsked, .manifestMissed, .uploadStarted, .uploadPaused:
                .push
            case .manifestPulled, .blobPulled: .pull
            case .tagDeleted, .manifestDeleted, .blobDeleted: .delete
            case .refused: .refused
            case .tagRolledBack: .rolledBack
            case .tagRestored, .sweepUndone: .undone
            case .sweepFinished, .quarantinePurged: .sweep
            case .reconciled: .reconcile
            }
        self.init(
            id: id, kind: kind, isPush: kind == .push, repository: event.repository, client: event.client,
            began: event.time)
        add(event)
    }

    /// Counts one more event as part of the operation.
    mutating func add(_ event: RegistryEvent) {
        ended = max(ended, event.time)
        if addTransfer(event.action, at: event.time) { return }
        isOpen = false
        switch event.action {
        case .tagDeleted(_, let tag, let digest): (self.tag, note) = (tag, "tag of \(digest.short)")
        case .tagRolledBack(_, let tag, let digest): (self.tag, note) = (tag, "to \(digest.short)")
        case .tagRestored(_, let tag, let digest): (self.tag, note) = (tag, "back at \(digest.short)")
        case .manifestDeleted(_, let digest): note = "manifest \(digest.short)"
        case .blobDeleted(_, let digest): note = "blob \(digest.short)"
        case .refused(_, let code, let message):
            // In the middle of a push its other parts may still come.
            isOpen = isPush || kind == .pull
            note = "\(code): \(message)"
        case .sweepFinished(let report):
            setBytes(report.bytesFreed)
            note = "\(report.linesRemoved) removed, \(report.linesSpared) spared"
        case .sweepUndone(let report): note = "\(report.linesRestored) put back, \(report.linesKept) not"
        case .quarantinePurged(_, let freed):
            setBytes(freed)
            note = "quarantine emptied"
        case .reconciled(let repositories, let manifests, let damaged, _):
            // What a manifest names and what is not there is counted by a check, and marked where it stands.
            let read = damaged > 0 ? "\(Count.text(damaged, "place")) cannot be read" : "all read"
            note =
                "compared: \(Count.text(repositories, "repository", "repositories")), "
                + "\(Count.text(manifests, "manifest")), \(read)"
        default: break
        }
    }

    /// False for what is no part of a push or a pull.
    private mutating func addTransfer(_ action: RegistryEvent.Action, at time: Date) -> Bool {
        switch action {
        case .manifestPushed(_, let descriptor, let tag, let names):
            note(.manifest(names), descriptor, at: time)
            manifests += 1
            addWhole(descriptor.size)
            self.tag = tag ?? self.tag
            note = ""
            // A client pushes the tag last, when everything it needs is there.
            if tag != nil { (isOpen, isBroken) = (false, false) }
        case .manifestPulled(_, let descriptor, let tag, let head):
            if !head {
                manifests += 1
                addWhole(descriptor.size)
            }
            self.tag = tag ?? self.tag
        case .blobPushed(_, let descriptor):
            note(.blob, descriptor, at: time)
            blobs += 1
            addWhole(descriptor.size)
            if missing.removeValue(forKey: descriptor.digest) == nil { uploads = max(0, uploads - 1) }
            isBroken = false
        case .blobPulled(_, let descriptor, let sent, let asked):
            if sent >= asked {
                blobs += 1
                missing[descriptor.digest] = nil
            } else if missing.count < Self.blobsMax {
                missing[descriptor.digest] = missing[descriptor.digest] ?? time
            }
            isBroken = !missing.isEmpty
            addWhole(sent)
        case .blobMounted(_, let descriptor, _):
            note(.mount, descriptor, at: time)
            mounts += 1
            missing[descriptor.digest] = nil
        case .blobAsked(_, let digest, let isThere):
            guard isPush, here.count + missing.count < Self.blobsMax else { return true }
            if isThere {
                here.insert(digest)
                missing[digest] = nil
            } else {
                missing[digest] = missing[digest] ?? time
            }
        case .manifestMissed(_, let reference): tag = tag ?? reference.tag
        case .uploadStarted: (uploads, sessions) = (uploads + 1, sessions + 1)
        case .uploadPaused(_, let bytes, let broke):
            addPart(bytes)
            isBroken = broke
        default: return false
        }
        return true
    }

    /// Whether `event` belongs to this operation: same client, same repository, same direction, within ten seconds.
    func takes(_ event: RegistryEvent) -> Bool {
        guard isOpen, event.repository == repository, event.time.timeIntervalSince(ended) <= Self.pauseSecondsMax,
            isOf(event.client)
        else { return false }
        switch event.action {
        case .manifestPushed, .blobPushed, .blobMounted, .uploadStarted, .uploadPaused: return isPush
        case .blobAsked, .manifestMissed: return isPush || kind == .pull
        case .manifestPulled(_, _, let tag, _):
            // A new tag, or the same one again after its blobs, is a new pull.
            return kind == .pull && (tag == nil || self.tag == nil || (tag == self.tag && blobs == 0))
        case .blobPulled: return kind == .pull
        case .refused(_, let code, _):
            // That something is not there ends nothing that has begun: clients ask for signatures behind a pull.
            return Self.absences.contains(code) ? (isPush || kind == .pull) && !hasSubstance : isPush
        default: return false
        }
    }

    private static let absences: Set<String> = ["MANIFEST_UNKNOWN", "NAME_UNKNOWN", "BLOB_UNKNOWN"]

    /// Whether a body on its way belongs to it.
    func takes(_ transfer: Transfer) -> Bool {
        isOpen && transfer.repository == repository && isOf(transfer.client)
            && (transfer.direction == .push ? isPush : kind == .pull)
    }

    /// Whether `event` says no more than what was refused here a moment ago.
    func repeats(_ event: RegistryEvent) -> Bool {
        guard kind == .refused, case .refused(let name, let code, let message) = event.action, name == repository,
            event.time.timeIntervalSince(ended) <= Self.pauseSecondsMax, isOf(event.client)
        else { return false }
        return note == "\(code): \(message)"
    }

    private func isOf(_ client: Client) -> Bool {
        client.host == self.client.host && client.userAgent == self.client.userAgent
    }

    /// Seconds of silence after which a pull has ended, and a push whose client is gone. What still comes goes on with it.
    private static let silenceSecondsMax = 2.0

    /// Whether it is over at `now`.
    func hasEnded(at now: Date) -> Bool {
        guard isOpen else { return true }
        guard live.isEmpty else { return false }
        let isQuick = kind == .pull || isBroken || !note.isEmpty
        return abs(now.timeIntervalSince(ended)) > (isQuick ? Self.silenceSecondsMax : Self.pauseSecondsMax)
    }

    /// What has become of it, now that it is over.
    mutating func conclude() {
        forgetBodies()
        guard isOpen, kind == .push || kind == .pull else { return }
        if !note.isEmpty {
            (kind, isOpen) = (.refused, false)
        } else if isPush, !hasSubstance, tag != nil {
            // Nobody pushed what was asked for: it was a pull that asked first.
            (kind, isOpen) = (.refused, false)
            note = "MANIFEST_UNKNOWN: \(target) is not there"
        } else if isBroken || (isPush && (blobsLeft > 0 || (manifests == 0 && sessions > blobs))) {
            kind = .brokenOff
        }
    }

    /// Goes on with what seemed over.
    mutating func resume() { if kind == .brokenOff { kind = isPush ? .push : .pull } }
}
