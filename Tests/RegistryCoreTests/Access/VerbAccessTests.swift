import ImageBuilder
import OCI
import RegistryCollector
import RegistryStorage
import StorageProbes
import Testing

@testable import RegistryCore

/// What each verb asks for. Whoever may do everything but that is refused, and nothing is changed; whoever may do that and
/// nothing else is not.
@Suite struct VerbAccessTests {
    private static func refusal(_ verb: Verb, _ quay: Quay, _ name: RepositoryName, _ access: Access) async
        -> RegistryError?
    {
        do {
            try await verb.call(quay, name, access)
            return nil
        } catch {
            return RegistryError(error)
        }
    }

    /// Everything in every repository, less one thing in one.
    private static func allBut(_ action: Access.Action, in name: RepositoryName) -> Access {
        let all = Set(Access.Action.allCases)
        return .test(.init(all.subtracting([action]), "*"), .init(all, "team/source"))
    }

    @Test(arguments: Verb.all) func whoMayNotIsRefusedAndNothingChanges(verb: Verb) async throws {
        let quay = try await Quay.open()
        let before = try await quay.state()
        let events = quay.registry.events.subscribe(by: .test)
        let refusal = await Self.refusal(verb, quay, quay.name, Self.allBut(verb.action, in: quay.name))
        #expect(refusal == .denied(verb.action, quay.name, try verb.tag.map { try OCI.Tag($0) }))
        #expect(try await quay.state() == before)
        #expect(events.take().events.isEmpty)
    }

    @Test(arguments: Verb.all) func whoMayDoThisAndNothingElseIsNotRefused(verb: Verb) async throws {
        let quay = try await Quay.open()
        let access = Access.test(.init(verb.also.union([verb.action]), quay.name.text))
        #expect(await Self.refusal(verb, quay, quay.name, access) == nil)
    }

    /// What is refused says nothing of what is there.
    @Test(arguments: Verb.all.filter { $0.isOfName && $0.action != .retag })
    func aRefusalIsTheSameWhetherItIsThereOrNot(verb: Verb) async throws {
        let quay = try await Quay.open()
        for name in [quay.name, try RepositoryName("team/none")] {
            let refusal = await Self.refusal(verb, quay, name, .test(.init([.pull], "team/source")))
            #expect(refusal == .denied(verb.action, name, try verb.tag.map { try OCI.Tag($0) }))
        }
    }

    /// Tags go with their manifest, so each of them has to be one that may be deleted.
    @Test func aManifestStaysWithATagThatMayNotBeDeleted() async throws {
        let quay = try await Quay.open()
        let (digest, v1) = (quay.image.manifest.digest, try OCI.Tag("v1"))
        let before = try await quay.state()
        let untagged = DeletesUntagged(name: quay.name, tags: [])
        await #expect(throws: RegistryError.denied(.delete, quay.name, v1)) {
            try await quay.registry.deleteManifest(digest, in: quay.name, by: Access(.test, untagged))
        }
        #expect(try await quay.state() == before)
        let both = DeletesUntagged(name: quay.name, tags: [v1])
        try await quay.registry.deleteManifest(digest, in: quay.name, by: Access(.test, both))
    }

    private struct DeletesUntagged: AccessDecision {
        var name: RepositoryName
        var tags: Set<OCI.Tag>

        func allows(
            _ action: Access.Action, _ repository: RepositoryName?, _ tag: OCI.Tag?, for client: Client
        ) -> Bool {
            action == .delete && repository == name && (tag.map { tags.contains($0) } ?? true)
        }
    }

    /// Only a tag that points elsewhere is pointed anew.
    @Test func whoMayNotRetagMaySetNewTagsAndTheSameAgain() async throws {
        let quay = try await Quay.open()
        let access = Access.test(.init([.push], quay.name.text))
        let (v1, digest) = (try OCI.Tag("v1"), quay.image.manifest.digest)
        try await quay.put(quay.image.manifest, .tag(v1), [try OCI.Tag("new")], quay.name, access)
        try await quay.registry.setTag(v1, to: digest, in: quay.name, by: access)
        try await quay.registry.setTag(try OCI.Tag("newer"), to: digest, in: quay.name, by: access)
        // A push with one such tag sets none of its others.
        let before = try await quay.state()
        await #expect(throws: RegistryError.denied(.retag, quay.name, v1)) {
            try await quay.put(quay.other.manifest, .tag(try OCI.Tag("newest")), [v1], quay.name, access)
        }
        #expect(try await quay.state() == before)
    }

    /// A source that may not be pulled from does not hold the blob, whether it is named or found.
    @Test func aMountTakesFromWhatMayBePulledAlone() async throws {
        let quay = try await Quay.open()
        let (layer, source) = (quay.image.blobs[0].digest, try RepositoryName("team/source"))
        let target = try RepositoryName("mine/app")
        let blind = Access.test(.init([.push, .pull], "mine/*"))
        let before = try await quay.state()
        for from in [source, quay.name, nil] {
            #expect(try await quay.registry.mountBlob(layer, from: from, into: target, by: blind) == nil)
        }
        #expect(try await quay.state() == before)
        let seeing = Access.test(.init([.push], "mine/*"), .init([.pull], "team/source"))
        #expect(try await quay.registry.mountBlob(layer, from: quay.name, into: target, by: seeing) == nil)
        #expect(try await quay.registry.mountBlob(layer, from: nil, into: target, by: seeing)?.digest == layer)
    }

    /// However many hold it that may not be pulled from, one that may be is found.
    @Test func aMountLooksPastWhatMayNotBePulled() async throws {
        let registry = try await Registry.sample()
        let blob = SampleImage.Blob([7])
        for number in 0..<40 { try await registry.push(blob: blob, to: try RepositoryName("closed/n\(number)")) }
        try await registry.push(blob: blob, to: try RepositoryName("open/last"))
        let access = Access.test(.init([.push], "mine/app"), .init([.pull], "open/*"))
        let events = registry.events.subscribe(by: .test)
        let mounted = try await registry.mountBlob(
            blob.digest, from: nil, into: try RepositoryName("mine/app"), by: access)
        #expect(mounted?.digest == blob.digest)
        guard case .blobMounted(_, _, let from) = events.take().events.first?.action else {
            Issue.record("nothing was mounted")
            return
        }
        #expect(from.text == "open/last")
    }
}
