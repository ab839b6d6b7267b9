import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore

/// A dialog and what it is about. Cancel has the focus; `y` proceeds.
struct Question: Sendable {
    enum Subject: Sendable, Equatable {
        case deleteTags([TagSummary], in: RepositoryName)
        case sweep(SweepJob)
        /// A run of the quarantine; nil means all of its lines.
        case putBack(UUID, only: Set<SweepPlan.Item>?)
        case purge(UUID)
        case rollBack(Tag, Digest, in: RepositoryName)
        case reclaim(Reclaim.Subject)
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
}

extension Model {
    mutating func answer(_ question: Question, _ key: Key) -> [Effect] {
        // To leave changes nothing, whatever it was meant for.
        guard question.isListening(at: now) || key == .escape else { return [] }
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
        case .sweep(let job): return runSweep(job)
        case .putBack(let run, let items):
            sweep.moving = "putting back …"
            return [.putBack(run, only: items)]
        case .purge(let run):
            sweep.moving = "freeing …"
            return [.purge(run)]
        case .rollBack(let tag, let digest, let name): return [.setTag(tag, digest, name)]
        case .reclaim: return []
        case .repair(let findings): return check.session.repair(findings).map { [$0] } ?? []
        case .quit: return button == 1 ? leave() : [.terminal(.quit)]
        }
    }
}
