import Drawing
import Foundation
import ImageBuilder
import OCI
import RegistryCollector
import RegistryCore
import Testing

@testable import Cockpit

/// "What would I get back?" changes nothing, wherever it is asked.
@Suite struct ReclaimTests {
    private func asked(_ session: Session) -> [Reclaim.Subject] {
        session.asked.compactMap { if case .reclaim(let subject) = $0 { subject } else { nil } }
    }

    @Test func aRepositoryIsAskedAbout() throws {
        var session = try Session()
        session.press(.down)
        session.type("w")
        #expect(asked(session) == [.repository(try RepositoryName("team/app"))])
        #expect(session.shows("If all of team/app were deleted"))
        #expect(session.shows("604 MiB come back, with 1 tag, 1 manifest, 3 blobs"))
        #expect(session.shows("8.00 MiB stay, shared with") && session.shows("base/alpine:3.20"))
        #expect(session.shows("and 12 more") && session.shows("88.0 MiB stay for now"))
        session.press(.enter)
        #expect(session.isPlain)
    }

    @Test func markedRepositoriesAreAskedAboutTogether() throws {
        var session = try Session()
        session.type("  w")
        #expect(session.shows("If all of 2 repositories were deleted"))
        #expect(
            asked(session) == [.repositories([try RepositoryName("base/alpine"), try RepositoryName("team/app")])])
        session.press(.escape)
        #expect(session.shows("2 marked"))
    }

    @Test func tagsAreAskedAbout() throws {
        let app = try RepositoryName("team/app")
        var session = try Session()
        session.press(.down, .enter)
        session.type("w")
        session.press(.escape)
        session.type("  w")
        session.press(.escape)
        let (first, second) = (try Tag("1.9"), try Tag("1.10"))
        #expect(asked(session) == [.tags([first], in: app), .tags([first, second], in: app)])
        session.press(.enter)
        session.type("w")
        #expect(asked(session).last == .tags([try Tag("broken")], in: app))
        #expect(session.shows("If team/app:broken were deleted"))
    }

    @Test func aPatternIsTyped() throws {
        var session = try Session()
        session.type(":reclaim team/*:1.*")
        session.press(.enter)
        #expect(asked(session) == [.pattern("team/*:1.*")])
        #expect(session.shows("If all that matches team/*:1.* were deleted"))
        session.press(.escape)
        session.type(":reclaim")
        session.press(.enter)
        #expect(asked(session).last == .repository(try RepositoryName("base/alpine")))
    }

    @Test func aLateAnswerGoesNowhere() throws {
        var session = try Session()
        session.isAnswering = false
        session.type("w")
        #expect(session.shows("looking …"))
        session.send(.reclaimed(.pattern("*"), .success(session.registry.reclaim)))
        #expect(session.shows("looking …"))
        session.send(.reclaimed(.repository(try RepositoryName("base/alpine")), .failure(Failure("no index"))))
        #expect(session.shows("✖ no index"))
        session.press(.escape)
        session.send(.reclaimed(.repository(try RepositoryName("base/alpine")), .failure(Failure("no index"))))
        #expect(session.isPlain)
    }

    /// One image under three tags in two repositories: asked about one tag, the whole image stays, layers and all; asked
    /// about all, the whole image comes back.
    @Test func aManifestThatTagsShareKeepsAllThatIsBelowIt() async throws {
        var session = try await LiveSession()
        let image = try SampleImage(layers: [SampleImage.noise(70_000, seed: 1), SampleImage.noise(9_000, seed: 2)])
        for (name, tag) in [("demo/app", "v1"), ("demo/app", "latest"), ("demo/copy", "v1")] {
            try await session.registry.push(image, to: try RepositoryName(name), tag: try Tag(tag))
        }
        await session.look()
        let whole = ByteFormat.size(
            Int64(image.manifest.bytes.count) + image.blobs.reduce(0) { $0 + Int64($1.bytes.count) })

        await session.press(.enter, .bottomKey)
        await session.type("w")
        #expect(session.shows("If demo/app:v1 were deleted") && session.shows("0 B come back"))
        #expect(session.shows("\(whole) stay, shared with"))
        #expect(session.shows("\(whole)  demo/app:latest") && session.shows("\(whole)  demo/copy:v1"))
        await session.press(.escape)
        await session.type("d")
        #expect(session.shows("A later sweep of untagged manifests frees 0 B; \(whole) stays shared "))
        #expect(session.shows("with demo/app:latest, demo/copy:v1."))
        await session.press(.escape)
        await session.type(":reclaim demo/*")
        await session.press(.enter)
        #expect(session.shows("\(whole) come back, with 3 tags, 2 manifests, 4 blobs"))
        #expect(!session.shows("stay, shared"))
    }
}
