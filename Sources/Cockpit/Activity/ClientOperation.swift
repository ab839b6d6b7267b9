import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore

/// Something a client did, as a person would count it: the requests of one push or pull are one operation, from the first to
/// the last.
struct ClientOperation: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case push, pull, delete, brokenOff, refused, rolledBack, undone, sweep, reconcile
    }

    /// Blobs of one push that are remembered by their digests; manifests have fewer layers.
    static let blobsMax = 4096

    /// Rises with each new operation; never reused.
    var id: Int
    /// Its place among what has ended; 0 before that.
    var number = 0
    /// While it runs push or pull; then what became of it.
    var kind: Kind
    /// What its bytes do, whatever becomes of it.
    let isPush: Bool
    var repository: RepositoryName?
    var client: Client
    var began: Date
    /// When it was last heard of; what ended it, if it has.
    var ended: Date
    var manifests = 0
    /// Blobs that went over the wire as a whole.
    var blobs = 0
    /// Blobs that crossed from another repository without being sent.
    var mounts = 0
    /// Blobs that were asked for and are here already, and those that are not here yet.
    var here: Set<Digest> = []
    /// Of the former, those whose digests are not remembered any more.
    var hereForgotten = 0
    /// With the moment in which each was asked for first.
    var missing: [Digest: Date] = [:]
    /// Sessions that were begun for blobs that nobody asked for first.
    var uploads = 0
    /// Sessions that were begun, whether anybody had asked for their blobs or not.
    var sessions = 0
    /// Of whole blobs and manifests.
    var bytesWhole: Int64 = 0
    /// Of blobs that are not whole.
    var bytesPart: Int64 = 0
    /// What it has put into the repository so far, to tell it from another push of the same client.
    var parts: [Digest: Part] = [:]
    /// Digests that the manifests among them name.
    var namesHeld = 0
    /// The tag pushed, pulled or deleted; nil while only digests were named.
    var tag: Tag?
    /// For kinds that are no transfer, and for what was refused: what there is to say.
    var note = ""
    /// How often the same was refused.
    var times = 1
    /// The client was gone in the middle of a body, and did not go on with it.
    var isBroken = false
    /// Whether later requests can still belong to it.
    var isOpen = true
    /// Its bodies that are on their way.
    private(set) var live: [LiveTransfer] = []
    private var pace: Pace
    /// The most that was seen of it: between two looks a blob may have left one count and not entered the other.
    var bytesSeen: Int64 = 0

    static func == (left: Self, right: Self) -> Bool {
        left.id == right.id && left.ended == right.ended && left.kind == right.kind && left.bytes == right.bytes
            && left.live == right.live && left.times == right.times && left.summary == right.summary
    }

    init(id: Int, kind: Kind, isPush: Bool, repository: RepositoryName?, client: Client, began: Date) {
        self.id = id
        self.kind = kind
        self.isPush = isPush
        self.repository = repository
        self.client = client
        self.began = began
        ended = began
        pace = Pace(0, at: began)
    }

    /// An operation whose first sign is a body on its way.
    init(_ transfer: Transfer, id: Int) {
        let isPush = transfer.direction == .push
        self.init(
            id: id, kind: isPush ? .push : .pull, isPush: isPush, repository: transfer.repository,
            client: transfer.client, began: transfer.started)
    }

    /// `team/app:1.3`, or what is known of it; a registry-wide operation has none.
    var target: String {
        guard let repository else { return "" }
        return tag.map { "\(repository):\($0)" } ?? repository.text
    }

    /// Bytes that have passed, those of bodies on their way among them.
    var bytes: Int64 {
        max(bytesSeen, live.reduce(bytesWhole.addingClamped(bytesPart)) { $0.addingClamped($1.transfer.bytesDone) })
    }

    var bytesPerSecond: Double { pace.perSecond }

    /// Bytes that bodies on their way have before them; nil when one of them has not said how long it is.
    var bytesLeft: Int64? {
        guard !live.isEmpty else { return nil }
        var left: Int64 = 0
        for body in live {
            guard let total = body.transfer.bytesTotal else { return nil }
            left.addClamped(max(0, total - body.transfer.bytesDone))
        }
        return left
    }

    /// Until what is on its way is here, at this speed; nil when nobody can know.
    var secondsLeft: Double? {
        guard let bytesLeft, bytesPerSecond > 0 else { return nil }
        return Double(bytesLeft) / bytesPerSecond
    }

    /// `≥8.0 s`, as long as what is on its way takes; nil when nobody can know. What a client has not asked for yet comes
    /// after that.
    var timeLeft: String? { secondsLeft.map { "≥" + ByteFormat.duration(.seconds(Int64(min($0, 1e9)))) } }

    /// 0...1 of what is known to come; nil when nobody knows.
    var fraction: Double? {
        guard let bytesLeft, bytes > 0 || bytesLeft > 0 else { return nil }
        return Double(bytes) / (Double(bytes) + Double(bytesLeft))
    }

    private var hereCount: Int { here.count + hereForgotten }

    /// Layers and configs that are not here yet, as far as it is known: those on their way, and those that were asked for.
    var blobsLeft: Int { max(live.count, missing.count) }

    /// Where it stands: `2 here, 1 sent, ≥3 left`; a client may ask for more than it has asked for.
    var progress: String {
        var parts: [String] = []
        if hereCount + mounts > 0 { parts.append("\(hereCount + mounts) here") }
        parts.append("\(blobs) \(isPush ? "sent" : "got")")
        if blobsLeft > 0 { parts.append("≥\(blobsLeft) left") }
        return parts.joined(separator: ", ")
    }

    /// What it consisted of: `2 manifests, 5 blobs, 1 mounted`.
    var summary: String {
        guard note.isEmpty else { return times > 1 ? "\(times)× \(note)" : note }
        var parts: [String] = []
        if manifests > 0 { parts.append(Count.text(manifests, "manifest")) }
        if blobs > 0 { parts.append(Count.text(blobs, "blob")) }
        if mounts > 0 { parts.append("\(mounts) mounted") }
        if isPush, hereCount > 0 { parts.append("\(hereCount) here before") }
        if hasNoManifest { parts.append("no manifest") }
        if kind == .brokenOff { parts.append(isPush ? "push broken off" : "pull broken off") }
        return parts.joined(separator: ", ")
    }

    /// A push that is over, whose blobs all arrived and that named no image: of a client that was stopped then, or that wanted
    /// no more.
    private var hasNoManifest: Bool { kind == .push && number > 0 && manifests == 0 }

    /// Whether anything came of it: who only asked has done nothing.
    var hasSubstance: Bool {
        manifests > 0 || blobs > 0 || mounts > 0 || uploads > 0 || bytes > 0 || !note.isEmpty || isBroken
    }

    /// Whether it can be told what it is: who only found blobs here may be about to mount them elsewhere.
    var isKnown: Bool { hasSubstance || !live.isEmpty || !missing.isEmpty || tag != nil }

    /// Takes the state of its bodies, as they are at `now`.
    mutating func follow(_ live: [LiveTransfer], at now: Date) {
        if !live.isEmpty { ended = max(ended, now) }
        self.live = live
        bytesSeen = max(bytesSeen, bytes)
        pace.record(bytesSeen, at: now)
    }

    mutating func pass(to now: Date) { pace.pass(to: now) }

    /// What was seen under way and did not come to an end was of somebody else, or is told of as broken off.
    mutating func forgetBodies() { (live, bytesSeen) = ([], 0) }

    mutating func addWhole(_ bytes: Int64) {
        bytesWhole.addClamped(max(0, bytes))
        bytesPart = max(0, bytesPart - max(0, bytes))
    }

    mutating func addPart(_ bytes: Int64) { bytesPart.addClamped(max(0, bytes)) }

    mutating func setBytes(_ bytes: Int64) { bytesWhole = bytes }
}

extension ClientOperation: ListRow {
    var rowID: Int { id }
    var searchText: String {
        "\(kind.word) \(target) \(client.address) \(client.userAgent) \(note)".lowercased()
    }
}
