import Foundation
import ImageBuilder
import OCI
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
        let subscription = registry.events.subscribe()
        let image = try SampleImage(layers: [[1], [2]])
        try await registry.push(image, to: name, tag: try Tag("v1"))
        #expect(words(subscription) == ["blob", "blob", "blob", "manifest v1"])
        try await registry.deleteManifest(image.manifest.digest, in: name, by: .test)
        #expect(words(subscription) == ["untag v1", "delete"])
        _ = try await registry.run(try await registry.planSweep(SweepOptions(graceSeconds: 0)), by: .test) { _ in true }
        // Three blobs, the document of the manifest, and the repository, which is empty then.
        #expect(words(subscription) == ["swept 5"])
    }

    @Test func aRefusedPushIsNoEvent() async throws {
        let registry = try await Registry.sample()
        let subscription = registry.events.subscribe()
        let image = try SampleImage(layers: [[1]])
        _ = try? await registry.push(image.manifest, to: name, tag: try Tag("v1"))
        #expect(words(subscription).isEmpty)
    }

    @Test func theSlowestSubscriberLosesItsOldestAndIsToldHowMany() {
        let hub = EventHub()
        let (slow, fast) = (hub.subscribe(capacity: 3), hub.subscribe())
        for number in 0..<10 {
            hub.publish(
                RegistryEvent(
                    time: Date(timeIntervalSince1970: Double(number)), client: .test,
                    action: .refused(nil, code: "X", message: "")))
        }
        let taken = slow.take()
        #expect(taken.events.map(\.time.timeIntervalSince1970) == [7, 8, 9])
        #expect(taken.dropped == 7)
        #expect(fast.take().events.count == 10)
        #expect(slow.take().events.isEmpty)
        hub.unsubscribe(slow)
        hub.publish(RegistryEvent(time: Date(), client: .test, action: .refused(nil, code: "X", message: "")))
        #expect(slow.take().events.isEmpty)
    }

    @Test func transfersShowWhileTheyRun() async throws {
        let table = TransferTable()
        let one = table.begin(.push, name, digest: nil, total: 100, by: .test)
        let two = table.begin(.pull, name, digest: Digest.of([]), total: nil, by: .test)
        one.advance(30)
        one.advance(12)
        #expect(table.snapshot().map(\.bytesDone) == [42, 0])
        one.end()
        #expect(table.snapshot().map(\.direction) == [.pull])
        two.end()
        #expect(table.count == 0)
    }
}
