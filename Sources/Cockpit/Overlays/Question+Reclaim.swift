import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore

extension Question {
    /// What deleting something would give back; an answer to look at, with nothing to decide.
    static func reclaim(_ subject: Reclaim.Subject, at now: Date) -> Question {
        let dialog = Dialog(
            "What would I get back?", lines: [[Span(subject.sentence)], [], [Span("looking …", .dim)]],
            buttons: [.init("Close")])
        return Question(subject: .reclaim(subject), dialog: dialog, opened: now)
    }

    /// Tags that are named, with what they share.
    private static let sharersNamedMax = 8

    static func reclaimLines(_ subject: Reclaim.Subject, _ result: Result<Reclaim, Failure>) -> [[Span]] {
        var lines = [[Span(subject.sentence)], []]
        switch result {
        case .failure(let failure) where failure.isTooEarly:
            return lines + [
                [Span("Not known yet: the index is being built.", .title)],
                [Span("The answer comes by itself when it is done.", .dim)],
            ]
        case .failure(let failure): return lines + [[Span("✖ \(failure.message)", .error)]]
        case .success(let reclaim):
            lines.append([
                Span(ByteFormat.size(reclaim.bytesFreed).padded(to: 9, .trailing), .garbage), Span(" come back, with "),
                Span(counts(of: reclaim)),
            ])
            lines += sharedLines(reclaim)
            if reclaim.bytesSpared > 0 {
                lines.append([
                    Span(ByteFormat.size(reclaim.bytesSpared).padded(to: 9, .trailing), .protected),
                    Span(" stay for now: in use by a push, or beside damage"),
                ])
            }
            lines.append([])
            return lines + [[Span("Nothing was changed. A sweep of untagged manifests would free it.", .dim)]]
        }
    }

    private static func counts(of reclaim: Reclaim) -> String {
        [
            Count.text(reclaim.tags, "tag"), Count.text(reclaim.manifests, "manifest"),
            Count.text(reclaim.blobs, "blob"),
        ].joined(separator: ", ")
    }

    private static func sharedLines(_ reclaim: Reclaim) -> [[Span]] {
        guard reclaim.bytesShared > 0 else { return [] }
        var lines: [[Span]] = [
            [Span(ByteFormat.size(reclaim.bytesShared).padded(to: 9, .trailing), .shared), Span(" stay, shared with")]
        ]
        let named = reclaim.sharers.prefix(sharersNamedMax)
        lines += named.map {
            [
                Span("   " + ByteFormat.size($0.bytes).padded(to: 9, .trailing), .dim),
                Span("  \($0.repository):\($0.tag)"),
            ]
        }
        let more = reclaim.sharers.count - named.count + reclaim.sharersMore
        if more > 0 { lines.append([Span("              and \(ByteFormat.count(more)) more", .dim)]) }
        return lines
    }
}

extension Reclaim.Subject {
    /// What is asked, as a sentence.
    fileprivate var sentence: String {
        switch self {
        case .tags(let tags, let name) where tags.count == 1: "If \(name):\(tags[0]) were deleted"
        case .tags(let tags, let name): "If \(Count.text(tags.count, "tag")) of \(name) were deleted"
        case .repository(let name): "If all of \(name) were deleted"
        case .repositories(let names): "If all of \(Count.text(names.count, "repository", "repositories")) were deleted"
        case .pattern(let pattern): "If all that matches \(pattern) were deleted"
        }
    }
}

extension Model {
    /// Asks what deleting the chosen things of this screen would give back.
    mutating func askForReclaim() -> [Effect] {
        switch place {
        case .repositories:
            let names = chosenRepositories
            guard let first = names.first else { return [] }
            return reclaim(names.count == 1 ? .repository(first) : .repositories(names))
        case .tags(let name):
            let tags = chosenTags.map(\.tag)
            return tags.isEmpty ? [] : reclaim(.tags(tags, in: name))
        case .graph(let name, .tag(let tag)): return reclaim(.tags([tag], in: name))
        case .graph(_, .digest):
            say(.note, "this is a manifest by its digest: a tag can be asked about")
            return []
        case .activity, .sweep, .server, .check: return []
        }
    }

    mutating func reclaim(_ subject: Reclaim.Subject) -> [Effect] {
        overlay = .dialog(.reclaim(subject, at: now))
        return [.reclaim(subject)]
    }

    /// The answer has come: the dialog that is about it says so, the one about deleting the same tags too.
    mutating func reclaimed(_ subject: Reclaim.Subject, _ result: Result<Reclaim, Failure>) {
        guard case .dialog(var question) = overlay else { return }
        switch question.subject {
        case .reclaim(subject): question.dialog.lines = Question.reclaimLines(subject, result)
        case .deleteTags(let chosen, let name) where subject == .tags(chosen.map(\.tag), in: name):
            question.dialog.lines = Question.deleteLines(chosen, of: tags.list.all, freed: result)
        default: return
        }
        overlay = .dialog(question)
    }
}
