import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore

extension Question {
    /// Whether to delete `chosen`, of `all` tags of a repository.
    static func delete(
        _ chosen: [TagSummary], in name: RepositoryName, of all: some Collection<TagSummary>, at now: Date
    ) -> Question {
        let title =
            chosen.count == 1 ? "Delete tag \(name):\(chosen[0].tag)?" : "Delete \(chosen.count) tags of \(name)?"
        let dialog = Dialog(
            title, lines: deleteLines(chosen, of: all, freed: nil),
            buttons: [.init("Cancel"), .init("Delete", key: "y")])
        return Question(subject: .deleteTags(chosen, in: name), dialog: dialog, opened: now)
    }

    /// Tags of a long list that are named.
    private static let tagsNamedMax = 8
    /// Tags named with which bytes stay shared.
    private static let sharersNamedMax = 3

    /// What deleting means: what else holds the image, and what a later sweep would give back once that is known.
    static func deleteLines(
        _ chosen: [TagSummary], of all: some Collection<TagSummary>, freed: Result<Reclaim, Failure>?
    ) -> [[Span]] {
        let goes = Set(chosen.map(\.tag))
        let staying = all.filter { !goes.contains($0.tag) }
        var lines: [[Span]]
        if chosen.count == 1, let tag = chosen.first {
            let same = staying.filter { $0.digest == tag.digest }
            let named = same.prefix(tagsNamedMax).map(\.tag.text).sorted(by: NaturalOrder.precedes)
            let more = same.count > named.count ? " and \(ByteFormat.count(same.count - named.count)) more" : ""
            lines = [
                same.isEmpty
                    ? [Span("Last tag of its digest: the manifest becomes untagged.", .warn)]
                    : [Span("The same digest stays as: "), Span(named.joined(separator: ", "), .title), Span(more)]
            ]
        } else {
            lines = chosen.prefix(tagsNamedMax).map { tag in
                let isLast = !staying.contains { $0.digest == tag.digest }
                return [
                    Span(tag.tag.text, .title), Span(isLast ? "  manifest becomes untagged" : "  digest stays", .dim),
                ]
            }
            if chosen.count > tagsNamedMax { lines.append([Span("… and \(chosen.count - tagsNamedMax) more", .dim)]) }
        }
        return lines + freedLines(freed)
    }

    private static func freedLines(_ freed: Result<Reclaim, Failure>?) -> [[Span]] {
        guard case .success(let reclaim) = freed else { return [[Span("Bytes stay on the disk until a sweep.", .dim)]] }
        let shared = reclaim.bytesShared > 0 ? "; \(ByteFormat.size(reclaim.bytesShared)) stays shared" : ""
        let end = reclaim.sharers.isEmpty ? "." : ""
        var lines = [
            [
                Span("A later sweep of untagged manifests frees "), Span(ByteFormat.size(reclaim.bytesFreed), .garbage),
                Span(shared + end),
            ]
        ]
        if !reclaim.sharers.isEmpty {
            let named = reclaim.sharers.prefix(sharersNamedMax).map { "\($0.repository):\($0.tag)" }
            let more = reclaim.sharers.count - named.count + reclaim.sharersMore
            lines.append([
                Span("with ", .dim), Span(named.joined(separator: ", "), .shared),
                Span(more > 0 ? " and \(ByteFormat.count(more)) more." : ".", .dim),
            ])
        }
        if reclaim.bytesSpared > 0 {
            lines.append([
                Span(ByteFormat.size(reclaim.bytesSpared), .protected),
                Span(" stay for now: in use by a push, or beside damage."),
            ])
        }
        return lines
    }
}

extension Model {
    /// Opens the dialog for the chosen tags, and asks what a sweep would free afterwards.
    mutating func askToDelete() -> [Effect] {
        if let refusal = setup.deletionRefusal {
            say(.trouble, "not possible: \(refusal)")
            return []
        }
        let chosen = chosenTags
        guard let name = tags.repository, !chosen.isEmpty else {
            say(.note, "no tag is selected")
            return []
        }
        overlay = .dialog(Question.delete(chosen, in: name, of: tags.list.all, at: now))
        return [.reclaim(.tags(chosen.map(\.tag), in: name))]
    }
}
