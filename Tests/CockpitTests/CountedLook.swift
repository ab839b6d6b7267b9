import CountedStore
import Drawing
import RegistryCore
import ScreenWords
import StorageProbes

@testable import Cockpit

/// A store, its count, and the cockpit on it; what is wrong is gathered, so that a failure says all of it.
struct CountedLook {
    private var session: LiveSession
    private var shown: ShownScreen
    let census: TreeCensus
    let isDamaged: Bool
    private(set) var wrong: [String] = []
    /// How many numbers were compared.
    private(set) var compared = 0

    init(seed: UInt64, isDamaged: Bool) async throws {
        self.isDamaged = isDamaged
        var store = try await SharingStore(seed: seed)
        if isDamaged { try await store.damage(2) }
        census = TreeCensus(try await Tree.content(of: store.storage))
        session = try await LiveSession(store.registry)
        await session.send(.input(.resize(Size(columns: 200, rows: 60)), at: session.now))
        shown = ShownScreen(session.model)
    }

    private mutating func press(_ keys: Key...) async {
        for key in keys { await session.press(key) }
        shown = ShownScreen(session.model)
    }

    private mutating func type(_ text: String) async {
        await session.type(text)
        shown = ShownScreen(session.model)
    }

    private mutating func compare(_ what: String, _ said: Int?, _ counted: Int) {
        compared += 1
        if said != counted { wrong.append("\(what): \(said.map(String.init) ?? "nothing"), not \(counted)") }
    }

    private mutating func compare(_ what: String, _ said: ShownSize?, _ digests: Set<String>) {
        compared += 1
        let bytes = census.bytes(of: digests)
        if said?.stands(for: bytes) != true {
            wrong.append("\(what): \(said?.description ?? "nothing"), not \(bytes) bytes")
        }
    }

    private func line(_ lines: [String], _ word: String) -> String {
        lines.first { $0.words.contains(Substring(word)) } ?? ""
    }

    /// Selects the row that starts with the word.
    private mutating func select(_ word: String) async {
        await press(.home)
        for _ in 0..<60 where !shown.left.contains(where: { $0.hasPrefix("│▸") && $0.words.first == word[...] }) {
            await press(.down)
        }
    }

    // MARK: Screens

    mutating func readAll() async {
        await readRepositories()
        for name in census.shelves.keys.sorted() where census.shelves[name]?.tags.isEmpty == false {
            await readTags(of: name)
        }
        guard !isDamaged else { return }
        await readSweep()
        await readCheck()
    }

    private mutating func readRepositories() async {
        let names = census.shelves.filter { !$0.value.tags.isEmpty || !census.held(by: $0.key).isEmpty }.keys
            .sorted()
        compare("repositories", shown.title.number(after: "repositories"), names.count)
        for name in names {
            let (shelf, held) = (census.shelves[name] ?? .init(), census.held(by: name))
            let others = names.filter { $0 != name }.reduce(into: Set()) { $0.formUnion(census.held(by: $1)) }
            let row = line(shown.left, name)
            compare("\(name): tags", row.words.dropFirst().first.flatMap { Int($0) }, shelf.tags.count)
            compare("\(name): size", row.sizes.first, held)
            compare("\(name): unique", row.sizes.dropFirst().first, held.subtracting(others))
            await select(name)
            compare(
                "\(name): tags, in full", line(shown.right, "manifests").number(after: "tags"), shelf.tags.count)
            compare(
                "\(name): manifests", line(shown.right, "manifests").number(after: "manifests"),
                census.manifests(of: name).count)
            let totals = line(shown.right, "unique").sizes
            compare("\(name): unique, in full", totals.first, held.subtracting(others))
            compare("\(name): shared", totals.last, held.intersection(others))
            await type("w")
            readReturn("\(name), all", census.tags.filter { $0.repository == name }, [name])
            await press(.escape)
        }
    }

    private mutating func readTags(of name: String) async {
        await select(name)
        await press(.enter)
        let tags = census.shelves[name]?.tags ?? [:]
        compare("\(name): tags in its title", shown.title.number(after: "tags"), tags.count)
        for (tag, digest) in tags.sorted(by: { $0.key < $1.key }) {
            let what = "\(name):\(tag)"
            let row = line(shown.left, tag)
            let reach = census.reach(digest, in: name)
            let same = tags.values.count { $0 == digest }
            compare("\(what): size", row.sizes.first, reach)
            let said = row.words.first { $0.hasPrefix("=") }.flatMap { Int($0.dropFirst()) }
            compare("\(what): tags of the digest", said ?? 1, same)
            await select(tag)
            compare("\(what): size, in full", line(shown.right, "size").sizes.first, reach)
            await type("w")
            readReturn(what, [.init(repository: name, tag: tag)], [])
            await press(.escape)
            await type("d")
            readDeletion(what, .init(repository: name, tag: tag))
            await press(.escape)
            await press(.enter)
            await readGraph(what, .init(repository: name, tag: tag))
            await press(.escape)
        }
        await press(.escape)
    }

    private mutating func readReturn(_ what: String, _ places: [TreeCensus.Place], _ whole: Set<String>) {
        let counted = census.comesBack(deleting: places, whole: whole)
        // What lies beside damage is spared: `ReclaimCountTests` has its numbers.
        guard !isDamaged else { return }
        let first = shown.lines.first { $0.contains("come back") } ?? ""
        compare("\(what): comes back", first.sizes.last, counted.freed)
        compare("\(what): blobs that come back", first.number(before: "blob"), counted.freed.count)
        compare("\(what): tags that go", first.number(before: "tag"), places.count)
        let shared = shown.lines.first { $0.contains(" stay, shared with") }
        if !counted.shared.isEmpty { compare("\(what): stays shared", shared?.sizes.last, counted.shared) }
        for sharer in counted.sharers.prefix(8) {
            let row = shown.lines.first {
                $0.contains(" \(sharer.place.repository):\(sharer.place.tag) ") && !$0.contains("deleted")
            }
            compared += 1
            if row?.sizes.contains(where: { $0.stands(for: sharer.bytes) }) != true {
                wrong.append("\(what): \(sharer.place) shares \(sharer.bytes) bytes, not in '\(row ?? "")'")
            }
        }
    }

    private mutating func readDeletion(_ what: String, _ place: TreeCensus.Place) {
        let counted = census.comesBack(deleting: [place])
        guard !isDamaged else { return }
        let sizes = (shown.lines.first { $0.contains("A later sweep of untagged") } ?? "").sizes
        compare("\(what): the dialog frees", sizes.first, counted.freed)
        if !counted.shared.isEmpty { compare("\(what): the dialog leaves", sizes.last, counted.shared) }
    }

    private mutating func readGraph(_ what: String, _ place: TreeCensus.Place) async {
        guard let digest = census.shelves[place.repository]?.tags[place.tag], census.documents[digest] != nil else {
            return
        }
        let reach = census.reach(digest, in: place.repository)
        let others = census.reach(census.tags.filter { $0 != place })
        let title = (shown.left.first { $0.contains(" total · ") } ?? "").sizes
        compare("\(what): total", title.first, reach)
        compare("\(what): exclusive", title.last, reach.subtracting(others))
        for row in shown.left {
            // Twelve digits of the digest, the size at its end, then how many tags need it.
            guard let short = row.words.first(where: { $0.wholeMatch(of: /[0-9a-f]{12}/) != nil }),
                let node = reach.first(where: { $0.hasPrefix("sha256:\(short)") }), census.sizes[node] != nil
            else { continue }
            let isManifest = census.shelves[place.repository]?.revisions.contains(node) == true
            compare(
                "\(what): \(short)", row.sizes.last,
                isManifest ? census.reach(node, in: place.repository) : [node])
            let users = row.words.first { $0.hasPrefix("×") }.flatMap { Int($0.dropFirst()) }
            compare(
                "\(what): tags that need \(short)", users ?? 1,
                census.tags.count { census.reach([$0]).contains(node) })
        }
    }

    private mutating func readSweep() async {
        await type("5tf---")
        let going = Set(census.sizes.keys).subtracting(census.reach(census.tags)).subtracting(
            census.waiting(without: []))
        let row = line(shown.left, "remove")
        compare("what a sweep removes", row.sizes.first, going)
        // The first page key takes the bar to the end of the page that is shown, the next one shows the next.
        var (blobs, idle) = (Set<[Substring]>(), 0)
        while idle < 2 {
            let before = blobs.count
            blobs.formUnion(shown.right.map(\.words).filter { $0.first == "[x]" })
            idle = blobs.count == before ? idle + 1 : 0
            await press(.pageDown)
        }
        blobs = blobs.filter { !$0.contains("link") && !$0.contains("repo") }
        compare("blobs that a sweep removes", blobs.count, going.count)
        await press(.escape)
    }

    private mutating func readCheck() async {
        await type("7r")
        await session.look()
        shown = ShownScreen(session.model)
        compare(
            "check: repositories", line(shown.left, "repositories").number(after: "repositories"),
            census.shelves.count)
        compare("check: tags", line(shown.left, "tags").number(after: "tags"), census.tags.count)
        compare(
            "check: manifests", line(shown.left, "manifests").number(after: "manifests"),
            census.shelves.keys.reduce(0) { $0 + census.manifests(of: $1).count })
        compare("check: blobs", line(shown.left, "blobs").number(after: "blobs"), census.sizes.count)
        compare("check: size", line(shown.left, "size").sizes.first, Set(census.sizes.keys))
        await press(.escape)
    }
}
