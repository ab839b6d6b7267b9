import Foundation
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import Testing

/// One event after each commit, bounded queues, and transfers as state.
@Suite struct EventTests {
    let name: RepositoryName

    init() throws { name = try RepositoryName("team/app") }

    private func words(_ subscription: EventSubscription) -> [String] {
        subscription.take().events.map { event in
            switch event.action {
            case .blobPushed: "blob"
            case .manifestPushed(_, _, let tag, _): "manifest \(tag?.text ?? "-")"
            case .tagDeleted(_, let tag, _): "untag \(tag)"
            case .manifestDeleted: "delete"
            case .sweepFinished(let report): "swept \(report.linesRemoved)"
            default: "other"
            }
        }
    }

    @Test func aPushAndADeletionAreToldInOrder() async throws {
        let registry = try await Registry.sample()
        let subscription = registry.events.subscribe(by: .test)
        let image = try SampleImage(layers: [[1], [2]])
        try await registry.push(image, to: name, tag: try Tag("v1"))
        #expect(words(subscription) == ["blob", "blob", "blob", "manifest v1"])
        try await registry.deleteManifest(image.manifest.digest, in: name, by: .test)
        #expect(words(subscription) == ["untag v1", "delete"])
        _ = try await registry.collector.run(
            try await registry.collector.planSweep(SweepOptions(graceSeconds: 0), by: .test), by: .test
        ) { _ in true }
        // Three blobs, the document of the manifest, and the repository, which is empty then.
        #expect(words(subscription) == ["swept 5"])
    }

    @Test func aRefusedPushIsNoEvent() async throws {
        let registry = try await Registry.sample()
        let subscription = registry.events.subscribe(by: .test)
        let image = try SampleImage(layers: [[1]])
        _ = try? await registry.push(image.manifest, to: name, tag: try Tag("v1"))
        #expect(words(subscription).isEmpty)
    }

    @Test func theSlowestSubscriberLosesItsOldestAndIsToldHowMany() {
        let hub = EventHub()
        let (slow, fast) = (hub.subscribe(by: .test, capacity: 3), hub.subscribe(by: .test))
        for number in 0..<10 {
            hub.publish(
                .refused(nil, code: "X", message: ""), by: .test, at: Date(timeIntervalSince1970: Double(number)))
        }
        let taken = slow.take()
        #expect(taken.events.map(\.time.timeIntervalSince1970) == [7, 8, 9])
        #expect(taken.dropped == 7)
        #expect(fast.take().events.count == 10)
        #expect(slow.take().events.isEmpty)
        hub.unsubscribe(slow)
        hub.publish(.refused(nil, code: "X", message: ""), by: .test)
        #expect(slow.take().events.isEmpty)
    }

    /// However many tell at once: who reads has each once, in the order of its number, and so has everybody else.
    @Test func allReadersGetTheSameOrder() async {
        let hub = EventHub()
        let readers = (0..<2).map { _ in hub.subscribe(by: .test, capacity: 16_000) }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<2_000 { hub.publish(.uploadStarted(name), by: .test) } }
            }
        }
        let ids = readers.map { $0.take().events.map(\.id) }
        #expect(ids[0].map(\.number) == Array(1...16_000))
        #expect(ids[0] == ids[1])
    }

    @Test func nothingIsNumberedThatNobodyReads() {
        let hub = EventHub()
        hub.publish(.uploadStarted(name), by: .test)
        let reader = hub.subscribe(by: .test)
        hub.publish(.uploadStarted(name), by: .test)
        #expect(reader.take().events.map(\.id.number) == [1])
    }

    @Test func everyEventIsReadBackAsItWasWritten() throws {
        let (tag, digest) = (try Tag("v1"), Digest.of([1]))
        let descriptor = Descriptor(
            mediaType: .ociManifest, digest: digest, size: 7, platform: Platform(os: "linux", architecture: "arm64"))
        var sweep = SweepSummary(run: UUID())
        sweep.purged = Date(timeIntervalSince1970: 5)
        let actions: [RegistryEvent.Action] = [
            .manifestPushed(name, descriptor, tag: tag, names: [digest]), .manifestPushed(name, descriptor, tag: nil),
            .manifestPulled(name, descriptor, tag: nil, head: true), .blobPushed(name, descriptor),
            .blobPulled(name, descriptor, bytes: 1, asked: 2), .blobAsked(name, digest, isThere: false),
            .manifestMissed(name, .tag(tag)), .manifestMissed(name, .digest(digest)), .uploadStarted(name),
            .uploadPaused(name, bytes: 3, isBroken: true), .blobMounted(name, descriptor, from: name),
            .tagDeleted(name, tag, digest), .tagRolledBack(name, tag, digest), .tagRestored(name, tag, digest),
            .manifestDeleted(name, digest), .blobDeleted(name, digest), .refused(nil, code: "X", message: "\u{1b}"),
            .sweepFinished(sweep), .sweepUndone(UndoSummary(run: UUID(), linesRestored: 1, linesKept: 2)),
            .quarantinePurged(UUID(), bytes: .max),
            .reconciled(repositories: 1, manifests: 2, damaged: 3, seconds: 0.5),
        ]
        let requests = Serials()
        for action in actions {
            let client = Client(address: "10.0.0.4:1", userAgent: "a/1", request: requests.next())
            let event = RegistryEvent(
                id: requests.next(), time: Date(timeIntervalSince1970: 9), client: client, action: action)
            let text = try JSONEncoder().encode(event)
            #expect(try JSONDecoder().decode(RegistryEvent.self, from: text) == event)
        }
    }

    /// What was not written by us is as valid as what a request brings, or is refused.
    @Test func aNameThatIsNoneIsNotRead() throws {
        let event = RegistryEvent(time: Date(), client: .test, action: .uploadStarted(name))
        let text = String(decoding: try JSONEncoder().encode(event), as: UTF8.self)
        let escaped = text.replacing(#"team\/app"#, with: "../etc").replacing("team/app", with: "../etc")
        #expect(text != escaped)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(RegistryEvent.self, from: Data(escaped.utf8))
        }
    }

    @Test func aSerialIsAUUIDOfItsSourceAndNumber() throws {
        let one = Serials()
        let other = Serials()
        let serials = [one.next(), one.next(), other.next()]
        #expect(serials.map(\.number) == [1, 2, 1])
        #expect(Set(serials.map(\.description)).count == 3)
        for serial in serials {
            // RFC 9562 §4.1 and §4.2: the variant 10, version 8.
            #expect(
                serial.description.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/)
                    != nil)
            #expect(serial.description.hasSuffix(String(serial.number, radix: 16)))
            #expect(try JSONDecoder().decode(Serial.self, from: JSONEncoder().encode(serial)) == serial)
        }
    }

    @Test func transfersShowWhileTheyRun() async throws {
        let table = TransferTable()
        let one = table.begin(.push, name, digest: nil, total: 100, by: .test)
        let two = table.begin(.pull, name, digest: Digest.of([]), total: nil, by: .test)
        one.advance(30)
        one.advance(12)
        #expect(table.snapshot(by: .test).map(\.bytesDone) == [42, 0])
        one.end()
        #expect(table.snapshot(by: .test).map(\.direction) == [.pull])
        two.end()
        #expect(table.count == 0)
    }
}
