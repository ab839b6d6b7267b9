import OCI
import RegistryIndex
import Testing

/// Files may be as large as their holes: two of them are more than a number holds.
@Suite struct HugeSizeTests {
    private let name: RepositoryName
    private let index: ReferenceIndex

    init() throws {
        name = try RepositoryName("team/app")
        index = try ReferenceIndex(path: nil)
    }

    @Test func sumsOfSizesEndWhereNumbersDo() throws {
        let image = try Sample.image(["a", "b"])
        try index.write { change in
            for text in ["a", "b"] {
                try change.blobPresent(Sample.digest(text), size: .max, leased: 0)
                try change.layerLinked(Sample.digest(text), in: name)
            }
            try change.push(blob: "config", to: name)
            try change.push(image, to: name, tag: "1")
        }
        try index.read { view in
            let rows = try view.repositories { $0 }
            #expect(rows.map(\.bytes) == [.max])
            #expect(rows.map(\.bytesUnique) == [.max])
            #expect(try view.bytesReached(from: image.digest, in: name) == .max)
        }
    }

    /// In the index too each tag is asked for once: a count for each of the others would be their square.
    @Test func aThousandTagsOfOneManifestKnowOfEachOther() throws {
        let (image, other) = (try Sample.image(["a"]), try Sample.image(["b"]))
        try index.write { change in
            for text in ["a", "b", "config"] { try change.push(blob: text, to: name) }
            for number in 0..<1000 { try change.push(image, to: name, tag: "t\(number)") }
            try change.push(other, to: name, tag: "other")
            try change.push(image, to: RepositoryName("team/copy"), tag: "t")
        }
        try index.read { view in
            let rows = try view.tags(in: name) { $0 }
            #expect(rows.count == 1001)
            #expect(rows.allSatisfy { $0.sameDigest == ($0.tag.text == "other" ? 0 : 999) })
            let holders = try view.taggedManifests(reaching: Sample.digest("a"))
            #expect(try holders.map { try view.tagCount(of: $0) }.sorted() == [1, 1000])
        }
    }
}
