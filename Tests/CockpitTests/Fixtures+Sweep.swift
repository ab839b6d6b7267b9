import Foundation
import OCI
import RegistryCollector
import RegistryCore

@testable import Cockpit

private func name(_ text: String) throws -> RepositoryName { try RepositoryName(text) }

private let runID = UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))

/// A plan with a line of each kind, and one more blob.
func samplePlan() throws -> SweepPlan {
    let (app, ci) = (try name("team/app"), try name("tools/ci"))
    let upload = SweepPlan.Item.upload(UploadID("5f0c1a2b-0000-4000-8000-00000000c0de") ?? UploadID(), ci)
    return SweepPlan(
        id: runID, options: SweepOptions(), generation: 7, made: noon,
        lines: [
            SweepPlan.Line(
                .tag(try Tag("1.2"), app), reason: .notRetained("not among the newest 10"),
                target: try digest("old")),
            SweepPlan.Line(
                .revision(try digest("ci old"), ci), mediaType: .ociManifest, reason: .untagged,
                since: noon.addingTimeInterval(-86_400 * 9),
                lastTag: SweepPlan.LastTag(
                    repository: ci, tag: try Tag("1.3"), until: noon.addingTimeInterval(-86_400 * 9), by: "10.0.0.4",
                    how: .moved)),
            SweepPlan.Line(
                .layerLink(try digest("base"), ci), mediaType: .ociLayerGzip, reason: .unneeded),
            SweepPlan.Line(
                .blob(try digest("ci layer")), bytes: 210 << 20, mediaType: .ociLayerGzip, repositories: [ci, app],
                reason: .onlyRemovedReferences, since: noon.addingTimeInterval(-86_400 * 9),
                lastTag: SweepPlan.LastTag(
                    repository: ci, tag: try Tag("1.3"), until: noon.addingTimeInterval(-86_400 * 9), by: "10.0.0.4",
                    how: .moved)),
            SweepPlan.Line(
                .blob(try digest("abandoned")), bytes: 4_198, repositories: [],
                reason: .unreferenced, since: noon.addingTimeInterval(-86_400 * 2)),
            SweepPlan.Line(
                upload, bytes: 12 << 20, reason: .abandoned, since: noon.addingTimeInterval(-86_400 * 8)),
            SweepPlan.Line(.repository(try name("old/empty")), reason: .empty),
        ],
        spared: [
            SweepPlan.Spared(
                .blob(try digest("fresh")), bytes: 88 << 20, mediaType: .ociLayerGzip, repositories: [app],
                reason: .leased(until: noon.addingTimeInterval(420)))
        ],
        damaged: [SweepPlan.Damage(path: "team/old/_manifests/tags/1/current/link", reason: "not a digest")],
        bytesShared: 8 << 20)
}

/// What an option does not ask for is not in the plan.
extension SweepPlan {
    func asked(by options: SweepOptions, generation: UInt64) -> SweepPlan {
        var plan = self
        (plan.options, plan.generation) = (options, generation)
        plan.lines.removeAll { line in
            switch line.kind {
            case .tag: !options.retention
            case .revision: !options.untagged
            case .layerLink: !options.layerLinks
            case .blob: line.reason == .onlyRemovedReferences && !options.untagged
            case .upload: options.uploadSeconds == nil
            case .repository: false
            }
        }
        if !options.untagged { plan.bytesShared = 0 }
        return plan
    }
}

func sampleReport() throws -> SweepReport {
    let plan = try samplePlan()
    return SweepReport(
        plan: plan.id, removed: [plan.lines[4]],
        spared: [
            SweepPlan.Spared(plan.lines[3], .cameAlive), SweepPlan.Spared(plan.lines[1], .pushInFlight),
        ], bytesFreed: 8_192, seconds: 0.28)
}

/// A run that has ended, and one that did not come to its end.
func sampleRuns() throws -> [QuarantinedRun] {
    let plan = try samplePlan()
    return [
        QuarantinedRun(
            id: runID, started: noon.addingTimeInterval(-3_600), by: "cockpit", state: .finished,
            lines: Array(plan.lines[1...5]), linesPlanned: 6, purged: noon.addingTimeInterval(82_800),
            quarantineSeconds: 86_400),
        QuarantinedRun(
            id: UUID(uuid: (2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2)),
            started: noon.addingTimeInterval(-86_400 * 2), by: "schedule", state: .interrupted,
            lines: [plan.lines[4]], linesPlanned: 31, purged: noon.addingTimeInterval(7_200),
            quarantineSeconds: 86_400),
    ]
}

func sampleReclaim(_ subject: Reclaim.Subject) throws -> Reclaim {
    Reclaim(
        subject: subject, tags: 1, manifests: 1, blobs: 3, bytesFreed: 604 << 20, bytesShared: 8 << 20,
        sharers: try ["latest", "broken"].map {
            Reclaim.Sharer(repository: try name("team/app"), tag: try Tag($0), bytes: 8 << 20)
        } + [Reclaim.Sharer(repository: try name("base/alpine"), tag: try Tag("3.20"), bytes: 8 << 20)],
        sharersMore: 12, bytesSpared: 88 << 20)
}

func sampleHistory() throws -> [TagHistoryEntry] {
    [
        TagHistoryEntry(
            digest: try digest("single"), since: noon.addingTimeInterval(-7), isCurrent: true, isThere: true,
            bytes: 612 << 20),
        TagHistoryEntry(
            digest: try digest("before"), since: noon.addingTimeInterval(-86_400 * 2), isCurrent: false,
            isThere: true, bytes: 598 << 20),
        TagHistoryEntry(digest: try digest("swept"), since: nil, isCurrent: false, isThere: false, bytes: 0),
    ]
}

func sampleDeparture(_ tag: String, canReturn: Bool = true) throws -> TagDeparture {
    TagDeparture(
        repository: try name("team/app"), tag: try Tag(tag), digest: try digest("gone"),
        at: noon.addingTimeInterval(-86_400), by: "10.0.0.4", cause: .deleted, canReturn: canReturn)
}
