import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import RegistryStorage
import StorageProbes

/// A start of the registry on what a power cut has left: it comes up, everything promised can be pulled, a check finds nothing
/// but what a cut may leave, and the next sweep takes nothing that is alive.
struct PowerRestart {
    let state: DiskState
    let ledger: PowerLedger
    let world: CollectorWorld
    /// Knows another tree: the start has to find out.
    let index: ReferenceIndex

    private static let options = SweepOptions(untagged: false, uploadSeconds: 0, referrerSeconds: 0, graceSeconds: 0)

    /// What is wrong, in one line; nil when all is well.
    func complaint() async throws -> String? {
        let storage = MemoryDriver()
        let prefix = PowerTree.root
        try await storage.write([
            state.files.filter { $0.key.hasPrefix(prefix) }.map {
                FileContent(path($0.key.dropFirst(prefix.count)), $0.value)
            }
        ])
        for directory in state.emptyDirectories where directory.hasPrefix(prefix) {
            try await storage.createDirectory(path(directory.dropFirst(prefix.count)))
        }
        let registry = Registry(storage: storage, index: index)
        try await Collector(registry.ground, PowerSchedule.settings).reconcile(by: .test)
        if let complaint = try await pull(registry) { return complaint }
        if let complaint = try await check(registry) { return complaint }
        let plan = try await Collector(registry.ground, PowerSchedule.settings).planSweep(Self.options, by: .test)
        // An index that began with nothing knows the same.
        let anew = Registry(storage: storage, index: try ReferenceIndex(path: nil))
        try await Collector(anew.ground, PowerSchedule.settings).reconcile(by: .test)
        let other = try await Collector(anew.ground, PowerSchedule.settings).planSweep(Self.options, by: .test)
        guard Set(plan.lines.map(\.item)) == Set(other.lines.map(\.item)) else {
            return "a sweep would take \(plan.lines.count) lines, by an index built anew \(other.lines.count)"
        }
        try await Collector(registry.ground, PowerSchedule.settings).run(plan, by: .test)
        return try await pull(registry).map { "after a sweep, \($0)" }
    }

    private func path(_ text: Substring) -> StoragePath { StoragePath.root.appending(text.split(separator: "/")) }

    private func pull(_ registry: Registry) async throws -> String? {
        for (place, allowed) in ledger.tags {
            let digest = (try? await registry.manifest(.tag(place.tag), in: place.name, by: .test))?.digest
            guard allowed.contains(digest) else { return "\(place.name):\(place.tag) is \(digest?.short ?? "absent")" }
            guard let manifest = digest.flatMap({ world.manifest($0) }) else { continue }
            if let lack = await lack(of: manifest, in: place.name, registry) { return lack }
        }
        for (place, allowed) in ledger.revisions
        where allowed == [true] && world.manifest(place.digest)?.subject == nil {
            guard let manifest = world.manifest(place.digest) else { continue }
            if let lack = await lack(of: manifest, in: place.name, registry) { return lack }
        }
        return nil
    }

    private func lack(of manifest: Manifest, in name: RepositoryName, _ registry: Registry) async -> String? {
        let text = "\(name)@\(manifest.digest.short)"
        guard (try? await registry.manifest(.digest(manifest.digest), in: name, by: .test))?.bytes == manifest.bytes
        else {
            return "\(text) cannot be pulled"
        }
        for reference in manifest.references {
            if let child = world.manifest(reference.digest) {
                if let lack = await lack(of: child, in: name, registry) { return lack }
            } else if let content = try? await registry.blob(reference.digest, in: name, by: .test),
                let bytes = world.blobs[reference.digest],
                (try? await content.read(at: 0, count: bytes.count + 1)) == bytes
            {
                continue
            } else {
                return "\(text) lacks its blob \(reference.digest.short)"
            }
        }
        return nil
    }

    /// What may be found: leavings of a push that nobody was told of, and of a sweep.
    private func check(_ registry: Registry) async throws -> String? {
        for finding in try await Collector(registry.ground, PowerSchedule.settings).check(
            CheckOptions(hashesBytes: true), by: .test
        ).findings {
            switch finding.kind {
            case .emptyTag, .strayFile, .deadUpload: continue
            case .damagedLink:
                if ledger.wounds.contains(PowerTree.root + finding.path) { continue }
            case .danglingLink, .missingReference:
                if let digest = finding.digest, ledger.swept.contains(where: { $0.digest == digest }) { continue }
            case .danglingTag, .unreadableManifest, .wrongSize, .corruptBytes, .unreadablePlace, .foreignPlace:
                break
            }
            return "a check finds \(finding.kind.rawValue) at \(finding.path)"
        }
        return nil
    }
}
