import Logging
import OCI
import RegistryStorage
import Synchronization

/// Places of the tree that requests have met and that are not what they should be, so that the log says each of them once
/// and not once for every request.
final class DamageNotes: Sendable {
    /// Places that are remembered; beyond them all is said anew. A path and a reason are some 300 bytes.
    private static let placesMax = 1024

    private let told = Mutex<Set<String>>([])

    /// True the first time.
    func isNew(_ path: StoragePath, _ reason: String) -> Bool {
        told.withLock { told in
            if told.count >= Self.placesMax { told = [] }
            return told.insert("\(path) \(reason)").inserted
        }
    }
}

extension Registry {
    /// Says that a request has met something damaged, by the names that people know it by: an event each time, a line in the
    /// log once. The request is answered as if nothing were there, whether what hides it is a link or the bytes behind it,
    /// in memory or on the disk: no client can help it but by pushing again, and that mends it.
    func damaged(_ path: StoragePath, _ reason: String, _ reference: Reference, in name: RepositoryName) {
        met(path, reason, "\(name)\(reference.separator)\(reference)", code: "MANIFEST_UNKNOWN", in: name) {
            $0[reference.tag == nil ? "digest" : "tag"] = "\(reference)"
        }
    }

    /// The same of a blob.
    func damaged(_ path: StoragePath, _ reason: String, blob digest: Digest, in name: RepositoryName) {
        met(path, reason, "blob \(digest) of \(name)", code: "BLOB_UNKNOWN", in: name) { $0["digest"] = "\(digest)" }
    }

    private func met(
        _ path: StoragePath, _ reason: String, _ what: String, code: String, in name: RepositoryName,
        _ evidence: (inout Logger.Metadata) -> Void
    ) {
        ground.publish(
            .refused(name, code: code, message: "\(what) is damaged: \(reason)"), by: Client(address: "registry"))
        guard damageNotes.isNew(path, reason) else { return }
        var metadata: Logger.Metadata = ["path": "\(path)", "reason": "\(reason)", "repository": "\(name)"]
        evidence(&metadata)
        logger.warning("damaged, and served as absent", metadata: metadata)
    }
}

extension Reference {
    /// What stands before it behind a name.
    fileprivate var separator: String { tag == nil ? "@" : ":" }
}
