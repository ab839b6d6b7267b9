import Foundation
import ImageBuilder
import RegistryCollector
import RegistryCore
import RegistryStorage

/// Somebody who has a sweep taken back, and has the answer written down.
struct PowerUndo: Sendable {
    let registry: Registry
    let chronicle: PowerChronicle

    /// Gives the lines that are back.
    func undo(_ run: PowerSchedule.Run) async throws -> [SweepPlan.Line] {
        let prefix = run.prefix
        chronicle.begin("undo") { ledger in
            for key in ledger.kept.keys where key.hasPrefix(prefix) {
                // The records go when all is back.
                if key.hasSuffix(".json") {
                    ledger.kept[key] = nil
                } else {
                    ledger.kept[key]?.origin = PowerTree.root + key.dropFirst(prefix.count)
                }
            }
            for line in run.lines { Self.mayReturn(line, &ledger) }
        }
        guard let undone = try await report(run) else { return [] }
        try chronicle.answer("undo") { ledger in
            for line in undone.restored { Self.returned(line, &ledger) }
            // What is back is promised by what it is.
            ledger.forget(run)
        }
        return undone.restored
    }

    /// Nil for a run that had not begun when its process died, or that was back as a whole when the next one died.
    private func report(_ run: PowerSchedule.Run) async throws -> UndoReport? {
        do {
            return try await Collector(registry.ground, PowerSchedule.settings).undoRun(run.id, by: .test)
        } catch RegistryError.runUnknown {
            return nil
        }
    }

    private static func mayReturn(_ line: SweepPlan.Line, _ ledger: inout PowerLedger) {
        switch line.item {
        case .tag(let tag, let name):
            let place = CollectorModel.TagPlace(name: name, tag: tag)
            if let target = line.target { ledger.mayPoint(place, to: target) }
        case .revision(let digest, let name): ledger.mayHold(CollectorModel.Place(name: name, digest: digest), true)
        case .layerLink(let digest, let name): ledger.mayLink(CollectorModel.Place(name: name, digest: digest), true)
        case .blob: for place in layers(line, ledger) { ledger.mayLink(place, true) }
        case .upload(let id, _): ledger.sessions[id]?.isThere.insert(true)
        case .repository: break
        }
    }

    /// Links that went with the bytes of a layer.
    private static func layers(_ line: SweepPlan.Line, _ ledger: PowerLedger) -> [CollectorModel.Place] {
        guard case .blob(let digest) = line.item else { return [] }
        return line.repositories.map { CollectorModel.Place(name: $0, digest: digest) }
            .filter { ledger.layers[$0] != nil }
    }

    private static func returned(_ line: SweepPlan.Line, _ ledger: inout PowerLedger) {
        switch line.item {
        case .tag(let tag, let name):
            let place = CollectorModel.TagPlace(name: name, tag: tag)
            if let target = line.target { ledger.points(place, to: target) }
        case .revision(let digest, let name):
            let place = CollectorModel.Place(name: name, digest: digest)
            ledger.holds(place, true)
            ledger.swept.remove(place)
        case .layerLink(let digest, let name): ledger.links(CollectorModel.Place(name: name, digest: digest), true)
        case .blob: for place in layers(line, ledger) { ledger.links(place, true) }
        case .upload(let id, _): ledger.sessions[id]?.isThere = [true]
        case .repository: break
        }
    }
}
