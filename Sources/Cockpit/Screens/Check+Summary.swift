import Drawing
import Foundation
import RegistryCollector
import RegistryCore

extension Model {
    /// The line of the summary that a running check's bar is drawn over.
    private static let barLine = 2

    func drawCheckSummary(on canvas: inout Canvas) {
        let width = max(0, canvas.bounds.width - 2)
        for (y, line) in checkSummaryLines(width: width).prefix(canvas.bounds.height).enumerated() {
            canvas.put(line, x: 1, y: y, width: width)
        }
        if case .running(let run) = check.session.state, let fraction = run.fraction {
            canvas.within(Rect(x: 1, y: Self.barLine, width: width, height: 1)) { Bar(fraction).draw(on: &$0) }
        }
    }

    private func checkSummaryLines(width: Int) -> [[Span]] {
        switch check.session.state {
        case .idle:
            [[Span("not checked yet", .title)], []] + checkKeys + [[], [Span("a check changes nothing", .dim)]]
        case .running(let run): runLines(run)
        case .done(let report, nil): verdictLines(report) + [[]] + reportLines(report)
        case .done(let report, let repairs?): repairLines(repairs, width: width) + [[]] + reportLines(report)
        case .repairing(let report):
            [[Span("repairing …", .title)], [Span("the registry serves on", .dim)], []] + reportLines(report)
        case .failed(let reason, let report):
            [[Span(report == nil ? "✖ could not be checked" : "✖ could not be repaired", .error)]]
                + Self.words(reason, width: width).map { [Span($0)] } + [[]]
                + (report.map { verdictLines($0) + [[]] + reportLines($0) } ?? checkKeys)
        }
    }

    /// The keys that begin a check, and what each looks at.
    private var checkKeys: [[Span]] {
        [
            [Span("r ", .hintKey), Span("links, references,")], [Span("  sizes")],
            [Span("H ", .hintKey), Span("and every byte")],
        ]
    }

    // MARK: Running

    private func runLines(_ run: CheckRun) -> [[Span]] {
        let seconds = Int64(max(0, now.timeIntervalSince(run.started)))
        var lines: [[Span]] = [
            [Span(run.isStopping ? "stopping …" : run.progress?.phase.word ?? "beginning …", .title)],
            [
                Span("\(run.phase) of \(run.phases)"),
                Span(run.fraction.map { " · " + ByteFormat.percent($0) } ?? ""),
                Span(seconds > 0 ? " · " + ByteFormat.duration(.seconds(seconds)) : "", .dim),
            ],
            [],
        ]
        if let progress = run.progress {
            lines.append([Span(progress.amount)])
            var pace = run.rate.map { [Span(progress.phase.rate($0), .dim)] } ?? []
            if let left = run.secondsLeft {
                pace.append(Span("  \(ByteFormat.duration(.seconds(Int64(min(left, 1e9))))) left"))
            }
            lines.append(pace)
            lines.append([Span(progress.place ?? "", .dim)])
            lines.append(progress.findings > 0 ? [Span("✖ \(ByteFormat.count(progress.findings)) wrong", .error)] : [])
            lines.append([])
        }
        if !run.isStopping { lines.append([Span("esc ", .hintKey), Span("stops it")]) }
        return lines + [[Span("the registry serves on", .dim)]]
    }

    // MARK: Done

    private func verdictLines(_ report: CheckReport) -> [[Span]] {
        guard !report.isSound else { return [[Span("✔ nothing is wrong", .ok)]] + partialLine(report) }
        var lines = [[Span("✖ \(ByteFormat.count(report.wrong)) wrong", .error)]] + partialLine(report)
        if report.unnamed > 0 { lines.append([Span("  \(ByteFormat.count(report.findings.count)) are listed", .dim)]) }
        let repairable = report.repairable
        lines.append(
            repairable > 0
                ? [Span("  \(ByteFormat.count(repairable)) can be repaired "), Span("R", .hintKey)]
                : [Span("  none can be repaired", .dim)])
        return lines
    }

    private func partialLine(_ report: CheckReport) -> [[Span]] {
        report.isPartial ? [[Span("▲ stopped before the end", .warn)]] : []
    }

    private func repairLines(_ repairs: RepairReport, width: Int) -> [[Span]] {
        var lines: [[Span]] = [[Span("✔ \(ByteFormat.count(repairs.repaired.count)) repaired", .ok)]]
        if !repairs.left.isEmpty { lines.append([Span("▲ \(ByteFormat.count(repairs.left.count)) left", .warn)]) }
        guard let quarantine = repairs.quarantine else { return lines }
        lines.append([Span("what was moved is in", .dim)])
        return lines + Self.wrapped(quarantine, width: max(1, width)).map { [Span($0)] }
    }

    private func reportLines(_ report: CheckReport) -> [[Span]] {
        func row(_ word: String, _ value: String) -> [Span] {
            [Span(word.padded(to: 13), .dim), Span(value.padded(to: 10, .trailing))]
        }
        var lines = [
            row("repositories", ByteFormat.count(report.repositories)), row("tags", ByteFormat.count(report.tags)),
            row("manifests", ByteFormat.count(report.manifests)), row("blobs", ByteFormat.count(report.blobs)),
            row("size", ByteFormat.size(report.bytes)),
        ]
        if report.blobsHashed > 0 { lines.append(row("hashed", ByteFormat.size(report.bytesHashed))) }
        if let begun = report.continues {
            lines.append(row("since", times.stamp(Date(timeIntervalSince1970: Double(begun)), now: now)))
        }
        lines.append([])
        lines.append([Span("checked ", .dim), Span(times.stamp(check.session.ended, now: now))])
        let took = Duration.milliseconds(Int64(min(max(0, report.seconds), 1e9) * 1000))
        lines.append([Span("in ", .dim), Span(ByteFormat.duration(took))])
        return lines + [[]] + checkKeys
    }
}

extension CheckProgress {
    /// How much of the phase is done.
    fileprivate var amount: String {
        switch phase {
        case .links: Count.text(Int(done), "repository", "repositories")
        case .blobs: Count.text(Int(done), "blob")
        case .hash: total.map { "\(ByteFormat.size(done)) of \(ByteFormat.size($0))" } ?? ByteFormat.size(done)
        }
    }
}

extension CheckProgress.Phase {
    fileprivate func rate(_ perSecond: Double) -> String {
        self == .hash
            ? ByteFormat.rate(bytesPerSecond: perSecond) : "\(ByteFormat.count(Int(min(max(0, perSecond), 1e15))))/s"
    }
}
