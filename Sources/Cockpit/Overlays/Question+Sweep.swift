import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore

extension Question {
    /// Whether to run `plan`; above a hundred lines or 1 GiB the answer is a word.
    ///
    /// - Parameter kept: lines of the preview that the user has taken out of it.
    static func sweep(_ plan: SweepPlan, _ job: SweepJob, kept: Int, isStale: Bool, at now: Date) -> Question {
        var lines: [[Span]] = []
        for kind in SweepPlan.Kind.allCases {
            let some = plan.lines.filter { $0.kind == kind }
            guard !some.isEmpty else { continue }
            let bytes = some.sumClamped(\.bytes)
            let words = Count.text(some.count, kind.words.one, kind.words.many)
            lines.append([
                Span(words.padded(to: 22)),
                Span(bytes > 0 ? ByteFormat.size(bytes).padded(to: 8, .trailing) : "", .garbage),
            ])
        }
        if kept > 0 { lines.append([Span("\(Count.text(kept, "line")) kept", .mark)]) }
        lines.append([])
        let seconds = job.settings.quarantineSeconds
        lines.append(
            seconds > 0
                ? [Span("In the quarantine for \(Model.timeText(seconds)); until then it can come back.")]
                : [Span("Freed at once: nothing of it can come back.", .warn)])
        lines.append([Span("Each is checked again before it goes; what has come alive stays.", .dim)])
        if isStale { lines.append([Span("▲ The registry has changed since this preview.", .warn)]) }
        let needsWord = SweepScreen.needsWord(plan)
        if needsWord { lines.append([Span("This is much: type \(SweepScreen.word) and press enter.", .warn)]) }
        let dialog = Dialog(
            "Run this sweep?", lines: lines,
            buttons: [.init("Cancel")] + (needsWord ? [] : [.init("Sweep", key: "y")]),
            prompt: needsWord ? Prompt(label: "> ") : nil)
        return Question(subject: .sweep(job), dialog: dialog, opened: now)
    }

    /// Whether nothing else writes to the tree, although something speaks for it.
    static func alone(_ job: SweepJob, evidence: String, at now: Date) -> Question {
        let lines: [[Span]] =
            [[Span("Another registry seems to write to this tree:", .warn)]]
            + Model.words(evidence, width: 64).map { [Span("  " + $0)] } + [
                [], [Span("It knows nothing of this one's locks: while it serves a push, a sweep")],
                [Span("could take what the push relies on. Nothing was taken yet.")],
            ]
        let dialog = Dialog(
            "Is every other registry on this tree stopped?", lines: lines,
            buttons: [.init("Cancel"), .init("All are stopped: sweep", key: "y")])
        return Question(subject: .sweep(job), dialog: dialog, opened: now)
    }

    /// Whether a run of the quarantine, or one line of it, is to come back.
    static func putBack(_ run: QuarantinedRun, only item: SweepPlan.Item?, when: String, at now: Date) -> Question {
        let lines: [[Span]] = [
            item == nil
                ? [
                    Span("\(Count.text(run.linesHeld, "line")), "), Span(ByteFormat.size(run.bytes), .protected),
                    Span(", back where they were."),
                ] : [Span("Back where it was, with what it needs to be whole.")],
            [Span("What something newer has taken the place of stays and is named.", .dim)],
            [Span("Pulls of it work again; the next sweep finds it again.", .dim)],
        ]
        let title = item.map { "Put \($0.short) back?" } ?? "Put the run of \(when) back?"
        let dialog = Dialog(title, lines: lines, buttons: [.init("Cancel"), .init("Put back", key: "y")])
        return Question(subject: .putBack(run.id, only: item.map { [$0] }), dialog: dialog, opened: now)
    }

    /// Whether a run of the quarantine is to be freed before its time.
    static func purge(_ run: QuarantinedRun, when: String, at now: Date) -> Question {
        let lines: [[Span]] = [
            [Span("\(Count.text(run.linesHeld, "line")), "), Span(ByteFormat.size(run.bytes), .garbage), Span(".")],
            [Span("Nothing of it can come back.", .warn)],
        ]
        let dialog = Dialog(
            "Free the run of \(when) for good?", lines: lines, buttons: [.init("Cancel"), .init("Free", key: "y")])
        return Question(subject: .purge(run.id), dialog: dialog, opened: now)
    }

    /// Whether an interrupted run is to go on.
    static func resume(
        _ run: QuarantinedRun, _ settings: SweepRunSettings, when: String, at now: Date
    ) -> Question {
        let rest = max(0, run.linesPlanned - run.linesHeld)
        let seconds = run.quarantineSeconds
        let lines: [[Span]] = [
            [
                Span(
                    "\(Count.text(run.linesHeld, "line")) of \(ByteFormat.count(run.linesPlanned)) went before it ended."
                )
            ],
            [Span("The other \(ByteFormat.count(rest)) are checked again and go.")],
            seconds > 0
                ? [Span("All of it stays in the quarantine for \(Model.timeText(seconds)).", .dim)]
                : [Span("Then all of it is freed: nothing of it can come back.", .warn)],
        ]
        // What was taken with the promise that it can come back keeps it.
        var settings = settings
        settings.quarantineSeconds = seconds
        let job = SweepJob(.resumed(run.id), settings)
        let dialog = Dialog(
            "Go on with the run of \(when)?", lines: lines, buttons: [.init("Cancel"), .init("Go on", key: "y")])
        return Question(subject: .sweep(job), dialog: dialog, opened: now)
    }
}
