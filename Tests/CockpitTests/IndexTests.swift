import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore
import Testing

@testable import Cockpit

/// How far the index is, on the server screen and in the top line.
@Suite struct IndexTests {
    @Test func aComparisonIsShownAsItGoesOn() throws {
        var session = try Session(columns: 120, rows: 40)
        session.type("6")
        #expect(session.shows("index    up to the tree"))
        session.sample(reconciling: sampleReconciling(), isReconciled: false)
        #expect(session.shows("index    comparing with the tree 43 %  12 000 manifests"))
        var unknown = sampleReconciling()
        unknown.fraction = 1
        session.sample(reconciling: unknown, isReconciled: false)
        #expect(session.shows("index    comparing with the tree  12 000 manifests"))
        unknown.fraction = nil
        session.sample(reconciling: unknown, isReconciled: false)
        #expect(session.shows("index    comparing with the tree  12 000 manifests"))
        session.send(.input(.resize(Size(columns: 80, rows: 24)), at: session.now))
        #expect(session.shows("index    comparing  12 000 manifests"))
        session.sample(isReconciled: false)
        #expect(session.shows("index    ▲ not up to the tree yet"))
    }

    /// A short list is no small store, and an empty one is no empty store.
    @Test func listsThatAreNotCompleteSaySo() throws {
        var session = try Session()
        #expect(session.shows("repositories 3 ─"))
        session.sample(reconciling: sampleReconciling(), isReconciled: false)
        #expect(session.shows("repositories 3 so far"))
        session.registry.repositories = []
        session.registry.generation += 1
        session.sample(isReconciled: false)
        #expect(session.shows("the index is not up to the tree yet") && !session.shows("No images yet."))
        session.type("y")
        #expect(session.copied.isEmpty)
        session.sample()
        #expect(session.shows("No images yet."))
    }

    @Test func damageIsCountedThereWithTheWayToIt() throws {
        var session = try Session(.wounded(), columns: 120, rows: 40)
        session.type("6")
        #expect(session.shows("index    up to the tree; 2 places cannot be read · 7"))
        session.send(.input(.resize(Size(columns: 80, rows: 24)), at: session.now))
        #expect(session.shows("index    2 places cannot be read · 7"))
        session.registry.damage.removeLast()
        session.registry.generation += 1
        session.sample()
        #expect(session.shows("1 place cannot be read"))
    }

    @Test func theTopLineSaysSoAfterASecondWhereThereIsRoom() throws {
        var session = try Session()
        session.sample(reconciling: sampleReconciling(seconds: 0.9))
        #expect(!session.shows("≈"))
        session.sample(reconciling: sampleReconciling())
        #expect(
            session.screen()[0] == " demo ▶ repositories            ≈ index 43 %  ● serving this machine only :5000")
        session.send(.input(.resize(Size(columns: 45, rows: 24)), at: session.now))
        #expect(!session.screen()[0].contains("≈"))
        #expect(session.screen()[0].contains("repositories"))
        session.sample()
        #expect(!session.shows("≈"))
    }
}
