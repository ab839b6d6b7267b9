import Foundation
import OCI
import RegistryCore

/// Tags that were just deleted, and until when one key puts them back.
struct TagUndo: Sendable, Equatable {
    /// How long it does; later the list of deleted tags has them (reference, 3.4).
    static let seconds = 30.0

    var repository: RepositoryName
    var departures: [TagDeparture]
    var until: Date
}

extension Model {
    /// Whether one key would put something back on this screen.
    var canPutTagsBack: Bool { tagUndo.map { $0.until > now && place == .tags($0.repository) } ?? false }

    /// What became of tags that were to be deleted.
    mutating func tagsDeleted(
        _ name: RepositoryName, _ outcomes: [(tag: Tag, failure: Failure?)], _ undo: [TagDeparture]
    ) {
        tagLists[name]?.expire()
        repositories.loaded.expire()
        let gone = outcomes.filter { $0.failure == nil }.map(\.tag)
        let returning = undo.filter(\.canReturn)
        tagUndo =
            returning.isEmpty
            ? nil : TagUndo(repository: name, departures: returning, until: now.addingTimeInterval(TagUndo.seconds))
        let how = returning.isEmpty ? "bytes stay until a sweep" : "z puts \(gone.count == 1 ? "it" : "them") back"
        if let broken = outcomes.first(where: { $0.failure != nil }), let failure = broken.failure {
            say(.trouble, "\(name):\(broken.tag) not deleted: \(failure.message)")
        } else if gone.count == 1, let tag = gone.first {
            say(.done, "deleted \(name):\(tag); \(how)")
        } else {
            say(.done, "deleted \(gone.count) tags of \(name); \(how)")
        }
    }

    /// Puts back what was deleted last on this screen.
    mutating func putTagsBack() -> [Effect] {
        guard canPutTagsBack, let undo = tagUndo else {
            say(.note, "nothing was deleted here in the last 30 s; D lists deleted tags")
            return []
        }
        tagUndo = nil
        return [.restoreTags(undo.departures)]
    }

    /// What became of deleted tags that were to be put back.
    mutating func tagsRestored(_ outcomes: [(tag: TagDeparture, failure: Failure?)]) {
        for outcome in outcomes { tagLists[outcome.tag.repository]?.expire() }
        repositories.loaded.expire()
        if let failure = outcomes.lazy.compactMap(\.failure).first {
            say(.trouble, "not put back: \(failure.message)")
        } else if outcomes.count == 1, let tag = outcomes.first?.tag {
            say(.done, "\(tag.repository):\(tag.tag) is back at \(tag.digest.short)")
        } else {
            say(.done, "\(outcomes.count) tags are back")
        }
    }
}
