import ImageBuilder
import OCI

/// Two images over one base layer, small enough that the cockpit shows what the second alone holds to the byte.
struct TwoTags {
    let stays: SampleImage
    let goes: SampleImage

    init() throws {
        let base = Gzip.stored(SampleImage.noise(5_000, seed: 1))
        stays = try SampleImage(
            layers: [base, Gzip.stored(SampleImage.noise(3_000, seed: 2))], architecture: "amd64")
        goes = try SampleImage(layers: [base, Gzip.stored(SampleImage.noise(200, seed: 3))], architecture: "arm64")
    }

    var base: SampleImage.Blob { goes.blobs[0] }

    /// What nothing but the second image holds: its layer, its config and its manifest.
    var exclusive: [SampleImage.Blob] { goes.blobs.dropFirst() + [SampleImage.Blob(goes.manifest.bytes)] }

    /// Below 1024, from where on sizes are rounded.
    var exclusiveBytes: Int { exclusive.reduce(0) { $0 + $1.bytes.count } }
}
