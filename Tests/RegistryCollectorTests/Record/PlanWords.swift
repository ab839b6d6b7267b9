import Foundation
import OCI
import RegistryCollector
import RegistryCore
import Testing

/// The names, digests and times of the plans whose JSON is known letter by letter.
struct PlanWords {
    static let hex = String(repeating: "ab", count: 32)
    static let upload = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
    static let runText = "0F1E2D3C-4B5A-4978-8796-A5B4C3D2E1F0"
    /// 2023-11-14T22:13:20Z.
    static let made = Date(timeIntervalSince1970: 1_700_000_000)

    let app: RepositoryName
    let web: RepositoryName
    let tag: OCI.Tag
    let digest: Digest
    let session: UploadID
    let run: UUID

    init() throws {
        app = try RepositoryName("team/app")
        web = try RepositoryName("team/web")
        tag = try OCI.Tag("v1")
        digest = try Digest("sha256:\(Self.hex)")
        session = try #require(UploadID(Self.upload))
        run = try #require(UUID(uuidString: Self.runText))
    }

    /// One of each kind, with its JSON.
    var items: [(item: SweepPlan.Item, json: String)] {
        [
            (.tag(tag, app), #"{"kind":"tag","repository":"team/app","tag":"v1"}"#),
            (
                .revision(digest, app),
                #"{"digest":"sha256:\#(Self.hex)","kind":"revision","repository":"team/app"}"#
            ),
            (
                .layerLink(digest, app),
                #"{"digest":"sha256:\#(Self.hex)","kind":"layerLink","repository":"team/app"}"#
            ),
            (.blob(digest), #"{"digest":"sha256:\#(Self.hex)","kind":"blob"}"#),
            (.upload(session, app), #"{"kind":"upload","repository":"team/app","upload":"\#(Self.upload)"}"#),
            (.repository(app), #"{"kind":"repository","repository":"team/app"}"#),
        ]
    }

    /// Each reason for which something goes, with its JSON.
    var reasons: [(reason: SweepPlan.Reason, json: String)] {
        let about = #""about":"sha256:\#(Self.hex)""#
        return [
            (
                .notRetained("not among the newest 3"),
                #"{"about":"not among the newest 3","code":"not_retained","#
                    + #""text":"not retained: not among the newest 3"}"#
            ),
            (
                .fallbackOf(digest),
                #"{\#(about),"code":"fallback_of","text":"lists referrers of abababababab, which is gone"}"#
            ),
            (.untagged, #"{"code":"untagged","text":"no tag holds it"}"#),
            (
                .subjectRemoved(digest),
                #"{\#(about),"code":"subject_removed","text":"its subject abababababab goes"}"#
            ),
            (
                .subjectMissing(digest),
                #"{\#(about),"code":"subject_missing","text":"its subject abababababab is gone"}"#
            ),
            (.indexRemoved(digest), #"{\#(about),"code":"index_removed","text":"its index abababababab goes"}"#),
            (.unneeded, #"{"code":"unneeded","text":"no manifest of the repository needs it"}"#),
            (.unreferenced, #"{"code":"unreferenced","text":"no manifest references it"}"#),
            (
                .onlyRemovedReferences,
                #"{"code":"only_removed_references","text":"only manifests that go reference it"}"#
            ),
            (.abandoned, #"{"code":"abandoned","text":"nothing was written to it"}"#),
            (.empty, #"{"code":"empty","text":"nothing is in it"}"#),
        ]
    }

    /// Each reason for which something stays, with its JSON and what comes after it, at ``made``.
    var spareReasons: [(reason: SweepPlan.SpareReason, json: String, rest: String)] {
        let until = Self.made.addingTimeInterval(90)
        let rest = #","until":"2023-11-14T22:14:50Z""#
        return [
            (
                .leased(until: until), #"{"code":"leased","text":"promised to a client, spared for 90 s"}"#, rest
            ),
            (.mayContinue(until: until), #"{"code":"may_continue","text":"may go on, spared for 90 s"}"#, rest),
            (.pushInFlight, #"{"code":"push_in_flight","text":"a push is using it"}"#, ""),
            (
                .mayBeReferenced(by: "a/link"),
                #"{"about":"a/link","code":"may_be_referenced","#
                    + #""text":"may be referenced by a/link, which cannot be read"}"#, ""
            ),
            (.cameAlive, #"{"code":"came_alive","text":"it is in use now"}"#, ""),
            (.alreadyGone, #"{"code":"already_gone","text":"already gone"}"#, ""),
            (.stopped, #"{"code":"stopped","text":"stopped before its turn"}"#, ""),
            (.failed("no \"room\""), #"{"about":"no \"room\"","code":"failed","text":"no \"room\""}"#, ""),
        ]
    }

    /// A line with every field.
    var fullLine: (line: SweepPlan.Line, json: String) {
        (
            SweepPlan.Line(
                .blob(digest), bytes: 300, mediaType: .ociLayerGzip, repositories: [app, web], reason: .unreferenced,
                since: Self.made,
                lastTag: SweepPlan.LastTag(
                    repository: app, tag: tag, until: Self.made, by: "10.0.0.4", how: .manifestDeleted),
                target: digest),
            #"{"bytes":300,"item":{"digest":"sha256:\#(Self.hex)","kind":"blob"},"#
                + #""last_tag":{"by":"10.0.0.4","how":"manifest_deleted","repository":"team/app","tag":"v1","#
                + #""until":"2023-11-14T22:13:20Z"},"media_type":"application/vnd.oci.image.layer.v1.tar+gzip","#
                + #""reason":{"code":"unreferenced","text":"no manifest references it"},"#
                + #""repositories":["team/app","team/web"],"since":"2023-11-14T22:13:20Z","#
                + #""target":"sha256:\#(Self.hex)"}"#
        )
    }

    var plan: SweepPlan {
        SweepPlan(
            id: run,
            options: SweepOptions(untagged: true, uploadSeconds: nil, referrerSeconds: 5, graceSeconds: 0),
            generation: 7, made: Self.made, lines: [fullLine.line],
            spared: [SweepPlan.Spared(.repository(web), bytes: 2, reason: .leased(until: Self.made + 90))],
            damaged: [SweepPlan.Damage(path: "a/b", reason: "no digest")], bytesShared: 9, isPart: true)
    }

    static let optionsJSON =
        #"{"grace_seconds":0,"layer_links":true,"referrer_seconds":5,"retention":false,"untagged":true}"#
    static let totalsJSON =
        #"{"bytes_removable":300,"bytes_shared":9,"bytes_spared":2,"is_part":true,"lines":1,"lines_spared":1}"#
    static let sparedJSON =
        #"{"bytes":2,"item":{"kind":"repository","repository":"team/web"},"reason":{"code":"leased","#
        + #""text":"promised to a client, spared for 90 s"},"repositories":["team/web"],"#
        + #""until":"2023-11-14T22:14:50Z"}"#

    var planJSON: String {
        #"{"damaged":[{"path":"a/b","reason":"no digest"}],"generation":7,"lines":[\#(fullLine.json)],"#
            + #""made":"2023-11-14T22:13:20Z","options":\#(Self.optionsJSON),"plan":"\#(Self.runText)","#
            + #""spared":[\#(Self.sparedJSON)],"totals":\#(Self.totalsJSON)}"#
    }
}
