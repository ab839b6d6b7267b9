import Foundation
import OCI
import RegistryCore

/// Something a client did, as a person would count it: the requests of one push or pull are one operation.
struct ClientOperation: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case push, pull, delete, refused, sweep, reconcile
    }

    /// Rises with each new operation; never reused.
    var id: Int
    var kind: Kind
    var repository: RepositoryName?
    var client: Client
    var began: Date
    var ended: Date
    var manifests = 0
    var blobs = 0
    /// Blobs that were there already and crossed from another repository without being sent.
    var mounts = 0
    var bytes: Int64 = 0
    /// The tag pushed, pulled or deleted; nil while only digests were named.
    var tag: Tag?
    /// For kinds that are no transfer: what there is to say.
    var note = ""
    /// Whether later requests can still belong to it.
    var isOpen = true

    /// The client's host: each connection has another port.
    static func host(of client: Client) -> Substring {
        guard let colon = client.address.lastIndex(of: ":") else { return client.address[...] }
        let port = client.address[client.address.index(after: colon)...]
        return !port.isEmpty && port.utf8.allSatisfy({ (48...57).contains($0) })
            ? client.address[..<colon] : client.address[...]
    }

    /// `team/app:1.3`, or what is known of it; a registry-wide operation has none.
    var target: String {
        guard let repository else { return "" }
        return tag.map { "\(repository):\($0)" } ?? repository.text
    }

    /// What it consisted of: `2 manifests, 5 blobs, 1 mounted`.
    var summary: String {
        guard note.isEmpty else { return note }
        var parts: [String] = []
        if manifests > 0 { parts.append(Count.text(manifests, "manifest")) }
        if blobs > 0 { parts.append(Count.text(blobs, "blob")) }
        if mounts > 0 { parts.append("\(mounts) mounted") }
        return parts.joined(separator: ", ")
    }
}

extension ClientOperation: ListRow {
    var rowID: Int { id }
    var searchText: String {
        "\(kind) \(target) \(client.address) \(client.userAgent) \(note)".lowercased()
    }
}

extension ClientOperation {
    /// An operation that begins with `event`.
    init(_ event: RegistryEvent, id: Int) {
        let kind: Kind =
            switch event.action {
            case .manifestPushed, .blobPushed, .blobMounted: .push
            case .manifestPulled, .blobPulled: .pull
            case .tagDeleted, .manifestDeleted, .blobDeleted: .delete
            case .refused: .refused
            case .sweepFinished, .sweepUndone, .quarantinePurged: .sweep
            case .reconciled: .reconcile
            }
        self.init(
            id: id, kind: kind, repository: event.repository, client: event.client, began: event.time,
            ended: event.time)
        add(event)
    }

    /// Counts one more event as part of the operation.
    mutating func add(_ event: RegistryEvent) {
        ended = max(ended, event.time)
        switch event.action {
        case .manifestPushed(_, let descriptor, let tag):
            manifests += 1
            bytes.addClamped(descriptor.size)
            self.tag = tag ?? self.tag
            // A client pushes the tag last, when everything it needs is there.
            if tag != nil { isOpen = false }
        case .manifestPulled(_, let descriptor, let tag, let head):
            if !head {
                manifests += 1
                bytes.addClamped(descriptor.size)
            }
            self.tag = tag ?? self.tag
        case .blobPushed(_, let descriptor):
            blobs += 1
            bytes.addClamped(descriptor.size)
        case .blobPulled(_, _, let sent):
            blobs += 1
            bytes.addClamped(sent)
        case .blobMounted: mounts += 1
        case .tagDeleted(_, let tag, let digest):
            self.tag = tag
            note = "tag of \(digest.short)"
            isOpen = false
        case .manifestDeleted(_, let digest):
            note = "manifest \(digest.short)"
            isOpen = false
        case .blobDeleted(_, let digest):
            note = "blob \(digest.short)"
            isOpen = false
        case .refused(_, let code, let message):
            note = "\(code): \(message)"
            isOpen = false
        case .sweepFinished(let report):
            bytes = report.bytesFreed
            note = "\(report.linesRemoved) removed, \(report.linesSpared) spared"
            isOpen = false
        case .sweepUndone(let report):
            note = "\(report.linesRestored) put back, \(report.linesKept) not"
            isOpen = false
        case .quarantinePurged(_, let freed):
            bytes = freed
            note = "quarantine emptied"
            isOpen = false
        case .reconciled(let repositories, let manifests, let damaged, _):
            note = "index compared: \(repositories) repositories, \(manifests) manifests, \(damaged) damaged"
            isOpen = false
        }
    }

    /// Whether `event` belongs to this operation: same client, same repository, same direction, within ten seconds.
    func takes(_ event: RegistryEvent) -> Bool {
        guard isOpen, event.repository == repository, event.time.timeIntervalSince(ended) <= Self.pauseSecondsMax,
            Self.host(of: event.client) == Self.host(of: client), event.client.userAgent == client.userAgent
        else { return false }
        switch event.action {
        case .manifestPushed, .blobPushed, .blobMounted: return kind == .push
        case .manifestPulled(_, _, let tag, _):
            // A new tag, or the same one again after its blobs, is a new pull.
            return kind == .pull && (tag == nil || self.tag == nil || (tag == self.tag && blobs == 0))
        case .blobPulled: return kind == .pull
        default: return false
        }
    }

    /// A client that pauses longer has begun something new.
    static let pauseSecondsMax = 10.0
}
