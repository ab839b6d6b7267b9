import Drawing
import Foundation
import OCI
import RegistryCore

/// A dialog and what it is about. Cancel has the focus; `y` proceeds.
struct Question: Sendable {
    enum Subject: Sendable, Equatable {
        case deleteTags([TagSummary], in: RepositoryName)
        case sweep(SweepPlan)
        case repair([CheckFinding])
        case quit
    }

    /// Keys that come sooner after the dialog were typed before it could be read, and are ignored (reference, 3.3).
    static let deafSeconds = 0.3

    var subject: Subject
    var dialog: Dialog
    var opened: Date

    func isListening(at now: Date) -> Bool { now.timeIntervalSince(opened) >= Self.deafSeconds }
}

extension Question {
    /// Whether to run `plan`; above a hundred lines or 1 GiB the answer is a word.
    static func sweep(_ plan: SweepPlan, isStale: Bool, at now: Date) -> Question {
        let manifests = plan.lines.filter { $0.kind == .revision }.count
        var lines: [[Span]] = [
            [
                Span("\(Count.text(plan.lines.count - manifests, "blob"))"),
                Span(manifests > 0 ? " and \(Count.text(manifests, "manifest")) go: " : " go: "),
                Span(ByteFormat.size(plan.bytes), .garbage), Span("."),
            ],
            [Span("Each is checked again before it goes; what has come alive stays.", .dim)],
        ]
        if isStale { lines.append([Span("▲ The registry has changed since this preview.", .warn)]) }
        let needsWord = SweepScreen.needsWord(plan)
        if needsWord { lines.append([Span("This is much: type \(SweepScreen.word) and press enter.", .warn)]) }
        let dialog = Dialog(
            "Run this sweep?", lines: lines,
            buttons: [.init("Cancel")] + (needsWord ? [] : [.init("Sweep", key: "y")]),
            prompt: needsWord ? Prompt(label: "> ") : nil)
        return Question(subject: .sweep(plan), dialog: dialog, opened: now)
    }

    /// What to do about the work in progress before leaving.
    static func quit(transfers: Int, isSweeping: Bool, isRepairing: Bool, at now: Date) -> Question {
        let counted = "\(Count.text(transfers, "transfer")) \(transfers == 1 ? "is" : "are") running."
        var lines: [[Span]] = transfers > 0 ? [[Span(counted)]] : []
        if isSweeping { lines.append([Span("A sweep is running; it stops after its current line.")]) }
        if isRepairing { lines.append([Span("A repair is running.")]) }
        lines.append([Span("Waiting refuses new connections and quits when these are done.", .dim)])
        let dialog = Dialog(
            "Quit?", lines: lines,
            buttons: [.init("Stay"), .init("wait", key: "w"), .init("quit now", key: "q")])
        return Question(subject: .quit, dialog: dialog, opened: now)
    }

    /// Whether to delete `chosen`, of `all` tags of a repository.
    static func delete(
        _ chosen: [TagSummary], in name: RepositoryName, of all: [TagSummary], at now: Date
    ) -> Question {
        let title =
            chosen.count == 1 ? "Delete tag \(name):\(chosen[0].tag)?" : "Delete \(chosen.count) tags of \(name)?"
        let dialog = Dialog(
            title, lines: deleteLines(chosen, of: all, graph: nil),
            buttons: [.init("Cancel"), .init("Delete", key: "y")])
        return Question(subject: .deleteTags(chosen, in: name), dialog: dialog, opened: now)
    }

    /// Tags of a long list that are named.
    private static let tagsNamedMax = 8

    /// What deleting means: what else holds the image, and what a later sweep would give back once that is known.
    fileprivate static func deleteLines(
        _ chosen: [TagSummary], of all: [TagSummary], graph: ImageGraph?
    ) -> [[Span]] {
        let goes = Set(chosen.map(\.tag))
        let staying = all.filter { !goes.contains($0.tag) }
        if chosen.count == 1, let tag = chosen.first {
            let same = staying.filter { $0.digest == tag.digest }.map(\.tag.text).sorted(by: NaturalOrder.precedes)
            var lines = [
                same.isEmpty
                    ? [Span("Last tag of its digest: the manifest becomes untagged.", .warn)]
                    : [Span("The same digest stays as: "), Span(same.joined(separator: ", "), .title)]
            ]
            if let graph {
                lines.append([
                    Span("A later sweep frees "), Span(ByteFormat.size(graph.bytesExclusive), .garbage),
                    Span("; \(ByteFormat.size(graph.bytes - graph.bytesExclusive)) stays shared."),
                ])
            } else {
                lines.append([Span("Bytes stay on the disk until a sweep.", .dim)])
            }
            return lines
        }
        var lines = chosen.prefix(tagsNamedMax).map { tag in
            let isLast = !staying.contains { $0.digest == tag.digest }
            return [Span(tag.tag.text, .title), Span(isLast ? "  manifest becomes untagged" : "  digest stays", .dim)]
        }
        if chosen.count > tagsNamedMax { lines.append([Span("… and \(chosen.count - tagsNamedMax) more", .dim)]) }
        lines.append([Span("Bytes stay on the disk until a sweep.", .dim)])
        return lines
    }
}

extension Model {
    /// Opens the dialog for the chosen tags; when it is one, asks what a sweep would free afterwards.
    mutating func askToDelete() -> [Effect] {
        let chosen = chosenTags
        guard let name = tags.repository, let first = chosen.first else { return [] }
        overlay = .dialog(Question.delete(chosen, in: name, of: tags.list.all, at: now))
        return chosen.count == 1 ? [.loadGraph(name, .tag(first.tag))] : []
    }

    /// A graph has come; when the delete dialog is about its tag, it says what would be freed.
    mutating func deleteDialogLearns(
        _ name: RepositoryName, _ reference: Reference, _ result: Result<ImageGraph, Failure>
    ) {
        guard case .dialog(var question) = overlay, case .deleteTags(let chosen, name) = question.subject,
            chosen.map({ Reference.tag($0.tag) }) == [reference], case .success(let graph) = result
        else { return }
        question.dialog.lines = Question.deleteLines(chosen, of: tags.list.all, graph: graph)
        overlay = .dialog(question)
    }

    mutating func answer(_ question: Question, _ key: Key) -> [Effect] {
        guard question.isListening(at: now) else { return [] }
        var question = question
        if key == .enter, question.dialog.prompt?.text == SweepScreen.word { return proceed(question, button: 1) }
        switch question.dialog.handle(key) {
        case .stays:
            overlay = .dialog(question)
            return []
        case .dismissed:
            overlay = nil
            return []
        case .pressed(let button): return proceed(question, button: button)
        }
    }

    /// Does what the pressed button says; the first one is always the harmless one.
    mutating func proceed(_ question: Question, button: Int) -> [Effect] {
        overlay = nil
        guard button > 0 else { return [] }
        switch question.subject {
        case .deleteTags(let chosen, let name):
            tags.marks = []
            return [.deleteTags(chosen.map(\.tag), in: name)]
        case .sweep(let plan):
            defer { arrangeSweep() }
            return sweep.session.run(plan).map { [$0] } ?? []
        case .repair(let findings): return check.session.repair(findings).map { [$0] } ?? []
        case .quit: return button == 1 ? leave() : [.terminal(.quit)]
        }
    }
}
