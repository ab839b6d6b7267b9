import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore

/// What a tag pointed at before, and which tags of its repository were deleted: both can be had back.
struct TagPast: Sendable {
    enum Subject: Sendable, Equatable {
        case history(Tag)
        case deleted
    }

    enum Rows: Sendable {
        case loading
        case failed(String)
        case history([TagHistoryEntry])
        case deleted([TagDeparture])

        var count: Int {
            switch self {
            case .loading, .failed: 0
            case .history(let entries): entries.count
            case .deleted(let departures): departures.count
            }
        }
    }

    var repository: RepositoryName
    var subject: Subject
    var rows = Rows.loading
    var list = ListState()

    /// Deleted tags that are looked for.
    static let deletedMax = 500
}

extension Model {
    /// Shows the history of the selected tag; where there is none, the deleted tags.
    mutating func showHistory() -> [Effect] {
        guard let name = tags.repository else { return [] }
        return showPast(of: name, tags.list.selected.map { .history($0.tag) } ?? .deleted)
    }

    mutating func showDeleted() -> [Effect] { tags.repository.map { showPast(of: $0, .deleted) } ?? [] }

    private mutating func showPast(of name: RepositoryName, _ subject: TagPast.Subject) -> [Effect] {
        overlay = .past(TagPast(repository: name, subject: subject))
        // Whose manifest is not there may be in the quarantine.
        switch subject {
        case .history(let tag): return wantQuarantine() + [.loadHistory(tag, name)]
        case .deleted: return wantQuarantine() + [.loadDeletedTags(name)]
        }
    }

    /// The run of the quarantine that a repository's manifest is in; nil when none is known to have it. Costs a look at each
    /// line of each run.
    func quarantinedRun(holding digest: Digest, in name: RepositoryName) -> QuarantinedRun? {
        (sweep.quarantine.value ?? []).first { run in run.lines.contains { $0.item == .revision(digest, name) } }
    }

    /// Why what `digest` names cannot be had back here, and what can be done.
    ///
    /// - Parameter departure: how its tag went, where that is known.
    private mutating func sayAbsent(_ digest: Digest, in name: RepositoryName, _ departure: TagDeparture? = nil) {
        if quarantinedRun(holding: digest, in: name) != nil {
            say(.note, "its manifest is in the quarantine: 5, then h, and z on its run puts it back; after that, this")
        } else if let departure, departure.cause == .manifestDeleted {
            say(.note, "\(departure.tag) was deleted with its manifest by \(departure.by); only a push brings it back")
        } else {
            say(.note, "its manifest is gone: deleted, or swept and no longer kept; only a push brings it back")
        }
    }

    mutating func historyArrived(_ tag: Tag, _ name: RepositoryName, _ result: Result<[TagHistoryEntry], Failure>) {
        pastArrived(name, .history(tag), result.map { .history($0) })
    }

    mutating func deletedArrived(_ name: RepositoryName, _ result: Result<[TagDeparture], Failure>) {
        pastArrived(name, .deleted, result.map { .deleted($0) })
    }

    private mutating func pastArrived(
        _ name: RepositoryName, _ subject: TagPast.Subject, _ result: Result<TagPast.Rows, Failure>
    ) {
        guard case .past(var past) = overlay, past.repository == name, past.subject == subject else { return }
        switch result {
        case .success(let rows): past.rows = rows
        case .failure(let failure): past.rows = .failed(failure.message)
        }
        overlay = .past(past)
    }

    /// Rows that are seen of a list in the middle of the screen.
    func pastRowsVisible(_ past: TagPast) -> Int { max(1, min(past.rows.count, size.rows - 6)) }

    mutating func takePast(_ past: TagPast, _ key: Key) -> [Effect] {
        var past = past
        let (count, visible) = (past.rows.count, pastRowsVisible(past))
        switch Keymap.command(for: key, on: .tags) {
        case .down: past.list.move(by: 1, count: count, visible: visible)
        case .up: past.list.move(by: -1, count: count, visible: visible)
        case .pageDown: past.list.move(by: visible - 1, count: count, visible: visible)
        case .pageUp: past.list.move(by: 1 - visible, count: count, visible: visible)
        case .top: past.list.move(by: -count, count: count, visible: visible)
        case .bottom: past.list.move(by: count, count: count, visible: visible)
        case .nextPane, .previousPane, .left, .right:
            if past.subject != .deleted { return showDeleted() }
            return tags.list.selected == nil ? [] : showHistory()
        case .open: return choose(past)
        case .back, .quit, .history:
            overlay = nil
            return []
        default: break
        }
        overlay = .past(past)
        return []
    }

    /// Asks whether the tag is to point at the selected digest again; puts the selected deleted tag back.
    private mutating func choose(_ past: TagPast) -> [Effect] {
        guard let index = past.list.selection(count: past.rows.count) else { return [] }
        switch (past.rows, past.subject) {
        case (.history(let entries), .history(let tag)):
            let entry = entries[index]
            if entry.isCurrent {
                say(.note, "the tag points at it already")
            } else if !entry.isThere {
                sayAbsent(entry.digest, in: past.repository)
            } else {
                overlay = .dialog(.rollBack(tag, to: entry, in: past.repository, at: now))
            }
        case (.deleted(let departures), .deleted):
            guard departures[index].canReturn else {
                sayAbsent(departures[index].digest, in: past.repository, departures[index])
                return []
            }
            overlay = nil
            return [.restoreTags([departures[index]])]
        default: break
        }
        return []
    }

    mutating func tagSet(_ tag: Tag, _ digest: Digest, _ name: RepositoryName, _ failure: Failure?) {
        tagLists[name]?.expire()
        if let failure {
            say(.trouble, "\(name):\(tag) not changed: \(failure.message)")
        } else {
            say(.done, "\(name):\(tag) points at \(digest.short)")
        }
    }
}

extension Question {
    /// Whether a tag is to point at what it pointed at before.
    static func rollBack(_ tag: Tag, to entry: TagHistoryEntry, in name: RepositoryName, at now: Date) -> Question {
        let lines: [[Span]] = [
            [Span("It will point at "), Span(entry.digest.short, .title), Span(", \(ByteFormat.size(entry.bytes)).")],
            [Span("What it points at now stays in its history.", .dim)],
        ]
        let dialog = Dialog(
            "Roll \(name):\(tag) back?", lines: lines, buttons: [.init("Cancel"), .init("Roll back", key: "y")])
        return Question(subject: .rollBack(tag, entry.digest, in: name), dialog: dialog, opened: now)
    }
}
