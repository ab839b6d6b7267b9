import Foundation
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryStorage
import StorageProbes

extension PowerSchedule {
    typealias Place = CollectorModel.Place
    typealias TagPlace = CollectorModel.TagPlace

    // MARK: Sweeps

    func sweep() async throws {
        let options = SweepOptions(
            untagged: roll(2) == 0, uploadSeconds: pick([nil, 0]), referrerSeconds: pick([nil, 0]), graceSeconds: 0,
            retention: roll(2) == 0)
        // What was promised in memory goes with the process.
        try await reopen()
        let plan = try await collector.planSweep(options, by: .test)
        // Tags are to come back now and then.
        let keepSeconds = options.retention ? 3600 : pick([0, 3600])
        let run = Run(id: plan.id, lines: plan.lines, keepSeconds: keepSeconds, isOver: false)
        steps.append("sweep \(plan.lines.count) lines, keeping \(run.keepSeconds)")
        runs.append(run)
        try await sweep(run, "sweep") { [collector] settings in try await collector.run(plan, settings, by: .test) }
    }

    /// Goes on with a sweep in which the process died.
    func resume() async throws {
        guard let run = runs.last(where: { !$0.isOver }) else { return }
        steps.append("resume")
        do {
            try await sweep(run, "resume") { [collector] settings in
                do {
                    return try await collector.resumeRun(run.id, settings, by: .test)
                } catch RegistryError.runEnded {
                    // It had come to its end when the process died, which nobody was told.
                    return try await Self.report(of: run, collector)
                }
            }
        } catch RegistryError.runUnknown {
            // It had not begun.
            runs.removeAll { $0.id == run.id }
        }
    }

    /// Of a run that has ended, by what it has in the quarantine.
    private static func report(of run: Run, _ collector: Collector) async throws -> SweepReport {
        var removed: [SweepPlan.Line] = []
        try await collector.quarantinedLines(of: run.id, by: .test) { removed.append($0) }
        let gone = Set(removed.map(\.item))
        let spared = run.lines.filter { !gone.contains($0.item) }.map { SweepPlan.Spared($0, .stopped) }
        return SweepReport(plan: run.id, removed: removed, spared: spared, bytesFreed: 0, seconds: 0)
    }

    private func sweep(
        _ run: Run, _ step: String, _ body: (SweepRunSettings) async throws -> SweepReport
    ) async throws {
        let before = chronicle.ledger
        let going = run.keepSeconds > 0 ? try await files(of: run.lines.filter { before.promises($0) }, in: run) : [:]
        chronicle.begin(step) { ledger in
            for line in run.lines { Self.mayTake(line, &ledger) }
            ledger.kept.merge(going) { old, _ in old }
        }
        let report = try await body(SweepRunSettings(quarantineSeconds: run.keepSeconds, othersAreStopped: true))
        let kept = run.keepSeconds > 0 ? try await quarantined(run) : [:]
        try chronicle.answer(step) { ledger in
            for spared in report.spared { Self.stays(spared.item, &ledger, as: before) }
            for line in report.removed { Self.took(line, &ledger) }
            ledger.forget(run)
            ledger.kept.merge(kept) { $1 }
        }
        for line in report.removed { forget(line) }
        runs.removeAll { $0.id == run.id }
        if kept.keys.contains(where: { $0.contains("/docker/") }) {
            runs.append(Run(id: run.id, lines: report.removed, keepSeconds: run.keepSeconds, isOver: true))
        }
    }

    private static func mayTake(_ line: SweepPlan.Line, _ ledger: inout PowerLedger) {
        switch line.item {
        case .tag(let tag, let name): ledger.mayPoint(TagPlace(name: name, tag: tag), to: nil)
        case .revision(let digest, let name):
            ledger.mayHold(Place(name: name, digest: digest), false)
            ledger.swept.insert(Place(name: name, digest: digest))
        case .layerLink(let digest, let name): ledger.mayLink(Place(name: name, digest: digest), false)
        case .blob(let digest):
            // Its links go with it, and are of no use without it.
            for place in ledger.layers.keys where place.digest == digest {
                ledger.mayLink(place, false)
                ledger.swept.insert(place)
            }
        case .upload(let id, _): ledger.sessions[id]?.isThere.insert(false)
        case .repository: break
        }
    }

    private static func took(_ line: SweepPlan.Line, _ ledger: inout PowerLedger) {
        switch line.item {
        case .tag(let tag, let name): ledger.points(TagPlace(name: name, tag: tag), to: nil)
        case .revision(let digest, let name): ledger.holds(Place(name: name, digest: digest), false)
        case .layerLink(let digest, let name): ledger.links(Place(name: name, digest: digest), false)
        case .blob(let digest):
            for place in ledger.layers.keys where place.digest == digest { ledger.links(place, false) }
        case .upload(let id, _): ledger.sessions[id]?.isThere = [false]
        case .repository: break
        }
    }

    private static func stays(_ item: SweepPlan.Item, _ ledger: inout PowerLedger, as before: PowerLedger) {
        func isSwept(_ place: Place) {
            if before.swept.contains(place) { ledger.swept.insert(place) } else { ledger.swept.remove(place) }
        }
        switch item {
        case .tag(let tag, let name):
            let place = TagPlace(name: name, tag: tag)
            ledger.tags[place] = before.tags[place]
        case .revision(let digest, let name):
            let place = Place(name: name, digest: digest)
            ledger.revisions[place] = before.revisions[place]
            isSwept(place)
        case .layerLink(let digest, let name):
            let place = Place(name: name, digest: digest)
            ledger.layers[place] = before.layers[place]
        case .blob(let digest):
            for place in ledger.layers.keys where place.digest == digest {
                ledger.layers[place] = before.layers[place]
                isSwept(place)
            }
        case .upload(let id, _): ledger.sessions[id] = before.sessions[id]
        case .repository: break
        }
    }

    private func forget(_ line: SweepPlan.Line) {
        switch line.item {
        case .tag(let tag, let name): model.tags[TagPlace(name: name, tag: tag)] = nil
        case .revision(let digest, let name): model.revisions.remove(Place(name: name, digest: digest))
        case .layerLink, .blob, .upload, .repository: break
        }
    }

    /// What lines are to take, each file at the place where it is to go: from now on it is there or where it was.
    private func files(of lines: [SweepPlan.Line], in run: Run) async throws -> [String: PowerLedger.Kept] {
        var paths: [StoragePath] = []
        for line in lines {
            switch line.item {
            case .tag(let tag, let name): paths.append(Layout.tag(tag, in: name))
            case .revision(let digest, let name): paths.append(Layout.revisionLink(digest, in: name))
            case .layerLink(let digest, let name): paths.append(Layout.layerLink(digest, in: name))
            case .blob(let digest):
                paths.append(Layout.blobData(digest))
                paths += line.repositories.map { Layout.layerLink(digest, in: $0) }
            case .upload(let id, let name): paths.append(Layout.upload(id.text, in: name))
            case .repository: break
            }
        }
        var files: [String: PowerLedger.Kept] = [:]
        for path in paths {
            var content = try await Tree.content(of: driver, below: path)
            if let bytes = try? await driver.read(path, limit: 1 << 20) { content[path.text] = bytes }
            // A temporary file is no content for anybody.
            for (place, bytes) in content where !place.hasSuffix(".tmp") {
                files[run.prefix + place] = PowerLedger.Kept(bytes: bytes, origin: PowerTree.root + place)
            }
        }
        return files
    }

    /// Files of a run in the quarantine.
    private func quarantined(_ run: Run) async throws -> [String: PowerLedger.Kept] {
        try await Tree.content(of: driver, below: run.trash).reduce(into: [:]) { kept, file in
            if !file.key.hasSuffix(".tmp") { kept[PowerTree.root + file.key] = PowerLedger.Kept(bytes: file.value) }
        }
    }

    // MARK: Undo, purge

    func undo() async throws {
        guard !runs.isEmpty else { return }
        let run = pick(runs)
        steps.append("undo")
        try await undo(run)
        // One in which the process died can be had again.
        runs.removeAll { $0.id == run.id }
    }

    func undo(_ run: Run) async throws {
        isBack(try await PowerUndo(registry: registry, chronicle: chronicle).undo(run))
    }

    func isBack(_ lines: [SweepPlan.Line]) {
        for line in lines {
            switch line.item {
            case .tag(let tag, let name):
                if let target = line.target { model.put(target, in: name, tag: tag) }
            case .revision(let digest, let name): model.revisions.insert(Place(name: name, digest: digest))
            case .layerLink, .blob, .upload, .repository: break
            }
        }
    }

    func purge() async throws {
        guard !runs.isEmpty else { return }
        let run = runs.remove(at: roll(runs.count))
        steps.append("purge")
        // One that was not answered may have taken nothing yet.
        guard try await driver.stat(run.trash) != nil else { return }
        chronicle.begin("purge") { $0.forget(run) }
        _ = try await collector.purgeRun(run.id, by: .test)
        try chronicle.answer("purge") { $0.cleared.insert(run.prefix + "run.json") }
    }

    // MARK: Repair

    /// Something is damaged, and mended.
    func repair() async throws {
        let name = pick(world.names)
        let image = pick(world.images.filter { !$0.blobs.isEmpty })
        let blob = pick(image.blobs)
        let place = Place(name: name, digest: blob.digest)
        let push = PowerPush(registry: registry, chronicle: chronicle)
        let link = Layout.layerLink(blob.digest, in: name)
        let isHeld = model.revisions.contains { $0.name == name }
        let isStray = isHeld || roll(2) == 0
        try await push.finish(try await push.start(in: name), blob.bytes, as: blob.digest, in: name)
        steps.append("repair \(isStray ? "a stray file" : "a link")")
        let stray = link.parent.map { $0.appending("link.\(roll(1000)).tmp") }
        let wound = isStray ? stray ?? link : link
        chronicle.begin("wound") { ledger in
            ledger.wounds.insert(PowerTree.root + wound.text)
            ledger.cleared.remove(PowerTree.root + wound.text)
            if !isStray { ledger.layers[place] = nil }
        }
        try await outsider.write(wound, Array("garbage".utf8))
        try chronicle.answer("wound")
        wounds.append(Wound(path: wound, place: isStray ? nil : place))
        try await mend()
    }

    /// Finds what was left a moment ago too.
    private static var checks: CheckOptions {
        var checks = CheckOptions()
        checks.strayAge = 0
        return checks
    }

    /// Repairs what is damaged.
    func mend() async throws {
        for wound in wounds {
            let findings = try await collector.check(Self.checks, by: .test).findings.filter {
                $0.path == wound.path.text
            }
            chronicle.begin("repair")
            let report = try await collector.repair(findings, by: .test)
            let path = PowerTree.root + wound.path.text
            try chronicle.answer("repair") { ledger in
                guard report.repaired.count == 1 else { return }
                ledger.wounds.remove(path)
                if let place = wound.place {
                    ledger.links(place, true)
                } else {
                    ledger.cleared.insert(path)
                    if let quarantine = report.quarantine {
                        ledger.kept["\(PowerTree.root)\(quarantine)/\(wound.path.text)"] = PowerLedger.Kept(
                            bytes: Array("garbage".utf8))
                    }
                }
            }
        }
        wounds = []
    }
}
