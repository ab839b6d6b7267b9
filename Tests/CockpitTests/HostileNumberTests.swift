import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore
import Testing

@testable import Cockpit

/// Numbers that clients make up, and lists longer than anybody reads.
@Suite struct HostileNumberTests {
    private static func transfer(_ id: UInt64, _ name: RepositoryName, total: Int64?, done: Int64 = 3) -> Transfer {
        Transfer(
            id: id, direction: .push, repository: name, digest: nil, client: Client(address: "10.0.0.9:1"),
            started: noon, bytesDone: done, bytesTotal: total)
    }

    @Test(arguments: [.max, .max - 1, 0, -1, nil] as [Int64?], [(80, 24), (160, 40), (50, 12)])
    func uploadsOfAnyLengthAreDrawnEverywhere(total: Int64?, size: (Int, Int)) throws {
        var session = try Session(columns: size.0, rows: size.1)
        let name = try #require(session.model.repositories.list.rows.first?.name)
        for done in [0, 3, Int64.max] {
            session.now += 1
            session.sample(transfers: (1...3).map { Self.transfer($0, name, total: total, done: done) })
            for screen in ["1", "4", "6"] {
                session.type(screen)
                #expect(!session.screen().isEmpty)
            }
        }
    }

    @Test func sumsOfWhatAClientDidEndWhereNumbersDo() throws {
        let name = try RepositoryName("a")
        let descriptor = Descriptor(mediaType: .octetStream, digest: try digest("a"), size: .max)
        let event = RegistryEvent(time: noon, client: Client(address: "a"), action: .blobPushed(name, descriptor))
        var operation = ClientOperation(event, id: 1)
        operation.add(event)
        #expect(operation.bytes == .max)
        #expect(operation.blobs == 2)
    }

    @Test func countersAtTheirEndAreNoTrap() {
        var rates = RateHistory()
        var counters = RegistryCounters()
        rates.record(counters, at: noon)
        for _ in 0..<3 {
            (counters.bytesIn, counters.bytesOut, counters.requests) = (.max, .max, .max)
            rates.record(counters, at: noon.addingTimeInterval(0.1))
            rates.record(RegistryCounters(), at: noon.addingTimeInterval(0.2))
        }
        #expect(rates.seconds.last?.bytesIn == .max)
    }

    @Test func aClaimIsNamedAndIsNoSizeOnTheDisk() throws {
        var session = try Session()
        session.press(.enter, .enter)
        #expect(session.model.screen == .graph)
        var graph = try #require(session.model.graph.loaded.value)
        var layer = ImageGraph.Node(
            digest: try digest("claimed"), mediaType: .ociLayerGzip, role: .layer, bytes: 5, bytesClaimed: .max)
        graph.root.children = [layer]
        layer.present = false
        layer.bytes = 0
        graph.root.children.append(layer)
        session.send(.graph(graph.repository, graph.reference, .success(graph)))
        #expect(session.shows("≠ layer"))
        for _ in 0..<4 {
            session.press(.down)
            #expect(!session.shows("EiB"))
            if session.model.graph.selectedNode?.digest == layer.digest {
                #expect(session.shows("a manifest says"))
            }
        }
    }

    @Test func aCheckThatHardlyMovesHasATimeLeft() throws {
        var session = try Session()
        session.type("7")
        session.isAnswering = false
        session.type("H")
        var progress = CheckProgress(phase: .blobs, total: .max)
        session.sample(check: progress)
        (progress.done, progress.seconds) = (1, 1e9)
        session.sample(check: progress)
        #expect(session.shows("left"))
    }

    @Test func whatIsInOrderIsNotSortedAgain() {
        var compared = 0
        let rows = Array(0..<1000)
        let precedes = { (left: Int, right: Int) in
            compared += 1
            return left < right
        }
        #expect(rows.sortedUnlessInOrder(by: precedes) == rows)
        #expect(rows.reversed().sortedUnlessInOrder(by: precedes) == rows)
        #expect(compared < 5000)
        #expect([3, 1, 2, 2].sortedUnlessInOrder(by: precedes) == [1, 2, 2, 3])
        #expect([2, 2, 1].sortedUnlessInOrder(by: precedes) == [1, 2, 2])
    }

    @Test func fiftyThousandTagsOfOneDigestNameAFew() throws {
        var screen = TagsScreen()
        let same = try digest("same")
        let rows = try (0..<50_000).map {
            TagSummary(tag: try Tag("t\($0)"), digest: same, mediaType: .ociManifest, bytes: 1, sameDigest: 49_999)
        }
        screen.take(TagListing(TagList(rows)), filter: Filter())
        #expect(screen.list.rows.count == 50_000)
        #expect((screen.namesakes[same]?.count ?? 0) <= TagsScreen.namesakesMax + 1)
        #expect(
            Question.deleteLines([rows[7]], of: rows, freed: nil).flatMap { $0 }.reduce(0) { $0 + $1.text.count } < 400)
    }

    @Test func aLoadThatCostsMuchIsNotRepeatedAtOnce() {
        #expect(LoadPace.pause(after: .milliseconds(1)) == .zero)
        #expect(LoadPace.pause(after: .milliseconds(100)) == .milliseconds(900))
        #expect(LoadPace.pause(after: .seconds(60)) == .seconds(5))
    }
}
