import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore

@testable import Cockpit

/// A registry small enough to know by heart, as values: what the effects of a scenario are answered from.
struct FakeRegistry: Sendable {
    var generation: UInt64 = 7
    var repositories: [RepositorySummary]
    var tags: [RepositoryName: [TagSummary]]
    var graphs: [RepositoryName: [Reference: ImageGraph]]
    var users: [Digest: [BlobUse]]
    var plan: SweepPlan
    var report: SweepReport
    /// Users of every blob that `users` does not name.
    var otherUsers: [BlobUse]
    var damage: [SweepPlan.Damage] = []
    var checkReport = CheckReport()
    var repairReport = RepairReport()
    var runs: [QuarantinedRun] = []
    /// Says that another registry writes to the tree, until the user says that none does.
    var evidence: String?
    var reclaim: Reclaim
    var history: [TagHistoryEntry]
    var departures: [TagDeparture]

    /// Three repositories; `team/app` has an index under two names, a single image and one with a hole.
    static func sample() throws -> FakeRegistry {
        let app = try RepositoryName("team/app")
        let index = try digest("index")
        let tags = [
            TagSummary(
                tag: try Tag("1.10"), digest: index, mediaType: .ociIndex, platforms: ["linux/amd64", "linux/arm64"],
                bytes: 840 << 20, updated: noon.addingTimeInterval(-7), sameDigest: 1,
                lastPull: noon.addingTimeInterval(-3)),
            TagSummary(
                tag: try Tag("1.9"), digest: try digest("single"), mediaType: .ociManifest, bytes: 612 << 20,
                updated: noon.addingTimeInterval(-86_400 * 3)),
            TagSummary(
                tag: try Tag("latest"), digest: index, mediaType: .ociIndex,
                platforms: ["linux/amd64", "linux/arm64"], bytes: 840 << 20, updated: noon.addingTimeInterval(-7),
                sameDigest: 1),
            TagSummary(
                tag: try Tag("broken"), digest: try digest("broken"), mediaType: .ociManifest, bytes: 88 << 20,
                updated: noon.addingTimeInterval(-86_400 * 400), isDamaged: true),
        ]
        let alpine = try RepositoryName("base/alpine")
        let ci = try RepositoryName("tools/ci")
        let alpineTags = [
            TagSummary(
                tag: try Tag("3.20"), digest: try digest("alpine"), mediaType: .ociManifest, bytes: 8 << 20,
                updated: noon.addingTimeInterval(-3600))
        ]
        return FakeRegistry(
            repositories: [
                RepositorySummary(
                    name: alpine, tagCount: 1, manifestCount: 1, bytes: 8 << 20, bytesUnique: 4_198,
                    lastPush: noon.addingTimeInterval(-3600)),
                RepositorySummary(
                    name: app, tagCount: 4, manifestCount: 6, bytes: 1_250 << 20, bytesUnique: 1_242 << 20,
                    lastPush: noon.addingTimeInterval(-7), lastPull: noon.addingTimeInterval(-3)),
                RepositorySummary(name: ci, tagCount: 0, manifestCount: 2, bytes: 402 << 20, bytesUnique: 402 << 20),
            ],
            tags: [app: tags, alpine: alpineTags, ci: []],
            graphs: [
                app: [
                    .tag(try Tag("1.10")): ImageGraph(
                        repository: app, reference: .tag(try Tag("1.10")), root: try indexNode(), bytes: 840 << 20,
                        bytesExclusive: 0),
                    .tag(try Tag("1.9")): ImageGraph(
                        repository: app, reference: .tag(try Tag("1.9")), root: try singleNode(), bytes: 612 << 20,
                        bytesExclusive: 604 << 20),
                    .tag(try Tag("broken")): ImageGraph(
                        repository: app, reference: .tag(try Tag("broken")), root: try brokenNode(), bytes: 8 << 20,
                        bytesExclusive: 1_024),
                ],
                alpine: [
                    .tag(try Tag("3.20")): ImageGraph(
                        repository: alpine, reference: .tag(try Tag("3.20")),
                        root: ImageGraph.Node(
                            digest: try digest("alpine"), mediaType: .ociManifest, role: .manifest, bytes: 528,
                            children: [try baseLayer()]), bytes: 8 << 20, bytesExclusive: 528)
                ],
            ],
            users: [
                try digest("base"): [
                    BlobUse(repository: alpine, tag: try Tag("3.20"), digest: try digest("alpine")),
                    BlobUse(repository: app, tag: try Tag("1.10"), digest: index),
                    BlobUse(repository: app, tag: try Tag("1.9"), digest: try digest("single")),
                    BlobUse(repository: app, tag: try Tag("latest"), digest: index),
                ]
            ],
            plan: try samplePlan(), report: try sampleReport(),
            otherUsers: [
                BlobUse(repository: app, tag: try Tag("1.10"), digest: index),
                BlobUse(repository: app, tag: try Tag("latest"), digest: index),
            ], runs: try sampleRuns(), reclaim: try sampleReclaim(.pattern("*")), history: try sampleHistory(),
            departures: [try sampleDeparture("1.8"), try sampleDeparture("0.9", canReturn: false)])
    }

    /// The same with damage, findings of a check and a repair that mends some of them.
    static func wounded() throws -> FakeRegistry {
        var registry = try sample()
        registry.damage = sampleDamage()
        registry.checkReport = try sampleCheckReport()
        registry.repairReport = try sampleRepairs()
        return registry
    }

    /// What the registry would answer; nil for effects that have no answer.
    func answer(_ effect: Effect) -> Message? {
        switch effect {
        case .loadRepositories:
            .repositories(.success(RepositoryChanges(changed: repositories.sorted { $0.name < $1.name })))
        case .arrangeRepositories(let job): .repositoriesArranged(job.run())
        case .arrangeTags(let job): .tagsArranged(job.run())
        case .loadTags(let name, _):
            .tags(
                name,
                tags[name].map { .success(TagListing(TagList($0))) }
                    ?? .failure(Failure("repository \(name) is not known")))
        case .loadGraph(let name, let reference):
            .graph(
                name, reference,
                graphs[name]?[reference].map { .success($0) }
                    ?? .failure(Failure("\(name) has no manifest \(reference)")))
        case .loadUsers(let digest): .users(digest, .success(users[digest] ?? otherUsers))
        case .findPullable(let names):
            .pullable(
                .success(
                    names.map { name in
                        RepositoryReference(
                            name, tags[name]?.last.map { .tag($0.tag) } ?? .digest(Digest.of(Array("untagged".utf8))))
                    }))
        case .deleteTags(let tags, let name):
            .tagsDeleted(
                name, tags.map { ($0, nil) },
                undo: tags.map {
                    var departure = departures[0]
                    (departure.repository, departure.tag) = (name, $0)
                    return departure
                })
        case .restoreTags(let departures): .tagsRestored(departures.map { ($0, nil) })
        case .setTag(let tag, let digest, let name): .tagSet(tag, digest, name, nil)
        case .loadHistory(let tag, let name): .history(tag, name, .success(history))
        case .loadDeletedTags(let name): .deletedTags(name, .success(departures))
        case .reclaim(let subject): .reclaimed(subject, .success(reclaim))
        case .planSweep(let options):
            .planned(options, .success(plan.asked(by: options, generation: generation)))
        case .runSweep(let job):
            evidence.flatMap { job.settings.othersAreStopped ? nil : .sweepRefused(evidence: $0) }
                ?? .swept(.success(report))
        case .writeSweep: .sweepWritten(.success("/srv/berth/berth/sweep-plan-01020304.json"))
        case .loadQuarantine: .quarantine(.success(runs))
        case .putBack(let run, _):
            .putBack(.success(UndoReport(run: run, restored: runs.first?.lines ?? [], kept: [])))
        case .purge: .purged(.success(222 << 20))
        case .loadDamage: .damage(.success(damage))
        case .check: .checked(.success(checkReport))
        case .repair: .repaired(.success(repairReport))
        case .pauseSweep, .continueSweep, .stopSweep, .stopCheck, .startServer, .stopServer, .restartServer, .terminal:
            nil
        }
    }
}

/// Saturday 14 March 2026, 12:00:07 UTC: the time of every fixture.
let noon = Date(timeIntervalSince1970: 1_773_489_607)

/// A digest that stands for a word.
func digest(_ word: String) throws -> Digest { Digest.of(Array(word.utf8)) }

func fixtureSetup(address: String = "127.0.0.1:5000") -> Setup {
    Setup(
        title: "demo", address: address, storageRoot: "/srv/berth",
        themes: [
            Theme(name: "night", appearance: .dark), Theme(name: "day", appearance: .light),
            Theme(name: "nord", appearance: .dark),
        ], timeZone: .gmt)
}

private func baseLayer() throws -> ImageGraph.Node {
    ImageGraph.Node(
        digest: try digest("base"), mediaType: .ociLayerGzip, role: .layer, bytes: 8 << 20, usedByTags: 4)
}

private func manifest(
    _ name: String, platform: String?, layer: Int64, uses: Int
) throws -> ImageGraph.Node {
    ImageGraph.Node(
        digest: try digest(name), mediaType: .ociManifest, role: .manifest, bytes: 1_204, platform: platform,
        usedByTags: uses,
        children: [
            ImageGraph.Node(
                digest: try digest("\(name) config"), mediaType: .ociConfig, role: .config, bytes: 3_172,
                usedByTags: uses),
            try baseLayer(),
            ImageGraph.Node(
                digest: try digest("\(name) layer"), mediaType: .ociLayerGzip, role: .layer, bytes: layer << 20,
                usedByTags: uses),
        ])
}

private func indexNode() throws -> ImageGraph.Node {
    var amd64 = try manifest("amd64", platform: "linux/amd64", layer: 430, uses: 2)
    amd64.children.append(
        ImageGraph.Node(
            digest: try digest("signature"), mediaType: .ociManifest, role: .referrer, bytes: 812, usedByTags: 2,
            children: [
                ImageGraph.Node(
                    digest: try digest("signature blob"), mediaType: .octetStream, role: .layer, bytes: 240,
                    usedByTags: 2)
            ]))
    return ImageGraph.Node(
        digest: try digest("index"), mediaType: .ociIndex, role: .index, bytes: 1_610, usedByTags: 2,
        children: [amd64, try manifest("arm64", platform: "linux/arm64", layer: 402, uses: 2)])
}

private func singleNode() throws -> ImageGraph.Node { try manifest("single", platform: nil, layer: 604, uses: 1) }

private func brokenNode() throws -> ImageGraph.Node {
    var node = try manifest("broken", platform: nil, layer: 80, uses: 1)
    node.children[2].present = false
    node.children[2].bytesClaimed = node.children[2].bytes
    node.children[2].bytes = 0
    return node
}

/// A push of `team/app:1.10` by docker, a pull of it, a refused push, a deleted tag.
func sampleEvents() throws -> [RegistryEvent] {
    let app = try RepositoryName("team/app")
    let docker = Client(address: "10.0.0.4:51234", userAgent: "docker/27.3")
    let skopeo = Client(address: "10.0.0.9:40000", userAgent: "skopeo/1.16")
    let layer = Descriptor(mediaType: .ociLayerGzip, digest: try digest("amd64 layer"), size: 430 << 20)
    let manifest = Descriptor(mediaType: .ociManifest, digest: try digest("amd64"), size: 1_204)
    let tag = try Tag("1.10")
    func at(_ seconds: Double, _ client: Client, _ action: RegistryEvent.Action) -> RegistryEvent {
        RegistryEvent(time: noon.addingTimeInterval(seconds), client: client, action: action)
    }
    return [
        at(-60, .cockpit, .reconciled(repositories: 3, manifests: 9, damaged: 0, seconds: 0.2)),
        at(-20, docker, .blobMounted(app, layer, from: try RepositoryName("base/alpine"))),
        at(-12, docker, .blobPushed(app, layer)), at(-8, docker, .manifestPushed(app, manifest, tag: nil)),
        at(-7, docker, .manifestPushed(app, manifest, tag: tag)),
        at(-5, skopeo, .manifestPulled(app, manifest, tag: tag, head: true)),
        at(-4, skopeo, .manifestPulled(app, manifest, tag: tag, head: false)),
        at(-3, skopeo, .blobPulled(app, layer, bytes: 430 << 20, asked: 430 << 20)),
        at(-2, docker, .refused(app, code: "DIGEST_INVALID", message: "the content is another one")),
        at(-1, .cockpit, .tagDeleted(app, try Tag("1.8"), try digest("gone"))),
    ]
}

/// A push with a known size and a pull without one.
func sampleTransfers() throws -> [Transfer] {
    [
        Transfer(
            id: 1, direction: .push, repository: try RepositoryName("team/app"), digest: nil,
            client: Client(address: "10.0.0.4:51236", userAgent: "docker/27.3"), started: noon.addingTimeInterval(-10),
            bytesDone: 80 << 20, bytesTotal: 128 << 20),
        Transfer(
            id: 2, direction: .pull, repository: try RepositoryName("base/alpine"), digest: try digest("base"),
            client: Client(address: "10.0.0.9:40002", userAgent: "skopeo/1.16"), started: noon.addingTimeInterval(-2),
            bytesDone: 3 << 20, bytesTotal: nil),
    ]
}

func sampleLog() -> [LogLine] {
    [
        LogLine(time: noon.addingTimeInterval(-60), level: .info, message: "listening on 127.0.0.1:5000"),
        LogLine(time: noon.addingTimeInterval(-59), level: .debug, message: "index opened"),
        LogLine(time: noon.addingTimeInterval(-2), level: .warning, message: "push refused: DIGEST_INVALID"),
        LogLine(time: noon.addingTimeInterval(-1), level: .error, message: "hostile \u{1B}[31m text"),
    ]
}
