import Drawing
import RegistryCollector
import RegistryCore

/// How far the index is: the comparison with the tree, and what it could not read there.
extension Model {
    /// Seconds that a comparison runs before the top line says so: most are over sooner.
    private static let comparisonShownAfter = 1.0
    /// Columns from which the top line has room for the time that is left.
    private static let timeLeftShownFrom = 100

    /// The index in words, as long as fit in `width` columns.
    func indexSpans(width: Int) -> [Span] {
        if let reconciling {
            let part = reconciling.part
            let left = reconciling.left.map { ", \($0)" }
            let whole = part.flatMap { part in
                reconciling.total.map { total in
                    "comparing with the tree\(part) of \(ByteFormat.count(Int(clamping: total))) links and blobs\(left ?? "")"
                }
            }
            let count = "  " + Count.text(reconciling.manifests, "manifest")
            // Where both do not fit, the part says more than the count.
            let texts = [
                reconciling.isCounting ? "counting what the tree has" : nil, whole,
                part.flatMap { part in left.map { "comparing\(part)\($0)" } },
                "comparing with the tree\(part ?? "")\(count)", part.map { "comparing with the tree\($0)" },
                part.map { "comparing\($0)" } ?? "comparing\(count)",
            ]
            return [Span(texts.compactMap { $0 }.first { $0.columns <= width } ?? "comparing", .title)]
        }
        guard isReconciled else { return [Span("▲ not up to the tree yet", .warn)] }
        let damaged = check.damage.value?.count ?? 0
        guard damaged > 0 else { return [Span("up to the tree")] }
        let unread = "\(Count.text(damaged, "place")) cannot be read"
        let isShort = "up to the tree; \(unread) · 7".columns > width
        return [Span(isShort ? "" : "up to the tree; "), Span(unread, .error), Span(" · ", .dim), Span("7", .hintKey)]
    }

    /// What works behind the screens, for the top line; each with two blanks after it.
    var jobSpans: [Span] {
        var spans: [Span] = []
        if let reconciling, reconciling.seconds >= Self.comparisonShownAfter {
            let text = size.columns >= Self.timeLeftShownFrom ? indexParts.dropFirst().first : nil
            spans.append(Span("≈ index\(text ?? reconciling.part ?? "")  ", .title))
        }
        spans += sweepSpans
        guard screen != .check else { return spans }
        switch check.session.state {
        case .running(let run):
            let part = run.fraction.map { ByteFormat.percent($0) } ?? "\(run.phase) of \(run.phases)"
            spans.append(Span("◇ check \(part)  ", .title))
        case .repairing: spans.append(Span("◇ repair  ", .title))
        case .idle, .done, .failed: break
        }
        return spans
    }
}

extension ByteFormat {
    /// A part from 0 to 1 as people read it.
    static func percent(_ fraction: Double) -> String { percent(UInt64(min(1, max(0, fraction)) * 1000), of: 1000) }
}
