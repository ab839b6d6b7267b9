import Foundation
import OCI
import RegistryCore

/// What a push has put into its repository, and how two pushes of one client are told apart: nothing on the wire says of
/// which of them a blob is, until the manifest comes that names it.
extension ClientOperation {
    struct Part: Sendable, Equatable {
        enum Kind: Sendable, Equatable {
            case blob, mount
            /// With the digests that it names; none where that is not known.
            case manifest([Digest])
        }

        var kind: Kind
        var mediaType: MediaType
        var bytes: Int64
        /// When it was first heard of.
        var began: Date
    }

    /// Parts that are remembered of one push, and digests that its manifests name; one that has more is not looked into.
    static let (partsMax, namesMax) = (1024, 4096)
    /// Digests of either kind that are remembered of what is over, in case its client goes on with it.
    static let digestsKeptMax = 64

    mutating func note(_ kind: Part.Kind, _ descriptor: Descriptor, at time: Date) {
        guard parts.count < Self.partsMax || parts[descriptor.digest] != nil else { return }
        let began = parts[descriptor.digest]?.began ?? missing[descriptor.digest] ?? time
        var kind = kind
        if case .manifest(let before) = parts[descriptor.digest]?.kind { namesHeld -= before.count }
        if case .manifest(let names) = kind {
            if namesHeld + names.count > Self.namesMax { kind = .manifest([]) } else { namesHeld += names.count }
        }
        parts[descriptor.digest] = Part(
            kind: kind, mediaType: descriptor.mediaType, bytes: descriptor.size, began: began)
    }

    /// Takes out what the image that has just got its tag does not name: it is of another push, which goes on. Nil when there
    /// is nothing of that kind, or when not all is known of the image.
    ///
    /// - Parameters:
    ///   - image: the manifest that has the tag.
    ///   - id: of the other push.
    mutating func takeOther(than image: Digest, id: Int) -> ClientOperation? {
        guard parts.count < Self.partsMax, let own = digests(of: image) else { return nil }
        let others = parts.filter { !own.contains($0.key) }
        guard let began = others.values.map(\.began).min() else { return nil }
        var other = ClientOperation(
            id: id, kind: .push, isPush: true, repository: repository, client: client, began: began)
        other.ended = ended
        parts = parts.filter { own.contains($0.key) }
        (other.namesHeld, namesHeld) = (namesHeld, 0)
        self.began = parts.values.map(\.began).min() ?? self.began
        (other.parts, other.here) = (others, here.subtracting(own))
        here.formIntersection(own)
        (other.missing, missing) = (missing, [:])
        // The image is whole: what is not is the other's.
        (other.bytesPart, bytesPart) = (bytesPart, 0)
        (other.uploads, uploads) = (uploads, 0)
        for part in others.values {
            other.bytesWhole.addClamped(part.bytes)
            switch part.kind {
            case .blob: other.blobs += 1
            case .mount: other.mounts += 1
            case .manifest: other.manifests += 1
            }
        }
        blobs = max(0, blobs - other.blobs)
        mounts = max(0, mounts - other.mounts)
        manifests = max(0, manifests - other.manifests)
        bytesWhole = max(0, bytesWhole - other.bytesWhole)
        other.sessions = max(0, sessions - blobs)
        sessions = min(sessions, blobs)
        bytesSeen = 0
        return other
    }

    /// Lets go of what is of use only while it goes on: a thousand that are over are kept.
    mutating func forgetDigests() {
        (parts, namesHeld) = ([:], 0)
        if here.count > Self.digestsKeptMax { (hereForgotten, here) = (hereForgotten + here.count, []) }
        if missing.count > Self.digestsKeptMax {
            missing = Dictionary(uniqueKeysWithValues: missing.prefix(Self.digestsKeptMax).map { ($0.key, $0.value) })
        }
    }

    /// An image with all that it names; nil where that is not known.
    private func digests(of image: Digest) -> Set<Digest>? {
        var found: Set<Digest> = []
        var waiting = [image]
        while let digest = waiting.popLast() {
            guard found.insert(digest).inserted else { continue }
            guard case .manifest(let names) = parts[digest]?.kind else { continue }
            guard !names.isEmpty else { return nil }
            // One that was there before may name anything of what has come.
            if parts[digest]?.mediaType.isIndex == true, names.contains(where: { parts[$0] == nil }) { return nil }
            waiting += names
        }
        return found
    }
}
