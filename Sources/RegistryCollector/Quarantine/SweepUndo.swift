import Foundation
import OCI
import RegistryCore
import RegistryIndex
import RegistryStorage

/// Brings lines of a run back: bytes, then links, then manifests, then tags, the reverse of the run.
///
/// What one line brings back is durable before anything comes back that needs it: the directories are synchronised once for
/// all lines of a kind, not once for each.
struct SweepUndo {
    let collector: Collector
    let quarantine: Quarantine
    let client: Client

    var ground: Ground { collector.ground }
    var storage: any StorageDriver { ground.storage }

    /// - Parameter items: nil for all.
    /// - Throws: `recordUnreadable` for lines that cannot be understood, once the others were dealt with.
    func perform(
        _ document: ListedDocument, _ items: Set<SweepPlan.Item>?, progress: (SweepProgress) -> Void,
        _ each: (SweepPlan.Line, SweepPlan.SpareReason?) async -> Void
    ) async throws(RegistryError) {
        let wanted: Set<SweepPlan.Item>? = if let items { try await whole(items) } else { nil }
        var far = SweepProgress(linesDone: 0, lines: document.count(of: RecordHead.lines), bytesDone: 0)
        var unreadable: PlanInvalid?
        var unsettled = Unsettled()
        // In the run tags and manifests stood before what they hold: backwards each finds what it needs.
        for block in document.blocks.reversed() where block.list == RecordHead.lines {
            let elements = try await collector.reading(quarantine) { try await document.elements(of: block) }
            var held: [SweepPlan.Line] = []
            for element in elements.reversed() {
                do throws(PlanInvalid) {
                    guard let line = try Self.line(element, wanted) else { continue }
                    // Where that cannot be said, the line itself will say why.
                    if (try? await isHeld(line)) ?? true { held.append(line) }
                } catch {
                    unreadable = unreadable ?? error
                }
            }
            far.linesDone += elements.count - held.count
            let failures = await restoreBytes(of: held)
            for line in held {
                let isBack = await perform(line, failures[line.item], &unsettled, each)
                if isBack { far.bytesDone = far.bytesDone.addingClamped(line.bytes) }
                far.linesDone += 1
                progress(far)
            }
        }
        let rest = unsettled.directories
        try await stored { try await storage.settle(.removals(from: rest)) }
        if let unreadable {
            throw .recordUnreadable(
                quarantine.run, reason: "some of its lines cannot be understood and stay: \(unreadable.reason)")
        }
    }

    /// Directories with something in them, or taken out of them, that a crash may undo.
    private struct Unsettled {
        var directories: Set<StoragePath> = []
        /// What kind of line they are of.
        var kind: SweepPlan.Kind?

        static let max = 1024
    }

    /// The line, if it is wanted. Most of a line is not looked at where it is not.
    private static func line(
        _ json: ArraySlice<UInt8>, _ wanted: Set<SweepPlan.Item>?
    ) throws(PlanInvalid) -> SweepPlan.Line? {
        struct Part: Decodable { var item: SweepPlan.Item }
        if let wanted {
            guard let part = try? CollectorJSON.decode(Part.self, from: Data(json)), wanted.contains(part.item)
            else { return nil }
        }
        return try SweepPlan.Line(json: json)
    }

    /// Puts the bytes of all these lines back, and has them survive a crash before any link leads to them. Gives the lines
    /// for which that failed, with the reason.
    private func restoreBytes(of lines: [SweepPlan.Line]) async -> [SweepPlan.Item: String] {
        var failures: [SweepPlan.Item: String] = [:]
        var directories: Set<StoragePath> = []
        for line in lines {
            guard case .blob(let digest) = line.item else { continue }
            do throws(RegistryError) {
                try collector.sweeps.confirm()
                failures[line.item] = try await restoreBytes(digest, line.bytes)
                if let above = Layout.blob(digest).parent { directories.insert(above) }
            } catch {
                failures[line.item] = error.message
            }
        }
        let settled = directories
        do {
            try await storage.settle(.removals(from: settled))
        } catch {
            for line in lines where line.kind == .blob { failures[line.item] = failures[line.item] ?? "\(error)" }
        }
        return failures
    }

    /// True when the line is back.
    ///
    /// - Parameter failure: why its bytes are not back.
    private func perform(
        _ line: SweepPlan.Line, _ failure: String?, _ unsettled: inout Unsettled,
        _ each: (SweepPlan.Line, SweepPlan.SpareReason?) async -> Void
    ) async -> Bool {
        if let failure {
            await each(line, .failed(failure))
            return false
        }
        do throws(RegistryError) {
            guard let path = line.item.path else { return false }
            try collector.sweeps.confirm()
            if unsettled.kind != line.kind || unsettled.directories.count >= Unsettled.max {
                let directories = unsettled.directories
                try await stored { try await storage.settle(.removals(from: directories)) }
                unsettled = Unsettled(kind: line.kind)
            }
            let reason = try await restore(line, path)
            unsettled.directories.formUnion(Self.directories(of: line, path))
            await each(line, reason.map { .failed($0) })
            return reason == nil
        } catch {
            await each(line, .failed(error.message))
            return false
        }
    }

    /// The directories in which a line has something that comes back.
    private static func directories(of line: SweepPlan.Line, _ path: StoragePath) -> [StoragePath] {
        guard case .blob = line.item else { return path.parent.map { [$0] } ?? [] }
        let layers = line.repositories.flatMap { name in
            Digest.Algorithm.allCases.map { Layout.layers(name).appending($0.name) }
        }
        return (path.parent.map { [$0] } ?? []) + layers
    }

    /// Whether anything of the line is in the quarantine: bytes may have come back and a crash left their links.
    private func isHeld(_ line: SweepPlan.Line) async throws(RegistryError) -> Bool {
        guard let path = line.item.path else { return false }
        if try await stored({ try await quarantine.holds(path) }) { return true }
        guard case .blob(let digest) = line.item else { return false }
        // A directory in place of the bytes is none that a crash leaves.
        let bytes = quarantine.place(of: Layout.blobData(digest))
        if try await stored({ try await storage.stat(bytes) }) != nil { return true }
        for name in line.repositories {
            let link = Layout.layerLink(digest, in: name)
            if try await stored({ try await quarantine.holds(link) }) { return true }
            if try await !aliases(of: digest, name).isEmpty { return true }
        }
        return false
    }

    // MARK: What belongs together

    /// The items with what they need: the manifest of a tag, what a manifest references, the document itself. Some of them
    /// may not be in the quarantine.
    private func whole(_ items: Set<SweepPlan.Item>) async throws(RegistryError) -> Set<SweepPlan.Item> {
        var wanted: Set<SweepPlan.Item> = []
        var pending = Array(items)
        while let item = pending.popLast() {
            guard wanted.insert(item).inserted else { continue }
            switch item {
            case .tag(let tag, let name):
                let link = quarantine.place(of: Layout.tagCurrent(tag, in: name))
                if let target = try await stored({ try await storage.link(at: link) }).digest {
                    pending.append(.revision(target, name))
                }
            case .revision(let digest, let name):
                let link = Layout.revisionLink(digest, in: name)
                guard try await stored({ try await quarantine.holds(link) }) else { continue }
                pending.append(.blob(digest))
                guard let manifest = try await manifest(digest) else { continue }
                for reference in manifest.references {
                    pending += [
                        .blob(reference.digest), .layerLink(reference.digest, name), .revision(reference.digest, name),
                    ]
                }
            case .layerLink(let digest, let name):
                pending.append(.blob(digest))
                let link = quarantine.place(of: Layout.layerLink(digest, in: name))
                if let target = try await stored({ try await storage.link(at: link) }).digest, target != digest {
                    pending.append(.blob(target))
                }
            case .blob, .upload, .repository: break
            }
        }
        return wanted
    }

    /// The manifest, from the tree or from the quarantine; nil when it is in neither, or is none.
    private func manifest(_ digest: Digest) async throws(RegistryError) -> Manifest? {
        let limit = ground.configuration.manifestBytesMax
        let path = Layout.blobData(digest)
        for place in [path, quarantine.place(of: path)] {
            guard let bytes = try? await storage.read(place, limit: limit),
                let manifest = try? Manifest(stored: bytes, algorithm: digest.algorithm), manifest.digest == digest
            else { continue }
            return manifest
        }
        return nil
    }
}
