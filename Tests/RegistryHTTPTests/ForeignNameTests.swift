import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import RegistryStorage
import Testing

/// Distribution let upper-case letters into the first component of a name; what lies under such a name is not lost with us.
@Suite(.timeLimit(.minutes(1))) struct ForeignNameTests {
    @Test func whatOnlyDistributionTookIsServedAndDeletedAndNotWritten() async throws {
        try await Harbour.open(.memory) { harbour in
            let image = try SampleImage(layers: [SampleImage.noise(500, seed: 1)])
            try await harbour.registry.push(image, to: try RepositoryName("team/app"), tag: try OCI.Tag("v1"))
            try await Self.link(image, in: try RepositoryName(onDisk: "FOO/bar"), harbour.registry.storage)
            try await harbour.registry.collector.reconcile(by: .test)

            let base = "/v2/FOO/bar"
            #expect(try await harbour.exchange("GET", "\(base)/manifests/v1").body == image.manifest.bytes)
            for blob in image.blobs {
                #expect(try await harbour.exchange("GET", "\(base)/blobs/\(blob.digest)").body == blob.bytes)
            }
            #expect(try await harbour.exchange("GET", "\(base)/tags/list").text.contains(#""tags":["v1"]"#))
            #expect(try await harbour.exchange("GET", "/v2/_catalog").text.contains(#"["FOO/bar","team/app"]"#))

            let type = [("Content-Type", image.manifest.mediaType.text)]
            let writes = [
                try await harbour.exchange("POST", "\(base)/blobs/uploads/", body: []),
                try await harbour.exchange("PUT", "\(base)/manifests/v2", type, body: image.manifest.bytes),
                try await harbour.exchange(
                    "POST", "\(base)/blobs/uploads/?mount=\(image.blobs[0].digest)&from=team/app", body: []),
            ]
            for answer in writes {
                #expect(answer.status == 400)
                #expect(answer.text.contains("NAME_INVALID"))
            }
            #expect(try await harbour.exchange("DELETE", "\(base)/manifests/v1").status == 202)
            #expect(try await harbour.exchange("GET", "\(base)/manifests/v1").status == 404)
        }
    }

    /// Links an image whose bytes are there, as distribution does.
    private static func link(_ image: SampleImage, in name: RepositoryName, _ storage: any StorageDriver) async throws {
        let (digest, tag) = (image.manifest.digest, try OCI.Tag("v1"))
        for blob in image.blobs {
            try await storage.write(Layout.layerLink(blob.digest, in: name), Link.content(blob.digest))
        }
        for path in [
            Layout.revisionLink(digest, in: name), Layout.tagIndex(digest, tag, in: name),
            Layout.tagCurrent(tag, in: name),
        ] {
            try await storage.write(path, Link.content(digest))
        }
    }
}
