import Drawing
import Foundation
import OCI
import RegistryCore
import Testing

@testable import Cockpit

/// Requests become operations.
@Suite struct ActivityTests {
    private let docker = Client(address: "10.0.0.4:1111", userAgent: "docker/27.3")

    private func pushed(_ seconds: Double, by client: Client, tag: String? = nil, in name: String = "a") throws
        -> RegistryEvent
    {
        let descriptor = Descriptor(mediaType: .ociManifest, digest: try digest("m"), size: 100)
        return RegistryEvent(
            time: noon.addingTimeInterval(seconds), client: client,
            action: .manifestPushed(try RepositoryName(name), descriptor, tag: try tag.map { try Tag($0) }))
    }

    private func blob(_ seconds: Double, by client: Client, in name: String = "a") throws -> RegistryEvent {
        let descriptor = Descriptor(mediaType: .ociLayerGzip, digest: try digest("b"), size: 1000)
        return RegistryEvent(
            time: noon.addingTimeInterval(seconds), client: client,
            action: .blobPushed(try RepositoryName(name), descriptor))
    }

    /// What is in progress and what has ended, newest first, as soon as the last of `events` has come.
    private func log(_ events: [RegistryEvent]) -> [ClientOperation] {
        var log = ActivityLog()
        log.take(events, at: events.map(\.time).max() ?? noon)
        return log.open.reversed() + log.operations
    }

    @Test func onePushIsOneLineOverManyConnections() throws {
        let other = Client(address: "10.0.0.4:2222", userAgent: "docker/27.3")
        let operations = log([
            try blob(0, by: docker), try blob(1, by: other), try pushed(2, by: docker),
            try pushed(3, by: other, tag: "1"),
        ])
        #expect(operations.count == 1)
        let push = try #require(operations.first)
        #expect(push.blobs == 2 && push.manifests == 2 && push.bytes == 2200)
        #expect(push.target == "a:1")
        #expect(push.summary == "2 manifests, 2 blobs")
    }

    @Test func theTagEndsAPush() throws {
        let operations = log([try pushed(0, by: docker, tag: "1"), try pushed(1, by: docker, tag: "2")])
        #expect(operations.map(\.target) == ["a:2", "a:1"])
    }

    @Test func aLongPauseAnotherRepositoryAndAnotherClientBeginAnew() throws {
        let skopeo = Client(address: "10.0.0.4:1111", userAgent: "skopeo/1.16")
        #expect(log([try blob(0, by: docker), try blob(10, by: docker)]).count == 1)
        #expect(log([try blob(0, by: docker), try blob(10.5, by: docker)]).count == 2)
        #expect(log([try blob(0, by: docker), try blob(1, by: docker, in: "b")]).count == 2)
        #expect(log([try blob(0, by: docker), try blob(1, by: skopeo)]).count == 2)
    }

    @Test func twoClientsAtOnceAreTwoLines() throws {
        let other = Client(address: "10.0.0.5:1", userAgent: "docker/27.3")
        let operations = log([
            try blob(0, by: docker), try blob(0, by: other), try blob(1, by: docker), try blob(1, by: other),
        ])
        #expect(operations.map(\.blobs) == [2, 2])
    }

    @Test func aPullCountsWhatWasSentAndHeadCountsNothing() throws {
        var log = ActivityLog()
        log.take(try sampleEvents(), at: noon)
        let operations = Array(log.operations)
        let pull = try #require(operations.first { $0.kind == .pull })
        #expect(pull.manifests == 1 && pull.blobs == 1 && pull.bytes == 430 << 20 + 1_204)
        #expect(operations.map(\.kind) == [.delete, .refused, .pull, .push, .reconcile])
    }

    @Test func theLogIsBounded() throws {
        var log = ActivityLog()
        for number in 0..<(ActivityLog.operationsMax + 10) {
            let event = try pushed(Double(number), by: docker, tag: "1")
            log.take([event], dropped: 1, at: event.time)
        }
        #expect(log.operations.count == ActivityLog.operationsMax)
        #expect(log.operations.first?.id == ActivityLog.operationsMax + 10)
        #expect(log.dropped == ActivityLog.operationsMax + 10)
    }

    @Test(arguments: [
        ("10.0.0.4:51234", "10.0.0.4"), ("[::1]:80", "[::1]"), ("cockpit", "cockpit"), ("a:b", "a:b"), ("", ""),
    ])
    func hostsHaveNoPort(_ address: String, _ host: String) {
        #expect(Client(address: address).host == host[...])
    }

    // MARK: The screen

    @Test func kindsAreCycledAndPauseHoldsTheList() throws {
        var session = try Session()
        session.type("4")
        session.sample(events: try sampleEvents())
        #expect(session.model.activity.list.rows.count == 5)
        session.type("f")
        #expect(session.model.activity.list.rows.map(\.kind) == [.push])
        session.type("ff")
        #expect(session.model.activity.list.rows.map(\.kind) == [.refused])
        session.type("fp")
        session.sample(events: [try pushed(5, by: docker, tag: "9")])
        #expect(session.model.activity.list.rows.count == 5)
        #expect(session.shows("paused, 1 new"))
        session.type("p")
        #expect(session.model.activity.list.rows.first?.target == "a:9")
    }

    @Test func transfersShowRateAndTimeLeft() throws {
        var session = try Session()
        session.type("4")
        var transfers = try sampleTransfers()
        session.sample(transfers: transfers)
        session.now += 1
        transfers[0].bytesDone += 8 << 20
        session.sample(transfers: transfers)
        let live = try #require(session.model.transfers.first)
        #expect(live.fraction == 88.0 / 128)
        let left = try #require(live.secondsLeft)
        #expect(left > 4 && left < 6)
        #expect(session.shows("↑1 ↓1"))
        #expect(session.model.transfers[1].secondsLeft == nil)
        session.now += 11
        session.sample()
        #expect(session.shows("nothing is moving"))
    }

    @Test func lostEventsAreCounted() throws {
        var session = try Session()
        session.type("4")
        session.sample(dropped: 1204)
        #expect(session.shows("+1 204 not shown"))
    }
}
