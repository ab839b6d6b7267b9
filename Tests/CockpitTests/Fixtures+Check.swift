import Foundation
import OCI
import RegistryCollector
import RegistryCore

@testable import Cockpit

/// What the comparison with the tree could not read.
func sampleDamage() -> [SweepPlan.Damage] {
    let root = "docker/registry/v2/repositories"
    return [
        SweepPlan.Damage(path: "\(root)/Old Stuff", reason: "its name cannot be a repository's"),
        SweepPlan.Damage(path: "\(root)/team/old/_manifests/tags/1/current/link", reason: "the link is empty"),
    ]
}

/// Two that a repair mends, each in its own way, and two that it leaves to people.
func sampleFindings() throws -> [CheckFinding] {
    let app = try RepositoryName("team/app")
    let root = "docker/registry/v2/repositories"
    let (layer, single) = (try digest("base"), try digest("single"))
    let corrupt = try digest("amd64 layer")
    return [
        CheckFinding(
            kind: .damagedLink, path: "\(root)/team/app/_layers/sha256/\(layer.hex)/link", repository: app,
            digest: layer, reason: "the link is empty", repair: .relink),
        CheckFinding(
            kind: .missingReference, path: "\(root)/team/app/_manifests/revisions/sha256/\(single.hex)/link",
            repository: app, digest: single, reason: "it needs the blob \(layer), which the repository does not hold"),
        CheckFinding(
            kind: .emptyTag, path: "\(root)/team/app/_manifests/tags/half", repository: app, tag: try Tag("half"),
            reason: "the tag points at nothing", repair: .quarantine),
        CheckFinding(
            kind: .corruptBytes, path: "docker/registry/v2/blobs/sha256/\(corrupt.hex.prefix(2))/\(corrupt.hex)/data",
            digest: corrupt, reason: "its bytes are those of \(single)", repair: .quarantine),
        CheckFinding(
            kind: .foreignPlace, path: "\(root)/Old Stuff",
            reason: "its name cannot be a repository's, so nobody can pull from it"),
    ]
}

/// A check of every byte that found the sample's findings.
func sampleCheckReport() throws -> CheckReport {
    var report = CheckReport()
    (report.repositories, report.tags, report.manifests, report.blobs) = (3, 5, 9, 1_207)
    report.bytes = 42 << 30
    (report.blobsHashed, report.bytesHashed) = (1_207, 42 << 30)
    report.findings = try sampleFindings()
    report.seconds = 83.4
    return report
}

/// Two mended, one left.
func sampleRepairs() throws -> RepairReport {
    let findings = try sampleFindings()
    var report = RepairReport()
    report.quarantine = "berth/quarantine/2026-03-14T12-00-11Z"
    report.repaired = [findings[0], findings[2]]
    report.left = [.init(finding: findings[3], reason: "it has changed since")]
    return report
}

/// A check of every byte, so far along.
func sampleProgress(_ done: Int64, at seconds: Double) throws -> CheckProgress {
    CheckProgress(
        phase: .hash, done: done, total: 42 << 30, place: try digest("amd64 layer").description, findings: 3,
        seconds: seconds)
}

/// A comparison of the index with the tree on its way.
func sampleReconciling(seconds: Double = 12) -> ReconcileProgress {
    var progress = ReconcileProgress()
    (progress.repositories, progress.manifests, progress.blobs) = (214, 12_000, 3_011)
    progress.fraction = 0.43
    progress.seconds = seconds
    return progress
}
