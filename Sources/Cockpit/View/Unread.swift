import Drawing
import Foundation
import RegistryCollector
import RegistryCore

/// What has not been read yet while the index is built: it is neither missing nor small.
extension Model {
    /// Behind a number that still grows.
    var growing: String { isReconciled ? "" : "+" }

    /// Before a number that may still become smaller too.
    var unsettled: String { isReconciled ? "" : "~" }

    /// What stands beside a count of what was read.
    var soFar: String { isReconciled ? "" : " so far" }

    /// How far the index is and how long it takes, shorter the further down: ` 43 % of 120 000 files, about 2 min left`.
    var indexParts: [String] {
        guard let reconciling else { return [""] }
        let left = reconciling.left.map { ", \($0)" } ?? ""
        guard let part = reconciling.part else { return [reconciling.isCounting ? " counting" : ""] }
        let total = reconciling.total.map { " of \(ByteFormat.count(Int(clamping: $0))) files" } ?? ""
        return ["\(part)\(total)\(left)", "\(part)\(left)", part]
    }

    /// Said in place of something that is not known before the index is up to the tree.
    var notReadYet: String {
        let part = indexParts[0]
        return "not read yet: the index is being built\(part.isEmpty ? "" : ",\(part)")"
    }

    /// Whether more of the tag may be there than was read.
    func isUnread(_ row: TagSummary) -> Bool { !row.isWhole && !isReconciled }

    /// Whether something of the tag is not there. While the index is built, what has not been read yet looks so too.
    func isKnownDamaged(_ row: TagSummary) -> Bool { row.isDamaged && isReconciled }

    /// The bytes of a tag, as far as they were read.
    func sizeText(_ row: TagSummary) -> String { ByteFormat.size(row.bytes) + (isUnread(row) ? "+" : "") }

    /// The index has come to be up to the tree, or has fallen behind it.
    mutating func indexTurned(isUpToTree: Bool) -> [Effect] {
        guard isUpToTree != isReconciled else { return [] }
        isReconciled = isUpToTree
        graph.arrange(filter: filters[.graph] ?? Filter(), isRead: isReconciled)
        guard isReconciled, case .dialog(let question) = overlay else { return [] }
        // It could not be said before.
        switch question.subject {
        case .reclaim(let subject): return [.reclaim(subject)]
        case .deleteTags(let chosen, let name): return [.reclaim(.tags(chosen.map(\.tag), in: name))]
        default: return []
        }
    }
}

extension ReconcileProgress {
    /// ` 43 %`; nil while nobody knows, and when the tree turns out to hold more than was expected.
    var part: String? { fraction.flatMap { $0 < 1 ? " " + ByteFormat.percent($0) : nil } }

    /// Whether what there is to look at is being counted.
    var isCounting: Bool { total == nil && fraction == nil && repositories == 0 && manifests == 0 }

    /// `about 2 min left`; nil while nobody knows.
    var left: String? {
        secondsLeft.map {
            $0 < 2 ? "nearly done" : "about \(ByteFormat.age(seconds: Int64(min($0, 1e9).rounded()))) left"
        }
    }
}
