import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore
import SeededRandom
import Testing

@testable import Cockpit

/// Long lists: kept up by what changed, arranged by somebody else, and right all the same.
@Suite struct OrderedListTests {
    private static func row(_ number: Int, bytes: Int64, tags: Int = 1) throws -> RepositorySummary {
        RepositorySummary(
            name: try RepositoryName("team/app-\(number)"), tagCount: tags, manifestCount: 1, bytes: bytes,
            bytesUnique: 0)
    }

    /// Any changes, orders and filters, with jobs that come back late: in the end it is what sorting and filtering the whole
    /// list gives, and the selection is on the row that it was on.
    @Test(arguments: [40, 5_000]) func aKeptListIsTheWholeListArranged(size: Int) throws {
        var random = SeededGenerator()
        print("BERTH_SEED=\(random.seed)")
        var model: [RepositoryName: RepositorySummary] = [:]
        for number in 0..<size {
            let row = try Self.row(number * 2, bytes: .random(in: 0..<50, using: &random))
            model[row.name] = row
        }
        func sorted() -> [RepositorySummary] { model.values.sorted { $0.name < $1.name } }
        var order = RepositoryOrder()
        var list = OrderedList(order)
        list.replace(sorted(), order)
        var job: ArrangeJob<RepositoryOrder>?
        for step in 0..<400 {
            list.state.selection = .random(in: 0..<max(1, list.rows.count), using: &random)
            let selected = list.selected
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                order.sort = RepositoriesScreen.Sort.allCases.randomElement(using: &random) ?? .name
                order.isDescending = .random(using: &random)
                list.arrange(order)
            case 1:
                order.filter = Filter(text: ["", "1", "!1", "app 7", "nothing"].randomElement(using: &random) ?? "")
                list.arrange(order)
            case 2: if let done = job { list.take(done.run()); job = nil }
            default:
                let count = step % 50 == 0 ? 300 : Int.random(in: 0...4, using: &random)
                var changed: [RepositoryName: RepositorySummary] = [:]
                for _ in 0..<count {
                    let row = try Self.row(
                        .random(in: 0..<(size * 3), using: &random), bytes: .random(in: 0..<50, using: &random))
                    changed[row.name] = row
                }
                var gone: [RepositorySummary] = []
                let name = try Self.row(.random(in: 0..<(size * 3), using: &random), bytes: 0).name
                if Bool.random(using: &random), let row = model[name] {
                    changed[row.name] = nil
                    gone = [row]
                }
                for row in changed.values { model[row.name] = row }
                for row in gone { model[row.name] = nil }
                list.merge(changed.values.sorted { $0.name < $1.name }, gone: gone)
            }
            if job == nil { job = list.takeJob() }
            if let selected, list.rows.contains(where: { $0.name == selected.name }) {
                let isKept = list.selected?.name == selected.name
                #expect(isKept, "step \(step), seed \(random.seed)")
            }
        }
        while let next = job ?? list.takeJob() {
            list.take(next.run())
            job = nil
        }
        let shown = sorted().filter { order.filter.matches($0.searchText) }.sorted(by: order.precedes)
        let (isWhole, isShown) = (Array(list.all) == sorted(), Array(list.rows) == shown)
        #expect(isWhole && isShown && !list.isArranging, "seed \(random.seed)")
    }

    @Test func aSelectionOutlivesAnOrderThatShowsNothing() throws {
        var order = RepositoryOrder()
        order.sort = .bytes
        var list = OrderedList(order)
        list.replace(try (10_000..<13_000).map { try Self.row($0, bytes: Int64($0 % 7)) }, order)
        let first = list.takeJob()
        list.take(try #require(first).run())
        list.state.selection = 1234
        let selected = try #require(list.selected)
        order.filter = Filter(text: "nothing")
        list.arrange(order)
        let late = list.takeJob()
        order.filter = Filter(text: "")
        list.arrange(order)
        list.take(try #require(late).run())
        #expect(list.rows.count == 3_000 && list.selected?.name == selected.name)
    }

    /// No key makes the thread that draws look at each row of a long list.
    @Test func aLongListIsFilteredAndSortedBySomebodyElse() throws {
        var registry = try FakeRegistry.sample()
        registry.repositories = try (0..<3_000).map { try Self.row($0 + 10_000, bytes: Int64($0 % 7)) }
        var session = try Session(registry)
        #expect(session.model.repositories.list.rows.count == 3_000)
        session.isAnswering = false
        session.type("s")
        #expect(session.model.repositories.list.isArranging && session.model.repositories.list.rows.count == 3_000)
        session.type("/app-1299")
        session.press(.enter)
        #expect(session.model.repositories.list.rows.count == 3_000)
        let jobs = session.outside.compactMap { if case .arrangeRepositories(let job) = $0 { job } else { nil } }
        #expect(jobs.count == 1)
        session.isAnswering = true
        session.send(.repositoriesArranged(try #require(jobs.first).run()))
        // What was typed meanwhile is the next job.
        #expect(session.model.repositories.list.rows.map(\.name.text) == (12_990..<13_000).map { "team/app-\($0)" })
        #expect(session.shows("10 of 3000") || session.shows("repositories 10 of 3000"))
    }

    @Test func aListAsksForWhatHasChangedAndKeepsItsRows() throws {
        var session = try Session()
        session.send(
            .repositories(.success(RepositoryChanges(changed: session.registry.repositories, mark: 41))))
        let alpine = try RepositoryName("base/alpine")
        session.isAnswering = false
        session.registry.generation += 1
        session.sample()
        #expect(session.outside.contains(.loadRepositories(since: 41)))
        var row = session.registry.repositories[0]
        row.tagCount = 9
        session.send(
            .repositories(
                .success(
                    RepositoryChanges(
                        isWhole: false, changed: [row], gone: [try RepositoryName("tools/ci")], mark: 42))))
        #expect(session.model.repositories.list.rows.map(\.name.text) == ["base/alpine", "team/app"])
        #expect(session.model.repositories.list.rows.first { $0.name == alpine }?.tagCount == 9)
        session.press(.ctrl("r"))
        #expect(
            session.outside.last { if case .loadRepositories = $0 { true } else { false } }
                == .loadRepositories(since: nil))
    }

    @Test func tagsThatHaveNotChangedAreNotReadAgain() throws {
        var session = try Session()
        session.press(.down, .enter)
        let app = try RepositoryName("team/app")
        session.send(.tags(app, .success(TagListing(TagList(session.registry.tags[app] ?? [], mark: 7)))))
        session.isAnswering = false
        session.registry.generation += 1
        session.sample()
        #expect(session.outside.last == .loadTags(app, since: 7))
        session.send(.tags(app, .success(nil)))
        #expect(session.model.tags.list.rows.count == 4)
        // A pull changes no list, and is shown all the same.
        var pull = try #require(sampleEvents().first { if case .manifestPulled = $0.action { true } else { false } })
        pull.time = noon.addingTimeInterval(1)
        session.sample(events: [pull])
        #expect(session.model.tags.list.rows.first { $0.tag.text == "1.10" }?.lastPull == pull.time)
        session.registry.generation += 1
        session.sample()
        #expect(session.outside.last == .loadTags(app, since: nil))
    }

    /// What was begun for one repository is nothing for the next.
    @Test func aJobOfAnotherListIsDropped() throws {
        func listing(_ letter: String) throws -> TagListing {
            TagListing(
                TagList(
                    try (0..<2_500).map {
                        TagSummary(
                            tag: try Tag("\(letter)\($0)"), digest: try digest(letter), mediaType: .ociManifest,
                            bytes: 1)
                    }))
        }
        var session = try Session()
        session.isAnswering = false
        let names = try ["team/app", "tools/ci"].map { try RepositoryName($0) }
        for (name, letter) in zip(names, ["a", "b"]) {
            session.model.open(.tags(name))
            session.send(.tags(name, .success(try listing(letter))))
            session.type("s")
        }
        let jobs = session.outside.compactMap { if case .arrangeTags(let job) = $0 { job } else { nil } }
        #expect(jobs.count >= 2)
        for job in jobs { session.send(.tagsArranged(job.run())) }
        let isOfOne = session.model.tags.list.rows.allSatisfy { $0.tag.text.hasPrefix("b") }
        #expect(isOfOne && session.model.tags.list.rows.count == 2_500)
    }

    /// Reading a list of thousands of tags again and again would cost as much as the index does.
    @Test func aLongListOfTagsIsReadSeldomWhileTheIndexIsBuilt() throws {
        var session = try Session()
        let app = try RepositoryName("team/app")
        session.press(.down, .enter)
        session.isAnswering = false
        let tags = try (0..<2_500).map {
            TagSummary(tag: try Tag("t\($0)"), digest: try digest("t"), mediaType: .ociManifest, bytes: 1)
        }
        session.sample(isReconciled: false)
        session.send(.tags(app, .success(TagListing(TagList(tags)))))
        func asked() -> Int { session.outside.count { if case .loadTags = $0 { true } else { false } } }
        let before = asked()
        for _ in 0..<10 {
            session.registry.generation += 1
            session.now += 1
            session.sample(isReconciled: false)
        }
        #expect(asked() == before)
        session.now += 30
        session.sample(isReconciled: false)
        #expect(asked() == before + 1)
        session.send(.tags(app, .success(TagListing(TagList(tags)))))
        session.registry.generation += 1
        session.sample()
        #expect(asked() == before + 2)
    }

    @Test func theOrderOfLongNumbersAndTimesIsThatOfTheirValues() throws {
        let times: [Date?] = [nil, Date(timeIntervalSince1970: -1e300), .distantPast, noon, .distantFuture]
        #expect(times.map(\.sortKey) == times.map(\.sortKey).sorted())
    }
}
