import Foundation
import ImageBuilder
import StorageProbes
import OCI
import RegistryCore
import RegistryStorage
import SeededRandom
import Testing

/// Random pushes, tags, deletions and sweeps against a dictionary: every tag that was acknowledged and not deleted is
/// pullable byte for byte after every step, and when all is deleted a last sweep leaves no bytes.
@Suite struct SweepModelTests {
    private struct Place: Hashable {
        var name: RepositoryName
        var tag: OCI.Tag
    }

    /// Seeds that once failed stay here; the environment can add others.
    private static let seeds: [UInt64] =
        Array(1...20) + (ProcessInfo.processInfo.environment["BERTH_SEED"].flatMap { UInt64($0) }.map { [$0] } ?? [])

    @Test(arguments: seeds) func whatIsTaggedIsPullableAndTheRestGoes(_ seed: UInt64) async throws {
        var dice = SeededGenerator(seed: seed)
        let registry = try await Registry.sample()
        let names = try ["a", "a/b", "c"].map { try RepositoryName($0) }
        let tags = try ["1", "2", "latest"].map { try OCI.Tag($0) }
        let images = try (0..<6).map { number in
            try SampleImage(
                layers: [0, 1, 2].filter { number & (1 << $0) != 0 }.map { SampleImage.noise(100, seed: UInt64($0)) },
                architecture: "m\(number % 2)")
        }
        var model: [Place: SampleImage] = [:]
        for step in 0..<60 {
            let place = Place(
                name: names.randomElement(using: &dice) ?? names[0], tag: tags.randomElement(using: &dice) ?? tags[0])
            let image = images.randomElement(using: &dice) ?? images[0]
            switch Int.random(in: 0..<10, using: &dice) {
            case 0...3:
                try await registry.push(image, to: place.name, tag: place.tag)
                model[place] = image
            case 4:
                // As a client does that was told "exists": only what is missing is sent.
                for blob in image.blobs where (try? await registry.promiseBlob(blob.digest, in: place.name)) == nil {
                    try await registry.push(blob: blob, to: place.name)
                }
                try await registry.push(image.manifest, to: place.name, tag: place.tag)
                model[place] = image
            case 5, 6:
                guard model.removeValue(forKey: place) != nil else { continue }
                try await registry.deleteTag(place.tag, in: place.name, by: .test)
            case 7:
                guard let victim = model[place] else { continue }
                try await registry.deleteManifest(victim.manifest.digest, in: place.name, by: .test)
                model = model.filter { $0.key.name != place.name || $0.value.manifest.digest != victim.manifest.digest }
            default:
                let untagged = Bool.random(using: &dice)
                let plan = try await registry.planSweep(SweepOptions(untagged: untagged, graceSeconds: 0))
                let report = try await registry.run(plan, by: .test) { _ in true }
                #expect(report.removed == plan.lines, "seed \(seed), step \(step)")
            }
            for (place, image) in model {
                #expect(
                    try await registry.isPullable(image, from: place.name, tag: place.tag),
                    "seed \(seed), step \(step): \(place.name):\(place.tag)")
            }
        }
        for place in model.keys { try await registry.deleteTag(place.tag, in: place.name, by: .test) }
        let plan = try await registry.planSweep(SweepOptions(untagged: true, graceSeconds: 0))
        _ = try await registry.run(plan, by: .test) { _ in true }
        let left = try await Tree.content(of: registry.storage).keys.filter { $0.hasSuffix("/data") }
        #expect(left.isEmpty, "seed \(seed)")
    }
}
