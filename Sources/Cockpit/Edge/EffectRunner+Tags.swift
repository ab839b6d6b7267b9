import OCI
import RegistryCore

/// Tags that go and come back.
extension EffectRunner {
    /// In the order of the list, so that the terminal's thread need not sort.
    func tags(in name: RepositoryName, since mark: Int64?) async -> Result<TagListing?, Failure> {
        await Self.result { try await self.registry.tags(in: name, since: mark) }.map { $0.map(TagListing.init) }
    }

    /// Deletes each, and looks up with what those that went can be put back.
    func delete(_ tags: [Tag], in name: RepositoryName) async -> Message {
        var outcomes: [(tag: Tag, failure: Failure?)] = []
        for tag in tags {
            let result = await Self.result { try await self.registry.deleteTag(tag, in: name) }
            outcomes.append((tag, result.failure))
        }
        let gone = Set(outcomes.filter { $0.failure == nil }.map(\.tag))
        // Other tags may have gone meanwhile; what is not found is only not offered.
        let limit = gone.count + TagPast.deletedMax
        let deleted = (try? await registry.deletedTags(in: name, limit: limit)) ?? []
        return .tagsDeleted(name, outcomes, undo: deleted.filter { gone.contains($0.tag) })
    }

    func restore(_ departures: [TagDeparture]) async -> Message {
        var outcomes: [(tag: TagDeparture, failure: Failure?)] = []
        for departure in departures {
            let result = await Self.result { try await self.registry.restoreTag(departure) }
            outcomes.append((departure, result.failure))
        }
        return .tagsRestored(outcomes)
    }

    func set(_ tag: Tag, to digest: Digest, in name: RepositoryName) async -> Message {
        let result = await Self.result { try await self.registry.setTag(tag, to: digest, in: name) }
        return .tagSet(tag, digest, name, result.failure)
    }
}

extension Result where Failure == Cockpit.Failure {
    fileprivate var failure: Failure? { if case .failure(let failure) = self { failure } else { nil } }
}
