import Foundation
import Logging
import OCI
package import RegistryCore
import RegistryIndex
import RegistryStorage

extension Collector {
    /// Mends what can be mended without guessing. Each finding is looked at once more under its lock; what has changed is
    /// left alone. What is moved can be moved back: its path in the quarantine is the one that it had.
    ///
    /// - Throws: `readOnly`; `notAlone` while another process serves the directory.
    package func repair(_ findings: [CheckFinding], by access: Access) async throws(RegistryError) -> RepairReport {
        try access.require(.administer, nil)
        try ground.requireWritable()
        let run = Layout.quarantine.appending(UploadTime.text(Date()).replacingOccurrences(of: ":", with: "-"))
        return try await ground.whileAlone { () async throws(RegistryError) in
            var report = RepairReport()
            for finding in findings {
                do throws(RegistryError) {
                    guard let repair = finding.repair else { continue }
                    if try await self.repair(finding, repair, run) {
                        report.repaired.append(finding)
                    } else {
                        report.left.append(.init(finding: finding, reason: "it has changed since"))
                    }
                } catch {
                    report.left.append(.init(finding: finding, reason: error.message))
                }
            }
            if try await stored({ try await storage.stat(run) }) != nil { report.quarantine = run.text }
            await reconcileGapsNow()
            ground.changed()
            logger.info(
                "repaired", metadata: ["repaired": "\(report.repaired.count)", "left": "\(report.left.count)"])
            return report
        }
    }

    /// Bytes of a damaged link that are kept; a link has some seventy or hundred and thirty. Of more nobody can tell what it
    /// is, and a person is to look.
    private static let linkBytesMax = 1 << 20

    /// False when the finding does not hold any more.
    private func repair(
        _ finding: CheckFinding, _ repair: CheckFinding.Repair, _ run: StoragePath
    ) async throws(RegistryError) -> Bool {
        let tag = finding.tag.flatMap { tag in finding.repository.map { HoldKey.tag(tag, $0) } }
        let keys = [finding.digest.map(HoldKey.digest), tag].compactMap(\.self)
        let hold = try await coordination.hold(Set(keys), .exclusive)
        guard try await stillHolds(finding, CheckOptions()) else { return false }
        // Hashed minutes or hours ago: a push may have healed it since.
        if finding.kind == .corruptBytes, let digest = finding.digest {
            let hasher = BlobHasher(ground, bytesPerSecond: nil)
            guard try await hasher.hash([digest]).first?.actual != digest else { return false }
        }
        let path = StoragePath.root.appending(finding.path.split(separator: "/"))
        try hold.confirm()
        switch repair {
        case .quarantine:
            let outcome = try await stored {
                try await storage.retire(path, into: run, copies: true) { try hold.confirm() }
            }
            guard outcome == .done else { return false }
            if let left = path.parent { try await stored { try await storage.settle(.removals(from: [left])) } }
            if finding.kind == .corruptBytes, let digest = finding.digest { ground.manifests.remove(digest) }
        case .relink:
            guard let digest = finding.digest, try await ground.hasBytes(digest) else { return false }
            try await stored {
                try await storage.settle(.files([Layout.blobData(digest)]))
                // Copied and not moved: a crash is to leave the link that there was, or the right one.
                if let old = try await storage.read(path, limit: Self.linkBytesMax), !old.isEmpty {
                    try await storage.write(run.appending(path.components), old)
                }
                try hold.confirm()
                try await storage.write(path, Link.content(digest))
            }
        }
        logger.notice(
            "repaired", metadata: ["path": "\(path)", "kind": "\(finding.kind.rawValue)", "how": "\(repair.rawValue)"])
        noteGaps(of: finding)
        return true
    }

    /// Has the index follow.
    private func noteGaps(of finding: CheckFinding) {
        if let name = finding.repository, let tag = finding.tag { ground.gaps.note(.tag(tag, name)) }
        guard let digest = finding.digest else { return }
        ground.gaps.note(.blob(digest))
        // Bytes that went are missed by every repository that has a manifest of them.
        for name in (try? index.read { try $0.repositories(withRevision: digest) }) ?? [] {
            ground.gaps.note(.manifest(digest, name))
        }
        guard let name = finding.repository else { return }
        ground.gaps.note(.manifest(digest, name))
        ground.gaps.note(.layer(digest, name))
        // A link that led to another digest is known by its path.
        let place = StoragePath.root.appending(finding.path.split(separator: "/"))
        if let own = Layout.linked(by: place), own != digest { ground.gaps.note(.layer(own, name)) }
    }
}
