import ImageBuilder
import OCI
import RegistryCollector
import RegistryIndex
import RegistryStorage
import SeededRandom
import Testing

@testable import RegistryCore

/// Lists leave out what may not be seen, and their pages are full all the same.
@Suite struct ListAccessTests {
    private static let sizes = [1, 2, 7, 100]

    /// Lets see what is named, and nothing else: repositories by their names, tags as `name:tag`.
    private struct Shown: AccessDecision {
        var texts: Set<String>

        func allows(
            _ action: Access.Action, _ repository: RepositoryName?, _ tag: OCI.Tag?, for client: Client
        ) -> Bool {
            guard let repository, action == .list || action == .pull else { return false }
            return texts.contains(repository.text) && (tag.map { texts.contains("\(repository):\($0)") } ?? true)
        }
    }

    /// Names of nested repositories, in byte order, about half of them shown.
    private static func names(_ seed: UInt64) -> (all: [String], shown: Set<String>) {
        var random = SeededGenerator(seed: seed)
        let parts = ["a", "a-b", "a.b", "a_b", "b", "b0", "c"]
        var names: Set<String> = []
        for _ in 0..<90 {
            let depth = Int.random(in: 1...3, using: &random)
            names.insert((0..<depth).map { _ in parts.randomElement(using: &random) ?? "a" }.joined(separator: "/"))
        }
        let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return (sorted, Set(sorted.filter { _ in Bool.random(using: &random) }))
    }

    private static func pages(_ size: Int, _ page: (String?, Int) async throws -> [String]) async throws -> [String] {
        var found: [String] = []
        while case let next = try await page(found.last, size), !next.isEmpty {
            found += next
            // Only the last is not full.
            if next.count < size { break }
        }
        return found
    }

    /// From the index and, before that is up to it, from the tree.
    @Test(arguments: [1, 2, 3] as [UInt64], [true, false])
    func theCatalogueHasWhatMayBeListed(seed: UInt64, isReconciled: Bool) async throws {
        let (all, shown) = Self.names(seed)
        let storage = MemoryDriver()
        let writer = try await Registry.sample(storage)
        for name in all { try await writer.push(blob: .init([1]), to: try RepositoryName(name)) }
        let registry = try isReconciled ? writer : Registry.unread(storage)
        let access = Access(.test, Shown(texts: shown))
        let expected = all.filter(shown.contains)
        #expect(!expected.isEmpty && expected.count < all.count)
        for size in Self.sizes {
            let found = try await Self.pages(size) { last, limit in
                try await registry.repositoryNames(after: last, limit: limit, by: access).map(\.text)
            }
            #expect(found == expected, "seed \(seed), pages of \(size)")
        }
        // Behind a name that is not shown.
        for last in all {
            let rest = expected.filter { last.utf8.lexicographicallyPrecedes($0.utf8) }
            let page = try await registry.repositoryNames(after: last, limit: 3, by: access)
            #expect(page.map(\.text) == Array(rest.prefix(3)), "seed \(seed), after \(last)")
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64], [true, false])
    func tagsAreThoseThatMayBePulled(seed: UInt64, isReconciled: Bool) async throws {
        var random = SeededGenerator(seed: seed)
        let storage = MemoryDriver()
        let writer = try await Registry.sample(storage)
        let (name, image) = (try RepositoryName("team/app"), try SampleImage(layers: [[1]]))
        try await writer.push(image, to: name, tag: nil)
        let all = Set((0..<60).map { _ in "v\(Int.random(in: 0...500, using: &random))" }).sorted()
        for tag in all {
            try await writer.setTag(try OCI.Tag(tag), to: image.manifest.digest, in: name, by: .test)
        }
        let shown = all.filter { _ in Bool.random(using: &random) }
        let access = Access(.test, Shown(texts: Set(shown.map { "\(name):\($0)" } + [name.text])))
        let registry = try isReconciled ? writer : Registry.unread(storage)
        for size in Self.sizes {
            let found = try await Self.pages(size) { last, limit in
                try await registry.tagNames(in: name, after: last, limit: limit, by: access).map(\.text)
            }
            #expect(found == shown, "seed \(seed), pages of \(size)")
        }
        guard isReconciled else { return }
        let tags = try await registry.tags(in: name, by: access)
        #expect(tags.map(\.tag.text) == shown)
        // Those that are not shown are not counted either.
        #expect(tags.allSatisfy { $0.sameDigest == shown.count - 1 })
    }

    @Test func summariesAreOfWhatMayBeListedAndPulled() async throws {
        let quay = try await Quay.open()
        let all = try await quay.registry.repositories(by: .test)
        #expect(all.map(\.name.text) == ["team/app", "team/source"])
        for (rules, names) in [
            ([.init([.list, .pull], "team/app")], ["team/app"]), ([.init([.list], "*")], []),
            ([.init([.pull], "*")], []),
            ([.init([.list, .pull], "*")], ["team/app", "team/source"]),
        ] as [([AccessRules.Rule], [String])] {
            let access = Access(.test, AccessRules(rules))
            #expect(try await quay.registry.repositories(by: access) == all.filter { names.contains($0.name.text) })
        }
        // Nor is it told that one has gone.
        let mark = try await quay.registry.repositories(since: nil, by: .test).mark
        let source = try RepositoryName("team/source")
        let blobs = quay.image.blobs.map(\.digest)
        try await quay.registry.deleteManifest(quay.image.manifest.digest, in: source, by: .test)
        for blob in blobs { try await quay.registry.deleteBlob(blob, in: source, by: .test) }
        let access = Access.test(.init([.list, .pull], "team/app"))
        #expect(try await quay.registry.repositories(since: mark, by: .test).gone == [source])
        #expect(try await quay.registry.repositories(since: mark, by: access).gone == [])
    }

    /// However many went that may not be seen.
    @Test func deletedTagsAreThoseThatMayBePulled() async throws {
        let quay = try await Quay.open()
        let source = try RepositoryName("team/source")
        for number in 0..<20 {
            let tag = try OCI.Tag("t\(number)")
            try await quay.registry.setTag(tag, to: quay.image.manifest.digest, in: source, by: .test)
            try await quay.registry.deleteTag(tag, in: source, by: .test)
        }
        let access = Access.test(.init([.pull], "team/app"))
        #expect(try await quay.registry.deletedTags(limit: 5, by: access) == [quay.gone])
        #expect(try await quay.registry.deletedTags(limit: 5, by: .test).count == 5)
    }

    @Test func whoUsesABlobIsToldOfWhatMayBePulled() async throws {
        let quay = try await Quay.open()
        let layer = quay.image.blobs[0].digest
        let all = try await quay.registry.users(of: layer, by: .test)
        #expect(all.count == 3)
        let access = Access.test(.init([.pull], "team/source"))
        #expect(
            try await quay.registry.users(of: layer, by: access) == all.filter { $0.repository.text == "team/source" })
        #expect(try await quay.registry.users(of: layer, by: .test()).isEmpty)
    }

    /// What somebody means who names only the repository is something that they may pull.
    @Test func theTagThatIsMeantMayBePulled() async throws {
        let quay = try await Quay.open()
        let latest = try OCI.Tag("latest")
        try await quay.registry.setTag(latest, to: quay.image.manifest.digest, in: quay.name, by: .test)
        #expect(try quay.registry.pullable(in: quay.name, by: .test)?.reference == .tag(latest))
        let rules = [AccessRules.Rule([.pull], "team/app", tags: ["v1"])]
        let access = Access(.test, OfDigests(rules: AccessRules(rules)))
        #expect(try quay.registry.pullable(in: quay.name, by: access)?.reference == .tag(try OCI.Tag("v1")))
    }

    /// By digest everything, by tag what the rules say.
    private struct OfDigests: AccessDecision {
        var rules: AccessRules

        func allows(
            _ action: Access.Action, _ repository: RepositoryName?, _ tag: OCI.Tag?, for client: Client
        ) -> Bool { tag == nil || rules.allows(action, repository, tag, for: client) }
    }

    /// A sparse index can name what only another repository has; its graph is not a way to look into it.
    @Test func aGraphEndsAtWhatMayNotBePulled() async throws {
        var configuration = Registry.Configuration()
        configuration.requiresIndexEntries = false
        let registry = try await Registry.sample(configuration: configuration)
        let (mine, closed) = (try RepositoryName("mine/app"), try RepositoryName("closed/app"))
        let image = try SampleImage(layers: [[1], [2]])
        try await registry.push(image, to: closed, tag: try OCI.Tag("v1"))
        let index = try SampleImage.index([("amd64", image)])
        try await registry.push(index, to: mine, tag: try OCI.Tag("all"))
        let access = Access.test(.init([.pull], "mine/*"))
        let all = Reference.tag(try OCI.Tag("all"))
        let whole = try await registry.graph(of: all, in: mine, by: .test)
        #expect(whole.root.children.first?.children.count == 3)
        let seen = try await registry.graph(of: all, in: mine, by: access)
        #expect(seen.root.children.map(\.digest) == [image.manifest.digest])
        #expect(seen.root.children.first?.children.isEmpty == true)
        // Nor by its digest in a repository that does not hold it.
        let digest = Reference.digest(image.manifest.digest)
        await #expect(throws: RegistryError.manifestUnknown(digest, mine)) {
            try await registry.graph(of: digest, in: mine, by: access)
        }
    }

    /// Each event is shown to who may pull what it is about, and what is about all of them to who administers.
    @Test func aWatcherIsToldOfWhatMayBeSeen() async throws {
        let quay = try await Quay.open()
        let events = quay.registry.events
        let all = events.subscribe(by: .test)
        let ours = events.subscribe(by: .test(.init([.pull], "team/app")))
        let administrator = events.subscribe(by: .test(.init([.administer], nil)))
        let v1 = events.subscribe(by: .test(.init([.pull], "team/app", tags: ["v1"])))
        let source = try RepositoryName("team/source")
        let layer = quay.image.blobs[0].digest
        for name in [quay.name, source] {
            for tag in ["v1", "v3"] {
                try await quay.registry.setTag(try OCI.Tag(tag), to: quay.image.manifest.digest, in: name, by: .test)
            }
            quay.registry.publish(.uploadStarted(name), by: .test)
        }
        _ = try await quay.registry.mountBlob(layer, from: source, into: quay.name, by: .test)
        _ = try await quay.registry.mountBlob(layer, from: quay.name, into: quay.name, by: .test)
        quay.registry.publish(.refused(nil, code: "X", message: "x"), by: .test)
        try await quay.registry.collector.reconcile(by: .test)
        let told = all.take().events
        #expect(told.count == 10)
        #expect(administrator.take().events == told.filter { $0.repository == nil })
        #expect(
            ours.take().events
                == told.filter { event in
                    if case .blobMounted(_, _, let from) = event.action, from != quay.name { return false }
                    return event.repository == quay.name
                })
        #expect(v1.take().events == Array(told.filter { $0.repository == quay.name }.prefix(1)))
    }

    @Test func transfersAreThoseOfWhatMayBePulled() throws {
        let table = TransferTable()
        let (mine, closed) = (try RepositoryName("mine/app"), try RepositoryName("closed/app"))
        let running = [mine, closed].map { table.begin(.pull, $0, digest: nil, total: nil, by: .test) }
        #expect(table.snapshot(by: .test).map(\.repository) == [mine, closed])
        #expect(table.snapshot(by: .test(.init([.pull], "mine/*"))).map(\.repository) == [mine])
        for transfer in running { transfer.end() }
    }
}
