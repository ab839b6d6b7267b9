import Foundation
import OCI
import RegistryCollector
import RegistryCore
import Testing

@testable import RegistryControl

/// What passes over the control socket, letter by letter: its two sides may be of different builds.
@Suite struct WrittenControlTests {
    private static let runText = "0F1E2D3C-4B5A-4978-8796-A5B4C3D2E1F0"
    private static let digestText = "sha256:\(String(repeating: "ab", count: 32))"
    /// 2023-11-14T22:13:20Z.
    private static let made = Date(timeIntervalSince1970: 1_700_000_000)

    private let run: UUID
    private let app: RepositoryName
    private let tag: OCI.Tag
    private let digest: Digest

    init() throws {
        run = try #require(UUID(uuidString: Self.runText))
        app = try RepositoryName("team/app")
        tag = try OCI.Tag("v1")
        digest = try Digest(Self.digestText)
    }

    private func quarantined(_ state: QuarantinedRun.State, purged: Date? = nil) -> QuarantinedRun {
        QuarantinedRun(
            id: run, started: Self.made, by: "cockpit", state: state,
            lines: [SweepPlan.Line(.blob(digest), bytes: 3, reason: .unreferenced)], linesPlanned: 2, purged: purged,
            quarantineSeconds: 60)
    }

    @Test func aRunOfTheQuarantine() throws {
        let (start, end) = (
            #"{"by":"cockpit","lines_planned":2,"#,
            #""run":"\#(Self.runText)","started":"2023-11-14T22:13:20Z","state":"#
        )
        #expect(
            try WrittenControl.text(quarantined(.finished, purged: Self.made + 60))
                == start + #""purged":"2023-11-14T22:14:20Z","# + end + #""finished"}"#)
        #expect(try WrittenControl.text(quarantined(.interrupted)) == start + end + #""interrupted"}"#)
        #expect(try WrittenControl.text(quarantined(.running)) == start + end + #""running"}"#)
        #expect(
            try WrittenControl.text(quarantined(.unreadable("cut")))
                == start + #""problem":"cut","# + end + #""unreadable"}"#)
        #expect(try WrittenControl.tail(linesHeld: 1, bytes: 3, problem: nil) == #"{"bytes":3,"lines_held":1}"#)
        #expect(
            try WrittenControl.tail(linesHeld: 0, bytes: 0, problem: "cut")
                == #"{"bytes":0,"lines_held":0,"problem":"cut"}"#)
    }

    @Test func whatIsToBeRun() throws {
        let plan = SweepPlan(
            id: run, options: SweepOptions(uploadSeconds: nil), generation: 1, made: Self.made, lines: [])
        let settings = SweepRunSettings(quarantineSeconds: 60, linesPerSecondMax: 5, othersAreStopped: true)
        let settingsJSON = #"{"lines_per_second_max":5,"others_are_stopped":true,"quarantine_seconds":60}"#
        #expect(
            try WrittenControl.work(plan, settings, listsRemoved: true)
                == #"{"lists_removed":true,"plan":{"generation":1,"made":"2023-11-14T22:13:20Z","options":"#
                + #"{"grace_seconds":3600,"layer_links":true,"referrer_seconds":604800,"retention":false,"#
                + #""untagged":false},"plan":"\#(Self.runText)","totals":{"bytes_removable":0,"bytes_shared":0,"#
                + #""bytes_spared":0,"lines":0,"lines_spared":0}},"settings":\#(settingsJSON)}"#)
        #expect(
            try WrittenControl.work(resuming: run, SweepRunSettings())
                == #"{"lists_removed":false,"resume":"\#(Self.runText)","settings":"#
                + #"{"others_are_stopped":false,"quarantine_seconds":0}}"#)
    }

    @Test func requests() throws {
        #expect(try WrittenControl.undo(run, nil) == #"{"run":"\#(Self.runText)"}"#)
        #expect(
            try WrittenControl.undo(run, [.blob(digest), .tag(tag, app)])
                == #"{"items":[{"digest":"\#(Self.digestText)","kind":"blob"},"#
                + #"{"kind":"tag","repository":"team/app","tag":"v1"}],"run":"\#(Self.runText)"}"#)
        #expect(try WrittenControl.line(TagRequest(tag, in: app)) == #"{"repository":"team/app","tag":"v1"}"#)
        #expect(
            try WrittenControl.line(TagRequest(tag, in: app, to: digest))
                == #"{"digest":"\#(Self.digestText)","repository":"team/app","tag":"v1"}"#)
        #expect(try WrittenControl.line(PurgeRequest(run: run)) == #"{"run":"\#(Self.runText)"}"#)
        #expect(try WrittenControl.line(ReclaimRequest(pattern: "a/*:1")) == #"{"pattern":"a/*:1"}"#)
    }

    @Test func answers() throws {
        let history = TagHistory(
            repository: app, tag: tag,
            entries: [TagHistoryEntry(digest: digest, since: nil, isCurrent: true, isThere: true, bytes: 4)])
        #expect(
            try WrittenControl.line(history)
                == #"{"entries":[{"bytes":4,"digest":"\#(Self.digestText)","is_current":true,"is_there":true}],"#
                + #""repository":"team/app","tag":"v1"}"#)
        #expect(
            try WrittenControl.line(PurgeSummary(run: run, bytesFreed: 9))
                == #"{"bytes_freed":9,"run":"\#(Self.runText)"}"#)
        var summary = SweepSummary(run: run)
        #expect(
            try WrittenControl.line(summary)
                == #"{"bytes_freed":0,"bytes_quarantined":0,"lines_failed":0,"lines_removed":0,"lines_spared":0,"#
                + #""plan":"\#(Self.runText)","seconds":0}"#)
        (summary.broken, summary.purged) = ("cut", Self.made)
        #expect(
            try WrittenControl.line(summary)
                == #"{"broken":"cut","bytes_freed":0,"bytes_quarantined":0,"lines_failed":0,"lines_removed":0,"#
                + #""lines_spared":0,"plan":"\#(Self.runText)","purged":"2023-11-14T22:13:20Z","seconds":0}"#)
        #expect(
            try WrittenControl.line(UndoSummary(run: run, linesRestored: 1))
                == #"{"lines_kept":0,"lines_restored":1,"run":"\#(Self.runText)"}"#)
        #expect(
            try WrittenControl.line(SweepProgress(linesDone: 1, lines: 2, bytesDone: 3))
                == #"{"bytes_done":3,"is_paused":false,"is_stopping":false,"lines":2,"lines_done":1}"#)
    }

    @Test(arguments: ControlError.Kind.allCases) func refusals(_ kind: ControlError.Kind) throws {
        let error = ControlError(kind, "no \"way\"")
        let json = #"{"message":"no \"way\"","status":\#(kind.rawValue)}"#
        #expect(try WrittenControl.text(error) == json)
        #expect(try WrittenControl.error(json) == error)
    }

    @Test func aRefusalThatALaterVersionKnowsIsAFailure() throws {
        #expect(try WrittenControl.error(#"{"message":"a","status":418}"#) == ControlError(.failed, "a"))
    }
}
