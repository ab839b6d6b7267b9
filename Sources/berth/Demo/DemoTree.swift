import Foundation
import OCI
import RegistryStorage

/// The repositories that a demonstration begins with, as a registry that has been used for a year would have left them:
/// several platforms, layers that images share, one image under several names, signatures, tags of all ages, what nothing
/// needs any more, and two images that are damaged.
struct DemoTree {
    /// Bytes of the medium: what the demonstration can come to hold in memory, whatever is pushed to it.
    static let bytesMax: Int64 = 160 << 20

    private static let hour = 3600
    private static let day = 24 * hour

    let storage: MemoryDriver
    private let now: Date

    /// Layers that later images begin with.
    static let base: [DemoImage.Blob] = [
        .layer("alpine 3.21 amd64", kib: 3_400), .layer("node 22 amd64", kib: 7_900),
    ]
    static let site: DemoImage.Blob = .layer("nginx 1.27 amd64", kib: 4_600)

    private init(_ storage: MemoryDriver, now: Date) {
        self.storage = storage
        self.now = now
    }

    /// A medium with everything on it. Costs a fraction of a second.
    static func planted(now: Date = Date()) throws -> MemoryDriver {
        let tree = DemoTree(MemoryDriver(bytesMax: bytesMax), now: now)
        try tree.plantBases()
        try tree.plantShop()
        try tree.plantOthers()
        try tree.plantDamage()
        return tree.storage
    }

    private func plantBases() throws {
        let alpine = try RepositoryName("library/alpine")
        let sizes = ["amd64": 3_400, "arm64": 3_500, "arm": 2_900]
        for (version, age) in [("3.20", 170), ("3.21", 40)] {
            let images = ["amd64", "arm64", "arm"].map { architecture in
                let layer = DemoImage.Blob.layer("alpine \(version) \(architecture)", kib: sizes[architecture] ?? 3_000)
                return (architecture, image([layer], age * Self.day, architecture))
            }
            try put(DemoImage(platforms: images), in: alpine, tags: [version], age: age * Self.day)
            if version == "3.21" {
                try put(DemoImage(platforms: images), in: alpine, tags: ["latest"], age: age * Self.day)
            }
        }
        let arm = [
            DemoImage.Blob.layer("alpine 3.21 arm64", kib: 3_500), DemoImage.Blob.layer("node 22 arm64", kib: 7_700),
        ]
        let images = [
            ("amd64", image(Self.base, 35 * Self.day)), ("arm64", image(arm, 35 * Self.day, "arm64")),
        ]
        try put(
            DemoImage(platforms: images), in: try RepositoryName("library/node"), tags: ["22-alpine", "lts-alpine"],
            age: 35 * Self.day)
    }

    /// What a team builds: versions that share their bases, releases that are signed, and what was built and forgotten.
    private func plantShop() throws {
        let (api, web) = (try RepositoryName("shop/api"), try RepositoryName("shop/web"))
        let worker = try RepositoryName("shop/worker")
        let ages = [75 * Self.day, 52 * Self.day, 31 * Self.day, 12 * Self.day, 3 * Self.day, 5 * Self.hour]
        for (build, age) in ages.enumerated() {
            let isNewest = build == ages.count - 1
            let dependencies = DemoImage.Blob.layer("api dependencies \(build / 3)", kib: 1_800)
            let release = image(Self.base + [dependencies, .layer("api 1.8.\(build)", kib: 420 + build * 31)], age)
            // Two builds lost their tags to later ones, and nothing needs what is theirs.
            let tags = isNewest ? ["1.8.\(build)", "latest", "stable"] : build == 1 ? [] : ["1.8.\(build)"]
            try put(release, in: api, tags: tags, age: age)
            guard isNewest else { continue }
            try put(release, in: try RepositoryName("prod/api"), tags: ["current"], age: 4 * Self.hour)
            let signature = DemoImage.Blob(.octetStream, "made up: no key has signed \(release.manifest.digest)")
            let parts = DemoImage.Blob(.json, #"{"spdxVersion":"SPDX-2.3","name":"shop-api","packages":[]}"#)
            for (type, content) in [
                ("application/vnd.dev.cosign.artifact.sig.v1+json", signature), ("application/spdx+json", parts),
            ] {
                let about = DemoImage(type, content: content, subject: release.manifest)
                try put(about, in: api, tags: [], age: age - 60)
            }
        }
        for (build, age) in [40 * Self.day, 9 * Self.day, 26 * Self.hour].enumerated() {
            let page = DemoImage.Blob.layer("web \(build)", kib: 700 + build * 90)
            try put(image([Self.site, page], age), in: web, tags: build == 0 ? [] : ["2026.\(build)"], age: age)
        }
        for (number, age) in [(198, 19), (203, 6), (207, 2)] {
            let change = image(Self.base.prefix(1) + [.layer("worker \(number)", kib: 900)], age * Self.day)
            try put(change, in: worker, tags: ["pr-\(number)"], age: age * Self.day)
        }
    }

    private func plantOthers() throws {
        let debian = DemoImage.Blob.layer("debian 12 amd64", kib: 5_200)
        for (version, kib, age) in [("16", 4_900, 210), ("17", 5_300, 24)] {
            let database = image([debian, .layer("postgres \(version)", kib: kib)], age * Self.day)
            try put(database, in: try RepositoryName("infra/postgres"), tags: [version], age: age * Self.day)
        }
        for (version, age) in [("0.4.1", 66), ("0.4.2", 8)] {
            let chart = DemoImage(
                "application/vnd.cncf.helm.config.v1+json",
                config: .init(
                    MediaType("application/vnd.cncf.helm.config.v1+json"), #"{"name":"shop","version":"\#(version)"}"#),
                content: .init(
                    MediaType("application/vnd.cncf.helm.chart.content.v1.tar+gzip"),
                    DemoImage.Blob.layer("chart \(version)", kib: 14).bytes))
            try put(chart, in: try RepositoryName("charts/shop"), tags: [version], age: age * Self.day)
        }
    }

    /// A manifest that was cut short, and a layer that is not there.
    private func plantDamage() throws {
        let billing = try RepositoryName("legacy/billing")
        let cut = image([.layer("billing 2.3", kib: 820)], 120 * Self.day)
        try put(cut, in: billing, tags: ["2.3"], age: 120 * Self.day)
        try plant(
            Layout.blobData(cut.manifest.digest), Array(cut.manifest.bytes.prefix(200)), age: 100 * Self.day)
        let lost = DemoImage.Blob.layer("billing 2.2 lost", kib: 64)
        let holed = image([.layer("billing 2.2", kib: 760), lost], 190 * Self.day)
        try put(holed, in: billing, tags: ["2.2"], age: 190 * Self.day, without: lost.digest)
    }

    // MARK: Files

    private func image(
        _ layers: [DemoImage.Blob], _ age: Int, _ architecture: String = "amd64"
    ) -> DemoImage {
        DemoImage(layers: layers, architecture: architecture, created: now.addingTimeInterval(-Double(age)))
    }

    private func put(
        _ image: DemoImage, in name: RepositoryName, tags: [String], age: Int, without missing: Digest? = nil
    ) throws {
        for child in image.children { try put(child, in: name, tags: [], age: age) }
        for part in image.parts {
            if part.digest != missing { try plant(Layout.blobData(part.digest), part.bytes, age: age) }
            try plant(Layout.layerLink(part.digest, in: name), link: part.digest, age: age)
        }
        let manifest = image.manifest.digest
        try plant(Layout.blobData(manifest), image.manifest.bytes, age: age)
        try plant(Layout.revisionLink(manifest, in: name), link: manifest, age: age)
        for tag in try tags.map({ try Tag($0) }) {
            try plant(Layout.tagIndex(manifest, tag, in: name), link: manifest, age: age)
            try plant(Layout.tagCurrent(tag, in: name), link: manifest, age: age)
        }
    }

    private func plant(_ path: StoragePath, link digest: Digest, age: Int) throws {
        try plant(path, Array(digest.description.utf8), age: age)
    }

    private func plant(_ path: StoragePath, _ bytes: [UInt8], age: Int) throws {
        try storage.plant(path, bytes, modified: Int64(now.timeIntervalSince1970) - Int64(age))
    }
}
