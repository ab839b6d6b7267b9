import StorageProbes
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryIndex
import RegistryStorage
import Testing

/// The disk is full in the middle of a push: the client is told so, nothing is committed by halves, and when there is
/// room again the same push works.
@Suite struct DiskFullTests {
    let storage = FaultyDriver()
    let registry: Registry
    let name: RepositoryName
    let tag: OCI.Tag
    let image: SampleImage

    init() async throws {
        registry = try await Registry.sample(storage)
        name = try RepositoryName("team/app")
        tag = try Tag("v1")
        image = try SampleImage(layers: [SampleImage.noise(5000, seed: 1)])
    }

    private var blob: SampleImage.Blob { image.blobs[0] }

    /// Fails from now on where `fault` says.
    private func fill(_ operation: FaultyDriver.Operation, _ fault: @escaping @Sendable (StoragePath) -> Bool) {
        storage.fail { $0.operation == operation && fault($0.path) }
    }

    private func expectFull(_ body: () async throws -> Void) async {
        let error = await #expect(throws: RegistryError.self) { try await body() }
        #expect(error?.isOutOfSpace == true, "\(String(describing: error))")
    }

    /// Nobody can read the blob; the index and the tree are of one mind, and a sweep finds nothing unless bytes are left.
    private func expectNoBlob(bytesLeft: Bool = false) async throws {
        await #expect(throws: RegistryError.blobUnknown(blob.digest, name)) {
            _ = try await registry.blob(blob.digest, in: name, by: .test)
        }
        #expect(try await storage.stat(Layout.layerLink(blob.digest, in: name)) == nil)
        #expect((try await storage.stat(Layout.blobData(blob.digest)) != nil) == bytesLeft)
        try await expectAgreement()
        let lines = try await registry.collector.planSweep(SweepOptions(graceSeconds: 0), by: .test).lines.ofContent
        #expect(lines.map(\.digest) == (bytesLeft ? [blob.digest] : []))
    }

    /// Tree and index say the same.
    private func expectAgreement() async throws {
        let report = try await registry.collector.reconcile(by: .test)
        #expect(report.corrections == 0 && report.damaged == 0, "\(report)")
    }

    private func send(_ range: Range<Int>, to id: UploadID) async throws -> UploadSession {
        let session = try await registry.openUpload(id, in: name, by: .test)
        try Array(blob.bytes[range]).withUnsafeBytes { try session.append($0) }
        return session
    }

    private func expectWholePush() async throws {
        storage.recover()
        try await registry.push(image, to: name, tag: tag)
        #expect(try await registry.isPullable(image, from: name, tag: tag))
        try await expectAgreement()
        #expect(
            try await registry.collector.planSweep(SweepOptions(untagged: true, graceSeconds: 0), by: .test).lines
                .ofContent
                .isEmpty)
    }

    @Test("at the opening of an upload: there is none")
    func open() async throws {
        fill(.write) { $0.name == "startedat" }
        await expectFull { _ = try await registry.startUpload(in: name, by: .test) }
        #expect(try await storage.list(Layout.uploads(name))?.isEmpty ?? true)
        try await expectWholePush()
    }

    /// A full disk takes a part of what it is given.
    @Test("while bytes arrive: the upload stands where the file does, and goes on there", arguments: [0, 1000])
    func append(before: Int) async throws {
        let status = try await registry.startUpload(in: name, by: .test)
        _ = try await send(0..<before, to: status.id).suspend()
        fill(.take) { _ in true }
        do {
            let session = try await registry.openUpload(status.id, in: name, by: .test)
            let error = #expect(throws: RegistryError.self) {
                try Array(blob.bytes[before..<before + 2000]).withUnsafeBytes { try session.append($0) }
            }
            #expect(error?.isOutOfSpace == true)
            #expect(try await session.suspend().offset == Int64(before + 1000))
        }
        try await expectNoBlob()
        storage.recover()
        #expect(try await registry.uploadStatus(status.id, in: name, by: .test).offset == Int64(before + 1000))
        _ = try await send(before + 1000..<5000, to: status.id).finish(blob.digest, by: .test)
        #expect(try await registry.blob(blob.digest, in: name, by: .test).size == 5000)
        try await expectWholePush()
    }

    @Test("while bytes arrive: the request can take back what it brought")
    func appendReverted() async throws {
        let status = try await registry.startUpload(in: name, by: .test)
        _ = try await send(0..<1000, to: status.id).suspend()
        fill(.take) { _ in true }
        let session = try await registry.openUpload(status.id, in: name, by: .test)
        _ = #expect(throws: RegistryError.self) {
            try Array(blob.bytes[1000..<5000]).withUnsafeBytes { try session.append($0) }
        }
        #expect(try await session.revert().offset == 1000)
        storage.recover()
        _ = try await send(1000..<5000, to: status.id).finish(blob.digest, by: .test)
        try await expectWholePush()
    }

    enum End: CaseIterable { case suspend, revert, finish }

    /// A system that could not write pages forgets that they were dirty: a second try would succeed over nothing.
    @Test(
        "when bytes are made durable: the upload is gone, for nobody knows what is on the disk", arguments: End.allCases
    )
    func synchronize(end: End) async throws {
        let status = try await registry.startUpload(in: name, by: .test)
        let session = try await send(0..<(end == .finish ? 5000 : 3000), to: status.id)
        fill(.synchronize) { _ in true }
        await expectFull {
            switch end {
            case .suspend: _ = try await session.suspend()
            case .revert: _ = try await session.revert()
            case .finish: _ = try await session.finish(blob.digest, by: .test)
            }
        }
        try await expectNoBlob()
        storage.recover()
        await #expect(throws: RegistryError.uploadUnknown(status.id)) {
            _ = try await registry.uploadStatus(status.id, in: name, by: .test)
        }
        #expect(try await storage.list(Layout.uploads(name)) == [])
        try await expectWholePush()
        withExtendedLifetime(session) {}
    }

    @Test(
        "when a blob goes to its place: the upload can be finished later, also where nobody can say where it is",
        arguments: [false, true])
    func move(isBlind: Bool) async throws {
        let status = try await registry.startUpload(in: name, by: .test)
        let session = try await send(0..<5000, to: status.id)
        storage.fail { $0.operation == .move || isBlind && $0.operation == .stat && $0.path.name == "data" }
        await expectFull { _ = try await session.finish(blob.digest, by: .test) }
        storage.recover()
        try await expectNoBlob()
        #expect(try await registry.uploadStatus(status.id, in: name, by: .test).offset == 5000)
        _ = try await send(5000..<5000, to: status.id).finish(blob.digest, by: .test)
        #expect(try await registry.blob(blob.digest, in: name, by: .test).size == 5000)
        try await expectWholePush()
        withExtendedLifetime(session) {}
    }

    @Test("when a blob is linked: its bytes are nobody's, a sweep knows them, and the upload is over")
    func link() async throws {
        let status = try await registry.startUpload(in: name, by: .test)
        let session = try await send(0..<5000, to: status.id)
        fill(.write) { $0.name == "link" }
        await expectFull { _ = try await session.finish(blob.digest, by: .test) }
        try await expectNoBlob(bytesLeft: true)
        await #expect(throws: RegistryError.uploadUnknown(status.id)) {
            _ = try await registry.uploadStatus(status.id, in: name, by: .test)
        }
        try await expectWholePush()
    }

    @Test("when a mounted blob is linked: it is not there")
    func mount() async throws {
        let other = try RepositoryName("other/app")
        try await registry.push(blob: blob, to: other)
        fill(.write) { $0.name == "link" }
        await expectFull { _ = try await registry.mountBlob(blob.digest, from: other, into: name, by: .test) }
        await #expect(throws: RegistryError.blobUnknown(blob.digest, name)) {
            _ = try await registry.blob(blob.digest, in: name, by: .test)
        }
        try await expectAgreement()
        try await expectWholePush()
    }

    enum Step: CaseIterable { case bytes, directory, revision, history, tag }

    private func fill(_ step: Step) {
        let (name, tag, digest) = (name, tag, image.manifest.digest)
        switch step {
        case .bytes: fill(.write) { $0 == Layout.blobData(digest) }
        case .directory: fill(.createDirectory) { $0 == Layout.layers(name) }
        case .revision: fill(.write) { $0 == Layout.revisionLink(digest, in: name) }
        case .history: fill(.write) { $0 == Layout.tagIndex(digest, tag, in: name) }
        case .tag: fill(.write) { $0 == Layout.tagCurrent(tag, in: name) }
        }
    }

    @Test("when a manifest is written: no tag, and no manifest unless all of it is there", arguments: Step.allCases)
    func manifest(step: Step) async throws {
        for blob in image.blobs { try await registry.push(blob: blob, to: name) }
        fill(step)
        await expectFull { try await registry.push(image.manifest, to: name, tag: tag) }
        await #expect(throws: RegistryError.manifestUnknown(.tag(tag), name)) {
            _ = try await registry.manifest(.tag(tag), in: name, by: .test)
        }
        #expect(try await registry.tagNames(in: name, after: nil, limit: 9, by: .test).isEmpty)
        #expect(try await storage.list(Layout.tags(name))?.isEmpty ?? true)
        let isLinked = step == .history || step == .tag
        let served = try? await registry.manifest(.digest(image.manifest.digest), in: name, by: .test)
        #expect((served != nil) == isLinked)
        try await expectAgreement()
        // What was promised to the client stays for its next try.
        #expect(try await registry.collector.planSweep(SweepOptions(untagged: true), by: .test).lines.isEmpty)
        try await expectWholePush()
    }

    @Test("when a tag is moved: it stays where it was", arguments: [Step.bytes, .revision, .history, .tag])
    func movedTag(step: Step) async throws {
        let old = try SampleImage(layers: [])
        try await registry.push(old, to: name, tag: tag)
        for blob in image.blobs { try await registry.push(blob: blob, to: name) }
        fill(step)
        await expectFull { try await registry.push(image.manifest, to: name, tag: tag) }
        #expect(try await registry.isPullable(old, from: name, tag: tag))
        #expect(try await registry.tags(in: name, by: .test).map(\.digest) == [old.manifest.digest])
        try await expectAgreement()
        storage.recover()
        try await registry.push(image.manifest, to: name, tag: tag)
        #expect(try await registry.isPullable(image, from: name, tag: tag))
    }
}
