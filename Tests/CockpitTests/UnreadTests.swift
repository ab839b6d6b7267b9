import Drawing
import Foundation
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryStorage
import Testing

@testable import Cockpit

/// A tree that is opened for the first time: what has not been read yet is neither missing nor small.
@Suite struct UnreadTests {
    private let app: RepositoryName
    private let image: SampleImage
    private let storage = MemoryDriver()

    init() async throws {
        app = try RepositoryName("team/app")
        image = try SampleImage(layers: [SampleImage.noise(40_000, seed: 1), SampleImage.noise(9_000, seed: 2)])
        try await Registry.sample(storage).push(image, to: app, tag: try Tag("1"))
    }

    /// Another registry over the tree, whose index has got as far as the links.
    private func opened() async throws -> Registry {
        let registry = try Registry.unread(storage)
        let task = Task {
            try await registry.collector.reconcile(by: .test) { progress in
                if progress.manifests > 0 { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        await #expect(throws: RegistryError.interrupted) { try await task.value }
        return registry
    }

    /// Each screen while the index is built, and the same when it is done.
    @Test func whatHasNotBeenReadIsSaidToBeSoAndTurnsUpByItself() async throws {
        var session = try await LiveSession(try await opened())
        #expect(session.shows("repositories 1 so far") && session.shows("+ grows  ~ may change"))
        #expect(session.shows("B+") && !session.shows("KiB"))
        await session.press(.enter)
        #expect(session.shows("tags 1 so far") && session.shows("not read yet: the index is being built"))
        #expect(!session.shows("damaged") && !session.shows("✖"))
        await session.press(.enter)
        #expect(session.shows("not read") && session.shows("+ total") && session.shows("so far"))
        #expect(!session.shows("missing") && !session.shows("✖"))
        await session.type("w")
        #expect(session.shows("Not known yet: the index is being built."))
        #expect(!session.shows("✖"))

        try await session.collector.reconcile(by: .test)
        session.now += 1
        await session.look()
        #expect(session.shows("come back, with 1 tag, 1 manifest"))
        await session.press(.escape)
        #expect(!session.shows("not read") && !session.shows("so far") && !session.shows("missing"))
        #expect(session.shows(ByteFormat.size(bytes) + " total"))
        await session.press(.escape, .escape)
        #expect(session.shows("repositories 1 ─") && !session.shows("KiB+") && session.shows(ByteFormat.size(bytes)))
    }

    private var bytes: Int64 {
        image.blobs.reduce(Int64(image.manifest.bytes.count)) { $0 + Int64($1.bytes.count) }
    }

    @Test func aSweepWaitsForTheIndexAndBeginsByItself() async throws {
        var session = try await LiveSession(try await opened())
        await session.type("5")
        #expect(session.shows("waiting for the index") && session.shows("begins by itself"))
        #expect(!session.shows("could not be done") && session.model.sweep.session.state == .idle)
        // Asked for all the same it still waits, and asks nobody again and again.
        await session.type("rt")
        #expect(session.shows("waiting for the index") && session.model.sweep.session.options.untagged)
        try await session.collector.reconcile(by: .test)
        session.now += 1
        await session.look()
        #expect(session.model.sweep.session.state == .ready && session.shows("✔ Nothing to remove now."))
    }

    /// A manifest that the index has not met is in no graph yet; one that nobody has is none.
    @Test func whatTheIndexHasNotMetIsNotUnknown() async throws {
        let registry = try Registry.unread(storage)
        var session = try await LiveSession(registry)
        session.model.open(.graph(app, .tag(try Tag("1"))))
        session.now += 1
        await session.send(.input(.tick, at: session.now))
        #expect(session.shows("not read yet: the index is being built") && !session.shows("✖"))
        try await registry.collector.reconcile(by: .test)
        session.now += 1
        await session.look()
        #expect(session.shows("config") && !session.shows("not read"))
    }

    /// Damage is damage once the index is up to the tree.
    @Test func whatIsMissingIsMissingWhenAllWasRead() async throws {
        try await storage.remove(Layout.blobData(image.blobs[0].digest), .lasting)
        let registry = try await opened()
        var session = try await LiveSession(registry)
        await session.press(.enter)
        #expect(!session.shows("✖"))
        try await registry.collector.reconcile(by: .test)
        session.now += 1
        await session.look()
        #expect(session.shows("✖ 1") && session.shows("✖ damaged"))
        await session.press(.enter)
        #expect(session.shows("missing") && session.shows("✖ layer"))
    }

    /// Without room the index is never up to the tree: waiting leads nowhere.
    @Test func onAFullDiskASweepSaysWhatHelps() throws {
        var session = try Session()
        session.sample(capacity: StorageCapacity(bytesFree: 4096, bytesTotal: 1 << 30), isReconciled: false)
        session.type("5")
        #expect(session.shows("the disk is full") && session.shows("quit and start it again"), "\(session)")
        #expect(!session.shows("begins by itself"), "\(session)")
        session.sample(capacity: StorageCapacity(bytesFree: 1 << 29, bytesTotal: 1 << 30), isReconciled: false)
        #expect(session.shows("begins by itself") && !session.shows("the disk is full"), "\(session)")
    }

    @Test func totalAndRemainingTimeAreSaid() throws {
        var progress = sampleReconciling()
        (progress.total, progress.secondsLeft) = (120_000, 150)
        var session = try Session(columns: 120, rows: 40)
        session.sample(reconciling: progress, isReconciled: false)
        #expect(session.shows("repositories 3 so far: index 43 %, about 2 min left"))
        #expect(session.screen()[0].contains("≈ index 43 %, about 2 min left"))
        session.type("6")
        #expect(
            session.shows("index    comparing with the tree 43 % of 120 000 links and blobs, about 2 min left")
                || session.shows("index    comparing 43 %, about 2 min left"))
        progress.secondsLeft = 1
        session.sample(reconciling: progress, isReconciled: false)
        #expect(session.shows("nearly done"))
        session.sample(reconciling: ReconcileProgress(), isReconciled: false)
        #expect(session.shows("index    counting what the tree has"))
    }
}
