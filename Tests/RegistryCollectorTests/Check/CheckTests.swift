import ImageBuilder
import StorageProbes
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import RegistryStorage
import Synchronization
import Testing

/// A check finds what is wrong and nothing else; a repair mends what needs no guess, and takes nothing away for good.
@Suite struct CheckTests {
    let registry: Registry
    let name: RepositoryName
    let tag: OCI.Tag
    let image: SampleImage
    /// Left behind counts at once.
    let options = CheckOptions(strayAge: -10)

    init() async throws {
        registry = try await Registry.sample()
        name = try RepositoryName("team/app")
        tag = try Tag("v1")
        image = try SampleImage(layers: [SampleImage.noise(900, seed: 1), SampleImage.noise(800, seed: 2)])
        try await registry.push(image, to: name, tag: tag)
    }

    private func findings(_ options: CheckOptions? = nil) async throws -> [CheckFinding] {
        try await registry.collector.check(options ?? self.options, by: .test).findings
    }

    @Test func nothingIsWrongWithWhatWasPushed() async throws {
        let other = try SampleImage(layers: [SampleImage.noise(900, seed: 1)], architecture: "arm64")
        try await registry.push(other, to: name, tag: nil)
        try await registry.push(
            try SampleImage.index([("amd64", image), ("arm64", other)]), to: name, tag: try Tag("multi"))
        _ = try await registry.startUpload(in: name, by: .test)
        let report = try await registry.collector.check(CheckOptions(hashesBytes: true, strayAge: -10), by: .test)
        #expect(report.findings == [])
        #expect(report.isSound && !report.isPartial)
        #expect((report.repositories, report.tags, report.manifests) == (1, 2, 3))
        #expect(report.blobs == report.blobsHashed && report.bytes == report.bytesHashed)
        #expect(report.blobs == 7)
    }

    @Test("a wound is found, alone, and mended as far as nothing is guessed", arguments: Wound.all)
    func wound(_ wound: Wound) async throws {
        try await wound.inflict((registry.storage, image, name, tag))
        let found = try await findings()
        #expect(found.map(\.kind) == [wound.kind], "\(found)")
        #expect(found.map(\.repair) == [wound.repair])
        let before = try await Tree.content(of: registry.storage, below: Layout.version)

        let report = try await registry.collector.repair(found, by: .test)
        #expect(report.repaired.count == (wound.repair == nil ? 0 : 1))
        #expect(report.left.isEmpty)
        #expect(try await findings().map(\.kind) == wound.remaining)
        #expect(try await registry.isPullable(image, from: name, tag: tag) == wound.isHealed)
        // Nothing is gone: what left the tree, or was written anew, is in the quarantine under its own path.
        let after = try await Tree.content(of: registry.storage, below: Layout.version)
        for (path, bytes) in before where after[path] != bytes && !bytes.isEmpty {
            let place = try #require(report.quarantine)
            let kept = try await Tree.content(of: registry.storage)["\(place)/\(path)"]
            #expect(kept == bytes, "\(path)")
        }
        // The index has followed what the repair did; of a wound that is left nobody has told it.
        if wound.repair != nil { #expect(try await registry.collector.reconcile(by: .test).corrections == 0) }
    }

    @Test func aPushHealsWhatARepairTookOut() async throws {
        try await registry.storage.write(Layout.blobData(image.blobs[1].digest), SampleImage.noise(800, seed: 9))
        let found = try await findings(CheckOptions(hashesBytes: true))
        #expect(found.map(\.kind) == [.corruptBytes])
        #expect(try await registry.collector.repair(found, by: .test).repaired == found)
        #expect(try await !registry.isPullable(image, from: name, tag: tag))
        // A client asks first whether the blob is there: it has to be told that it is not.
        await #expect(throws: RegistryError.blobUnknown(image.blobs[1].digest, name)) {
            _ = try await registry.promiseBlob(image.blobs[1].digest, in: name, by: .test)
        }
        try await registry.push(image, to: name, tag: tag)
        #expect(try await registry.isPullable(image, from: name, tag: tag))
        #expect(try await findings(CheckOptions(hashesBytes: true)) == [])
    }

    @Test func aRepairLeavesAloneWhatHasChangedSince() async throws {
        let blob = SampleImage.Blob(SampleImage.noise(70, seed: 5))
        try await registry.storage.write(Layout.layerLink(blob.digest, in: name), Link.content(blob.digest))
        try await registry.storage.write(Layout.blobData(image.blobs[0].digest), SampleImage.noise(900, seed: 9))
        let found = try await findings(CheckOptions(hashesBytes: true))
        #expect(Set(found.map(\.kind)) == [.danglingLink, .corruptBytes])
        try await registry.push(blob: blob, to: name)
        try await registry.push(image, to: name, tag: tag)
        let report = try await registry.collector.repair(found, by: .test)
        #expect(report.repaired.isEmpty)
        #expect(report.left.map(\.reason) == ["it has changed since", "it has changed since"])
        #expect(try await registry.isPullable(image, from: name, tag: tag))
    }

    /// Its bytes went between the check and the repair: a link that is whole would lead to nothing, and a sweep would take it
    /// where it spares a damaged one.
    @Test func aLinkIsNotWrittenAnewToWhatIsGone() async throws {
        let blob = image.blobs[0].digest
        let link = Layout.layerLink(blob, in: name)
        try await registry.storage.write(link, [UInt8]("sha256:".utf8))
        let found = try await findings(CheckOptions())
        #expect(found.map(\.kind) == [.damagedLink] && found.map(\.repair) == [.relink])
        try await registry.storage.remove(Layout.blob(blob))
        let report = try await registry.collector.repair(found, by: .test)
        #expect(report.repaired.isEmpty)
        #expect(report.left.map(\.reason) == ["it has changed since"])
        #expect(try await registry.storage.read(link, limit: 100) == [UInt8]("sha256:".utf8))
    }

    @Test func whatIsStillBeingWrittenIsNotWrong() async throws {
        try await registry.storage.write(Layout.blob(image.blobs[0].digest).appending("data.77.tmp"), [1])
        try await registry.storage.write(Layout.upload(UploadID().text, in: name).appending("data"), [1])
        #expect(try await findings(CheckOptions()) == [])
    }

    @Test func anIndexMayBeSparseWhereTheConfigurationSaysSo() async throws {
        var configuration = Registry.Configuration()
        configuration.requiresIndexEntries = false
        let sparse = Registry(
            storage: registry.storage, index: try ReferenceIndex(path: nil), configuration: configuration)
        let absent = try SampleImage(layers: [], architecture: "arm64")
        try await sparse.push(
            try SampleImage.index([("amd64", image), ("arm64", absent)]), to: name, tag: try Tag("multi"))
        #expect(try await sparse.collector.check(options, by: .test).findings == [])
        #expect(try await findings().map(\.kind) == [.missingReference])
    }

    /// The second run reads only what the first one has not come to.
    @Test func hashingGoesOnWhereItWasBrokenOff() async throws {
        let storage = FaultyDriver()
        let registry = try await Registry.sample(storage)
        try await registry.push(image, to: name, tag: tag)
        let counted = Mutex(0)
        let partial = try await registry.collector.check(CheckOptions(hashesBytes: true, filesAtOnce: 1), by: .test) {
            state in
            guard state.phase == .hash else { return true }
            return counted.withLock {
                $0 += 1; return $0 < 2
            }
        }
        #expect(partial.isPartial)
        #expect(partial.blobsHashed == 1)
        _ = storage.takeCalls()
        let rest = try await registry.collector.check(CheckOptions(hashesBytes: true, filesAtOnce: 1), by: .test)
        #expect(!rest.isPartial)
        #expect(rest.continues != nil)
        #expect(rest.blobsHashed == rest.blobs)
        #expect(rest.bytesHashed == rest.bytes)
        // The one that was read before is read no more, but for the manifest, which the links are checked by.
        let read = storage.takeCalls().filter { $0.operation == .open && $0.path.name == "data" }
        #expect(Set(read.map(\.path)).count < rest.blobs)
        _ = storage.takeCalls()
        #expect(try await registry.collector.check(CheckOptions(hashesBytes: true), by: .test).continues == nil)
    }

    @Test func moreFindingsThanAReportNamesAreCounted() async throws {
        for number in 0..<(CheckReport.findingsMax + 7) {
            try await registry.storage.write(Layout.tags(name).appending("no tag \(number)"), [])
        }
        let report = try await registry.collector.check(options, by: .test)
        #expect(report.findings.count == CheckReport.findingsMax)
        #expect(report.unnamed == 7)
        #expect(!report.isSound)
    }
}
