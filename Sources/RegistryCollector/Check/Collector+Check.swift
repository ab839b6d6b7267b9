import OCI
package import RegistryCore
import RegistryIndex
import RegistryStorage

extension Collector {
    /// Looks whether everything is as it should be: links, references, sizes; with `hashesBytes` every byte. Changes
    /// nothing but the index's memory of what was hashed. Runs while the registry serves, at full speed.
    ///
    /// Costs reading every link and every manifest.
    ///
    /// - Parameter progress: called now and then; false ends the check, and its report is partial.
    package func check(
        _ options: CheckOptions, by access: Access, progress: @escaping (CheckProgress) -> Bool = { _ in true }
    ) async throws(RegistryError) -> CheckReport {
        try access.require(.administer, nil)
        return try await Checker(collector: self, options: options, progress: progress).run()
    }

    /// What of the tree could not be read when it was last compared, in the order of the paths. It is served as absent, and
    /// spares what it may reference from a sweep.
    package func damage(by access: Access) throws(RegistryError) -> [SweepPlan.Damage] {
        try access.require(.administer, nil)
        return try indexed { try index.read { try $0.damage() } }.map {
            SweepPlan.Damage(path: $0.path, reason: $0.reason)
        }.filter { $0.isShown(to: access) }
    }

    /// True when what a check has found is so still.
    func stillHolds(_ finding: CheckFinding, _ options: CheckOptions) async throws(RegistryError) -> Bool {
        let path = StoragePath.root.appending(finding.path.split(separator: "/"))
        switch finding.kind {
        case .damagedLink:
            switch try await stored({ try await storage.link(at: path) }) {
            case .absent: return false
            case .damaged: return true
            case .digest(let target): return finding.tag == nil && target != finding.digest
            }
        case .danglingLink:
            guard let target = try await stored({ try await storage.link(at: path) }).digest else { return false }
            return try await !ground.hasBytes(target)
        case .emptyTag:
            guard try await stored({ try await storage.stat(path) }) != nil else { return false }
            return try await stored({ try await storage.link(at: path.appending(["current", "link"])) }) == .absent
        case .danglingTag:
            guard let name = finding.repository, let tag = finding.tag,
                let digest = try await ground.resolve(.tag(tag), in: name)
            else { return false }
            return try await !ground.isServed(digest, byTag: tag, in: name)
        case .deadUpload:
            guard try await stored({ try await storage.stat(path) }) != nil else { return false }
            return try await stored({ try await storage.stat(path.appending("startedat")) }) == nil
        // Nobody's push or deletion makes a place unreadable for a moment.
        case .unreadablePlace: return true
        case .missingReference, .wrongSize, .unreadableManifest, .corruptBytes, .strayFile, .foreignPlace:
            return try await stored({ try await storage.stat(path) }) != nil
        }
    }
}
