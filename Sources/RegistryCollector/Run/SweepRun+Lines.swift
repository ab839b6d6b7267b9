import Foundation
import OCI
import RegistryCore
import RegistryIndex
import RegistryStorage
import Synchronization

/// One line: judged again under its lock, then taken out of the tree, then out of the index.
extension SweepRun {
    func remove(_ line: SweepPlan.Line) async -> Outcome {
        guard ground.standing.additionsLost == indexFailures else {
            return .spared(.failed("the index could not be written to meanwhile, so it may not know what needs this"))
        }
        do throws(RegistryError) {
            try collector.sweeps.confirm()
            switch line.item {
            case .tag(let tag, let name):
                var subjects: [Digest] = []
                if case .fallbackOf(let subject) = line.reason { subjects = [subject] }
                guard let hold = try hold(subjects, [.tag(tag, name)]) else { return .spared(.pushInFlight) }
                return try await removeTag(line, tag, name, hold)
            case .revision(let digest, let name):
                // Also its subject: who pushes that brings back what this one is about.
                let subject = try indexed { try ground.index.read { try $0.manifest(digest)?.subject } }
                guard let hold = try hold([digest] + [subject].compactMap(\.self)) else {
                    return .spared(.pushInFlight)
                }
                return try await removeRevision(digest, name, hold)
            case .layerLink(let digest, let name):
                guard let hold = try hold([digest]) else { return .spared(.pushInFlight) }
                return try await removeLayerLink(digest, name, hold)
            case .blob(let digest):
                guard let hold = try hold([digest]) else { return .spared(.pushInFlight) }
                return try await removeBlob(digest, hold)
            case .upload(let id, let name): return try await removeUpload(id, name)
            case .repository(let name): return try await removeRepository(name)
            }
        } catch {
            return .spared(
                .failed(error.isOutOfSpace ? "no room to keep it: a quarantine of 0 frees it at once" : error.message))
        }
    }

    /// Never waits: whoever holds one of the digests is pushing it or something that relies on it.
    private func hold(_ digests: [Digest], _ others: Set<HoldKey> = []) throws(RegistryError) -> Hold? {
        try ground.coordination.holdNow(.digests(digests).union(others), .exclusive)
    }

    func take(_ path: StoragePath?, _ hold: HoldWatch) async throws(RegistryError) -> Bool {
        guard let path else { return false }
        let isTaken = try await moveOrFree(path, hold)
        if isTaken, let directory = path.parent { isUnsettled(directory) }
        return isTaken
    }

    private func moveOrFree(_ path: StoragePath, _ hold: HoldWatch) async throws(RegistryError) -> Bool {
        let isKept = settings.quarantineSeconds > 0
        do throws(RegistryError) {
            return try await stored { try await quarantine.take(path, copies: isKept, hold) }
        } catch {
            // On a full disk even a rename may need room, and to another medium there is none. Where nothing is to come back
            // it goes at once.
            guard !isKept, error.isOutOfSpace || error.isOfOtherMedium else { throw error }
            let bytes = try await stored { try await allocatedBytes(below: path) }
            try hold.confirm()
            try await stored { try await storage.remove(path, .passing) }
            bytesFreed.wrappingAdd(bytes, ordering: .relaxed)
            return true
        }
    }

    /// Room that a file, or all files below a directory take on the medium. A link takes none: what it leads to stays.
    private func allocatedBytes(below path: StoragePath) async throws -> Int64 {
        guard let status = try await storage.stat(path), !status.isLink else { return 0 }
        var bytes = status.allocated
        for entry in status.isDirectory ? try await storage.list(path) ?? [] : [] {
            bytes = bytes.addingClamped(try await allocatedBytes(below: path.appending(entry.name)))
        }
        return bytes
    }

    private func removeTag(
        _ line: SweepPlan.Line, _ tag: Tag, _ name: RepositoryName, _ hold: borrowing Hold
    ) async throws(RegistryError) -> Outcome {
        let target = try await ground.resolve(.tag(tag), in: name)
        var thing = MayGo.Thing(repositories: [name], isThere: target != nil)
        thing.isHeld = if target == line.target { try isUsed(line, tag, name) } else { true }
        if case .fallbackOf(let subject) = line.reason, try await ground.holdsManifest(subject, in: name) {
            thing.isHeld = true
        }
        if let spare = try judge({ _ in thing }) { return .spared(spare) }
        guard try await take(line.item.path, hold.watch()) else { return .spared(.alreadyGone) }
        try ground.committed(target.map { [.tagDeleted(name, tag, $0)] } ?? [], by: client) {
            try $0.tagRemoved(tag, in: name, at: Ground.now, by: client.address, .swept)
        }
        return .removed(allocated: 0)
    }

    /// True when the tag was set since the preview, be it to the same manifest, or pulled where the retention heeds pulls.
    private func isUsed(
        _ line: SweepPlan.Line, _ tag: Tag, _ name: RepositoryName
    ) throws(RegistryError) -> Bool {
        let held = try indexed { try ground.index.read { try $0.tagKey(tag, in: name) } }
        // Another time, be it an earlier one: the clock may have been set back in between.
        if let held, let since = line.since, held.updated != Int64(since.timeIntervalSince1970) { return true }
        guard case .notRetained = line.reason, collector.settings.retention?.heedsPulls == true else {
            return false
        }
        return ground.lastPulls.last(name, tag).map { $0 > plan.made } ?? false
    }

    private func removeRevision(
        _ digest: Digest, _ name: RepositoryName, _ hold: borrowing Hold
    ) async throws(RegistryError) -> Outcome {
        let spare = try judge { view in
            guard let row = try view.sweepRevision(digest, in: name) else { return MayGo.Thing(isThere: false) }
            // What held it in the plan is gone by now, for it stands earlier; what holds it still is new.
            return MayGo.Thing(
                digest: digest, repositories: [name], isHeld: try view.isHeld(row, in: name), leased: row.leased)
        }
        if let spare { return .spared(spare) }
        _ = try await take(SweepPlan.Item.revision(digest, name).path, hold.watch())
        try ground.forgetRevision(digest, in: name, [], by: client)
        return .removed(allocated: 0)
    }

    private func removeLayerLink(
        _ digest: Digest, _ name: RepositoryName, _ hold: borrowing Hold
    ) async throws(RegistryError) -> Outcome {
        let spare = try judge { view in
            let idle = try view.idleLayer(digest, in: name)
            let isThere = try idle != nil || view.holdsLayer(digest, in: name)
            return MayGo.Thing(
                digest: digest, repositories: [name], isThere: isThere, isHeld: idle == nil, leased: idle?.leased ?? 0)
        }
        if let spare { return .spared(spare) }
        let isTaken = try await take(SweepPlan.Item.layerLink(digest, name).path, hold.watch())
        try ground.committed { try $0.layerUnlinked(digest, in: name) }
        return isTaken ? .removed(allocated: 0) : .spared(.alreadyGone)
    }

    private func removeBlob(_ digest: Digest, _ hold: borrowing Hold) async throws(RegistryError) -> Outcome {
        // Every link that leads to the bytes, those that distribution wrote under another digest included.
        var links: [(RepositoryName, Digest)] = []
        let spare = try judge { view in
            let holders = try view.repositories(withLayer: digest)
            links = holders.map { ($0, digest) } + (try view.aliases(of: digest)).map { ($0.repository, $0.alias) }
            let blob = try view.references(to: digest)
            return MayGo.Thing(
                digest: digest, repositories: links.map(\.0), isThere: blob?.present ?? false,
                isHeld: blob?.count ?? 0 > 0,
                leased: blob?.leased ?? 0)
        }
        if let spare { return .spared(spare) }
        // Links before bytes: a crash in between leaves bytes that nothing names, never a name without bytes. Where the medium
        // keeps no order a power cut may leave such a link; nothing needs it, and the next sweep takes it.
        let size: Int64
        let isTaken: Bool
        do throws(RegistryError) {
            for (name, link) in links {
                _ = try await take(SweepPlan.Item.layerLink(link, name).path, hold.watch())
            }
            size = await allocated(below: Layout.blob(digest))
            isTaken = try await take(Layout.blob(digest), hold.watch())
        } catch {
            // Some links may have gone, of which the index is not told here.
            for (name, link) in links { ground.gaps.note(.layer(link, name)) }
            throw error
        }
        ground.manifests.remove(digest)
        try ground.committed { change in
            for (name, link) in links { try change.layerUnlinked(link, in: name) }
            try change.blobAbsent(digest)
        }
        return isTaken ? .removed(allocated: size) : .spared(.alreadyGone)
    }

    private func removeUpload(_ id: UploadID, _ name: RepositoryName) async throws(RegistryError) -> Outcome {
        guard let claim = try ground.coordination.holdNow([.upload(id)], .exclusive) else {
            return .spared(.pushInFlight)
        }
        let place = Layout.upload(id.text, in: name)
        guard let upload = try await collector.uploadState(id, in: name) else {
            ground.uploads.end(id)
            return .spared(.alreadyGone)
        }
        if let spare = try judge({ _ in MayGo.Thing(written: upload.lastWrite) }) { return .spared(spare) }
        let size = await allocated(below: place)
        let isTaken = try await take(place, claim.watch())
        ground.uploads.end(id)
        return isTaken ? .removed(allocated: size) : .spared(.alreadyGone)
    }

    /// Asks the one list of conditions about a thing on the present state of the index: why it stays, or nil.
    func judge(_ thing: (IndexView) throws -> MayGo.Thing) throws(RegistryError) -> SweepPlan.SpareReason? {
        try indexed {
            try ground.index.read { view in
                let mayGo = MayGo(
                    now: Ground.now, options: plan.options, promised: ground.coordination.promised,
                    isPinned: { _ in false }, damage: view.damage(naming:or:))
                return try mayGo.reasonToStay(try thing(view))
            }
        }
    }
}
