import Drawing
import Foundation
import OCI
import RegistryCore
import Testing

@testable import Cockpit

/// One row for one operation, from its first request to what became of it.
@Suite struct OperationTests {
    private let docker = Client(address: "10.0.0.4:1", userAgent: "docker/27.3")
    private let name: RepositoryName
    private let layers: [Descriptor]

    init() throws {
        name = try RepositoryName("team/app")
        layers = try ["a", "b", "c"].map {
            Descriptor(mediaType: .octetStream, digest: try digest($0), size: 4 << 20)
        }
    }

    private func at(
        _ seconds: Double, _ action: RegistryEvent.Action, port: Int = 1, host: String = "10.0.0.4"
    ) -> RegistryEvent {
        RegistryEvent(
            time: noon.addingTimeInterval(seconds),
            client: Client(address: "\(host):\(port)", userAgent: "docker/27.3"),
            action: action)
    }

    private func body(
        _ id: UInt64, _ direction: Transfer.Direction, _ bytes: Int64, since seconds: Double, of total: Int64? = 4 << 20
    ) -> Transfer {
        Transfer(
            id: id, direction: direction, repository: name, digest: nil,
            client: Client(address: "10.0.0.4:\(id)", userAgent: "docker/27.3"),
            started: noon.addingTimeInterval(seconds), bytesDone: bytes, bytesTotal: total)
    }

    private func manifest(_ size: Int64 = 500) throws -> Descriptor {
        Descriptor(mediaType: .ociManifest, digest: try digest("m"), size: size)
    }

    private func sample(
        _ session: inout Session, _ seconds: Double, _ events: [RegistryEvent] = [], _ transfers: [Transfer] = []
    ) {
        session.now = noon.addingTimeInterval(seconds)
        session.sample(transfers: transfers, events: events)
    }

    /// Three layers side by side on connections of their own, one more that is here, and 8.5 seconds.
    @Test(arguments: [(80, 24), (120, 40), (200, 60)])
    func aPushOfThreeLayersIsOneRowAllTheWay(_ columns: Int, _ rows: Int) throws {
        var session = try Session(columns: columns, rows: rows)
        session.type("4")
        let here = try digest("here")
        sample(
            &session, 10,
            [at(10, .blobAsked(name, here, isThere: true))]
                + layers.enumerated().map { at(10, .blobAsked(name, $1.digest, isThere: false), port: $0) })
        #expect(session.shows("in progress 1") && session.shows("team/app"))
        if columns > 80 { #expect(session.shows("1 here, 0 sent, ≥3 left"), "\(session)") }
        for look in 1...32 {
            let bytes = Int64(look) << 17
            sample(
                &session, 10 + Double(look) / 4,
                look == 1 ? [at(10.1, .uploadStarted(name), port: 7)] : [],
                (1...3).map { body($0, .push, bytes, since: 10) })
            #expect(session.model.activityLog.open.count == 1)
        }
        let running = try #require(session.model.activityLog.open.first)
        #expect(running.bytes == 12 << 20)
        #expect(abs(running.bytesPerSecond / 1_572_864 - 1) < 0.1)
        #expect(session.shows("↑1 ↓0") && session.shows("1.50 MiB/s"))
        // Between two bodies it is in progress still, and what it has sent does not become less.
        sample(&session, 18.3, layers.map { at(18.3, .blobPushed(name, $0), port: 5) })
        #expect(session.model.activityLog.open.map(\.bytes) == [12 << 20])
        sample(&session, 18.5, [at(18.5, .manifestPushed(name, try manifest(), tag: try Tag("1.3")), port: 9)])
        #expect(session.model.activityLog.open.isEmpty)
        let done = try #require(session.model.activity.list.rows.first)
        #expect(session.model.activity.list.rows.count == 1)
        #expect(done.target == "team/app:1.3" && done.kind == .push)
        #expect(done.summary == "1 manifest, 3 blobs, 1 here before")
        #expect(done.ended.timeIntervalSince(done.began) == 8.5)
        #expect(done.bytes == 12 << 20 + 500)
        if columns > 80 { #expect(session.shows("took  8.5 s") || session.shows("took  8.50 s"), "\(session)") }
    }

    /// Nothing on the wire tells them apart until the first has its tag.
    @Test func twoPushesAtOnceOfOneClientAreTwoRows() throws {
        var log = ActivityLog()
        let (first, second) = (try digest("first"), try digest("second"))
        func image(_ digest: Digest, _ tag: String, _ layers: [Descriptor]) throws -> RegistryEvent.Action {
            .manifestPushed(
                name, Descriptor(mediaType: .ociManifest, digest: digest, size: 500), tag: try Tag(tag),
                names: layers.map(\.digest))
        }
        log.take(
            [
                at(0, .blobAsked(name, layers[0].digest, isThere: false)), at(0, .uploadStarted(name)),
                at(2, .blobAsked(name, layers[1].digest, isThere: false), port: 2),
                at(2, .uploadStarted(name), port: 2), at(3, .blobPushed(name, layers[1]), port: 2),
                at(3, .uploadStarted(name), port: 2), at(4, .blobPushed(name, layers[0])),
            ], at: noon.addingTimeInterval(4))
        #expect(log.open.count == 1)
        log.take(
            [at(5, try image(first, "1", [layers[0]]))],
            transfers: [
                LiveTransfer(body(2, .push, 1 << 20, since: 3), at: noon.addingTimeInterval(5))
            ], at: noon.addingTimeInterval(5))
        #expect(log.operations.map(\.target) == ["team/app:1"])
        #expect(log.operations.map(\.summary) == ["1 manifest, 1 blob"])
        #expect(log.operations.map(\.bytes) == [4 << 20 + 500])
        #expect(log.open.map(\.bytes) == [5 << 20] && log.open.map(\.blobs) == [1])
        log.take(
            [
                at(7, .blobPushed(name, layers[2]), port: 2),
                at(8, try image(second, "2", [layers[1], layers[2]]), port: 2),
            ], at: noon.addingTimeInterval(8))
        #expect(log.open.isEmpty)
        #expect(log.operations.map(\.target) == ["team/app:2", "team/app:1"])
        #expect(log.operations.map(\.kind) == [.push, .push])
        #expect(log.operations.map(\.summary) == ["1 manifest, 2 blobs", "1 manifest, 1 blob"])
        #expect(log.operations.map(\.bytes) == [8 << 20 + 500, 4 << 20 + 500])
        #expect(log.operations.map { $0.ended.timeIntervalSince($0.began) } == [6, 5])
    }

    /// An index and the images that it names are one push, in whatever order; where not all is known, nothing is taken apart.
    @Test(arguments: [false, true])
    func anIndexIsOnePushWithItsImages(_ isWhole: Bool) throws {
        var log = ActivityLog()
        let images = try ["amd64", "arm64"].map {
            Descriptor(mediaType: .ociManifest, digest: try digest($0), size: 500)
        }
        let index = Descriptor(mediaType: .ociIndex, digest: try digest("index"), size: 300)
        let pushed = isWhole ? images : [images[0]]
        log.take(
            zip(layers, pushed).flatMap { layer, image in
                [
                    at(1, .blobPushed(name, layer)),
                    at(2, .manifestPushed(name, image, tag: nil, names: [layer.digest])),
                ]
            } + [at(2, .blobPushed(name, layers[2]))]
                + [at(3, .manifestPushed(name, index, tag: try Tag("1"), names: images.map(\.digest)))],
            at: noon.addingTimeInterval(3))
        log.settle(at: noon.addingTimeInterval(20))
        #expect(
            log.operations.map(\.summary).sorted()
                == (isWhole ? ["1 blob, no manifest", "3 manifests, 2 blobs"] : ["2 manifests, 2 blobs"]))
    }

    @Test func whatEndsLaterStandsHigherAndIsDatedByItsEnd() throws {
        var log = ActivityLog()
        let slow = at(0, .blobPushed(name, layers[0]), host: "10.0.0.5")
        log.take([slow], at: noon)
        log.take(
            [
                at(3, .manifestPushed(name, try manifest(), tag: try Tag("quick"))),
                at(5, .manifestPushed(name, try manifest(), tag: try Tag("slow")), host: "10.0.0.5"),
            ], at: noon.addingTimeInterval(5))
        // A pull is known to have ended only when it was silent for a while: its place is that of its end.
        let pull = at(5.5, .manifestPulled(name, try manifest(), tag: try Tag("old"), head: false))
        log.take([pull], at: noon.addingTimeInterval(5.5))
        log.take([at(6, .tagDeleted(name, try Tag("x"), try digest("x")))], at: noon.addingTimeInterval(6))
        log.settle(at: noon.addingTimeInterval(9))
        #expect(log.operations.map(\.tag?.text) == ["x", "old", "slow", "quick"])
        let ends = log.operations.map(\.ended)
        #expect(ends == ends.sorted(by: >))
    }

    @Test func aPushThatBrokeOffIsOfItsOwnKindAndGoesOnWhenItsClientDoes() throws {
        var log = ActivityLog()
        log.take(
            [
                at(0, .blobAsked(name, layers[0].digest, isThere: false)), at(0, .uploadStarted(name)),
                at(4, .uploadPaused(name, bytes: 3 << 20, isBroken: true)),
            ], at: noon.addingTimeInterval(4))
        #expect(log.open.count == 1)
        log.settle(at: noon.addingTimeInterval(7))
        #expect(log.open.isEmpty)
        let broken = try #require(log.operations.first)
        #expect(broken.kind == .brokenOff && broken.bytes == 3 << 20 && broken.ended == noon.addingTimeInterval(4))
        log.take([at(9, .blobPushed(name, layers[0]))], at: noon.addingTimeInterval(9))
        #expect(log.operations.isEmpty && log.open.map(\.kind) == [.push])
        log.take(
            [at(10, .manifestPushed(name, try manifest(), tag: try Tag("1")))], at: noon.addingTimeInterval(10))
        #expect(log.operations.map(\.kind) == [.push])
    }

    /// All that was begun has arrived: nothing broke, and what did not come is said.
    @Test(arguments: [false, true])
    func blobsWithoutAManifestAreAPushThatSaysSo(_ isAskedFirst: Bool) throws {
        var log = ActivityLog()
        let asked = isAskedFirst ? [at(0, .blobAsked(name, layers[0].digest, isThere: false))] : []
        log.take(asked + [at(0, .uploadStarted(name)), at(0, .blobPushed(name, layers[0]))], at: noon)
        log.settle(at: noon.addingTimeInterval(9.9))
        #expect(log.open.count == 1)
        log.settle(at: noon.addingTimeInterval(10.1))
        let push = try #require(log.operations.first)
        #expect(push.kind == .push && push.summary == "1 blob, no manifest")
    }

    /// Its client never said that it is gone: it began a blob and sent nothing of it.
    @Test func aPushThatLeavesABlobBegunIsBrokenOff() throws {
        var log = ActivityLog()
        log.take(
            [at(0, .uploadStarted(name)), at(0, .blobPushed(name, layers[0])), at(1, .uploadStarted(name))],
            at: noon.addingTimeInterval(1))
        log.settle(at: noon.addingTimeInterval(11.1))
        #expect(log.operations.map(\.kind) == [.brokenOff])
    }

    /// On the narrowest screen with panes: the words are cut in the list and whole below it.
    @Test func whyAPushWasRefusedCanBeReadAtEightyColumns() throws {
        var session = try Session()
        session.type("4")
        let reason = "the disk is full: 31 MiB free, 32 MiB kept to delete and sweep"
        sample(&session, 5, [at(1, .refused(name, code: "UNKNOWN", message: reason))])
        sample(&session, 16)
        #expect(session.shows("UNKNOWN: \(reason)"), "\(session)")
        sample(&session, 20, [at(17, .refused(name, code: "DENIED", message: "no"), host: "10.203.118.24")])
        sample(&session, 31)
        #expect(session.shows("DENIED: no · 10.203.118.24 docker/27.3"), "\(session)")
    }

    /// A client that sends one layer after the other has more to come than what it has asked for.
    @Test(arguments: [80, 120])
    func theHomeScreenSaysHowLongAPushTakesAtLeast(_ columns: Int) throws {
        var session = try Session(columns: columns)
        let long = try RepositoryName("platform/services/authentication/gateway-worker")
        for look in 0...8 {
            var transfer = body(1, .push, Int64(look) << 18, since: 0)
            transfer.repository = long
            session.now = noon.addingTimeInterval(Double(look) / 4)
            session.sample(transfers: [transfer])
        }
        // 2 MiB of 4 at 1 MiB a second.
        #expect(session.shows("50 %  1.00 MiB/s  ≥2.0 s  0 sent, ≥1 left"), "\(session)")
        session.type("4")
        #expect(session.shows("≥1.0 s") || session.shows("≥2.0 s"), "\(session)")
    }

    @Test func aPullThatBrokeOffIsOneAndARangeIsNot() throws {
        var log = ActivityLog()
        let layer = layers[0]
        log.take([at(0, .blobPulled(name, layer, bytes: 10, asked: 10))], at: noon)
        log.take([at(0, .blobPulled(name, layer, bytes: 1 << 20, asked: 4 << 20), host: "10.0.0.6")], at: noon)
        log.settle(at: noon.addingTimeInterval(3))
        #expect(Set(log.operations.map { "\($0.client.host) \($0.kind)" }) == ["10.0.0.4 pull", "10.0.0.6 brokenOff"])
    }

    @Test func whatWasRefusedInAPushEndsItAsRefused() throws {
        var log = ActivityLog()
        log.take(
            [
                at(0, .blobPushed(name, layers[0])),
                at(1, .refused(name, code: "MANIFEST_BLOB_UNKNOWN", message: "b is missing")),
            ], at: noon.addingTimeInterval(1))
        log.settle(at: noon.addingTimeInterval(4))
        #expect(log.operations.map(\.kind) == [.refused])
        #expect(log.operations.first?.bytes == 4 << 20)
        #expect(log.operations.first?.summary == "MANIFEST_BLOB_UNKNOWN: b is missing")
    }

    /// Clients look for signatures behind a pull; the same refusal again and again is one row.
    @Test func whatIsNotThereIsARowAndTakesNoPullWithIt() throws {
        var log = ActivityLog()
        log.take([at(0, .manifestPulled(name, try manifest(), tag: try Tag("1"), head: false))], at: noon)
        for second in 1...3 {
            log.take(
                [at(Double(second), .refused(name, code: "MANIFEST_UNKNOWN", message: "no sig"))],
                at: noon.addingTimeInterval(Double(second)))
        }
        log.settle(at: noon.addingTimeInterval(9))
        #expect(log.operations.map(\.kind) == [.refused, .pull])
        #expect(log.operations.first?.summary == "3× MANIFEST_UNKNOWN: no sig")
    }

    @Test func whoAskedByHeadForAnUnknownTagAndPushedNothingWasRefused() throws {
        var log = ActivityLog()
        log.take([at(0, .manifestMissed(name, .tag(try Tag("nope"))))], at: noon)
        log.take([at(0, .manifestMissed(name, .tag(try Tag("new"))), host: "10.0.0.7")], at: noon)
        log.take([at(1, .blobPushed(name, layers[0]), host: "10.0.0.7")], at: noon)
        log.take(
            [at(2, .manifestPushed(name, try manifest(), tag: try Tag("new")), host: "10.0.0.7")],
            at: noon.addingTimeInterval(2))
        log.settle(at: noon.addingTimeInterval(20))
        #expect(
            Set(log.operations.map { "\($0.target) \($0.kind)" }) == ["team/app:nope refused", "team/app:new push"])
    }

    @Test func whoOnlyAskedHasDoneNothing() throws {
        var log = ActivityLog()
        log.take([at(0, .blobAsked(name, layers[0].digest, isThere: true))], at: noon)
        #expect(log.inProgress.isEmpty)
        log.settle(at: noon.addingTimeInterval(20))
        #expect(log.open.isEmpty && log.operations.isEmpty)
    }

    @Test func rollingBackAndUndoingAreNoPushes() throws {
        var session = try Session()
        session.type("4")
        let tag = try Tag("1")
        session.sample(events: [
            RegistryEvent(time: noon, client: .cockpit, action: .tagRolledBack(name, tag, try digest("m"))),
            RegistryEvent(
                time: noon.addingTimeInterval(1), client: .cockpit, action: .tagRestored(name, tag, try digest("m"))),
        ])
        #expect(session.model.activity.list.rows.map(\.kind) == [.undone, .rolledBack])
        #expect(session.shows("rolled back") && session.shows("undone"))
        session.type("f")
        #expect(session.model.activity.list.rows.isEmpty)
    }

    @Test func whatIsInProgressIsBounded() throws {
        var log = ActivityLog()
        for number in 0..<200 {
            log.take([at(0, .blobPushed(name, layers[0]), host: "10.0.1.\(number)")], at: noon)
        }
        #expect(log.open.count == ActivityLog.openMax)
        #expect(log.operations.count == 200 - ActivityLog.openMax)
        var operation = ClientOperation(at(0, .uploadStarted(name)), id: 1)
        for number in 0..<(ClientOperation.blobsMax + 10) {
            operation.add(at(0, .blobAsked(name, try digest("\(number)"), isThere: number % 2 == 0)))
        }
        #expect(operation.here.count + operation.missing.count == ClientOperation.blobsMax)
    }

    /// A thousand of them are kept: digests by the thousand are not.
    @Test func whatIsOverKeepsFewDigests() throws {
        var log = ActivityLog()
        let layers = try (0..<3_000).map {
            Descriptor(mediaType: .octetStream, digest: try digest("layer \($0)"), size: 10)
        }
        log.take(
            layers[..<1_500].map { at(0, .blobAsked(name, $0.digest, isThere: true)) }
                + layers[1_500..<2_000].map { at(0, .blobAsked(name, $0.digest, isThere: false)) }
                + layers[2_000...].map { at(0, .blobPushed(name, $0)) }
                + layers.map { layer in
                    let image = Descriptor(mediaType: .ociManifest, digest: layer.digest, size: 1)
                    let names = layers[..<RegistryEvent.namesMax].map(\.digest)
                    return at(1, .manifestPushed(name, image, tag: nil, names: names))
                }, at: noon.addingTimeInterval(1))
        let running = try #require(log.open.first)
        #expect(running.parts.count <= ClientOperation.partsMax)
        let names = running.parts.values.reduce(0) {
            if case .manifest(let names) = $1.kind { $0 + names.count } else { $0 }
        }
        #expect(names <= ClientOperation.namesMax)
        log.settle(at: noon.addingTimeInterval(20))
        let over = try #require(log.operations.first)
        #expect(over.parts.isEmpty)
        #expect(over.here.count + over.missing.count <= 2 * ClientOperation.digestsKeptMax)
        #expect(over.summary.contains("1500 here before") || over.summary.contains("1 500 here before"))
    }

    /// Who it is and what is still to come has no room in a narrow list.
    @Test func whatIsInProgressCanBeReadInFull() throws {
        var session = try Session()
        session.type("4")
        sample(&session, 1, [at(0, .manifestPushed(name, try manifest(), tag: try Tag("0")), host: "10.0.0.9")])
        var transfers = [body(1, .push, 1 << 20, since: 0), body(2, .push, 1 << 20, since: 0)]
        transfers[1].client = Client(
            address: "10.203.118.24:9", userAgent: "containers/5.29 (github.com/containers/image)")
        for look in 1...4 {
            for index in transfers.indices { transfers[index].bytesDone += 1 << 18 }
            sample(&session, 1 + Double(look) / 4, [], transfers)
        }
        session.press(.tab, .down, .enter, after: 0)
        #expect(session.shows("in progress") && session.shows("10.203.118.24:9"), "\(session)")
        #expect(session.shows("containers/5.29 (github.com/containers/image)"), "\(session)")
        #expect(session.shows("0 sent, ≥1 left") && session.shows("≥") && !session.shows("ended"), "\(session)")
        // The other one ends: the same one is still shown.
        sample(&session, 3, [at(3, .manifestPushed(name, try manifest(), tag: try Tag("1")))], [transfers[1]])
        #expect(session.shows("10.203.118.24:9") && session.shows("in progress"), "\(session)")
        // And when it has ended itself.
        sample(
            &session, 4,
            [
                RegistryEvent(
                    time: noon.addingTimeInterval(4), client: transfers[1].client,
                    action: .manifestPushed(name, try manifest(), tag: try Tag("2")))
            ])
        #expect(session.shows("10.203.118.24:9") && session.shows("ended"), "\(session)")
        session.press(.escape)
        // Nothing is in progress now: the keys are those of the history again.
        #expect(session.model.focus == .operations)
    }
}
