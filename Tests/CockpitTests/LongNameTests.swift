import Drawing
import Foundation
import OCI
import RegistryCore
import Testing

@testable import Cockpit

/// Names that differ only near their end can be told apart in every list.
@Suite struct LongNameTests {
    private static let tags = ["main-20260501-abcdef12", "main-20260502-abcdef13"]
    private static let names = ["platform/payments/ledger-service-v1", "platform/payments/ledger-service-v2"]

    private func registry() throws -> FakeRegistry {
        var registry = try FakeRegistry.sample()
        let app = try RepositoryName("team/app")
        for (index, text) in Self.tags.enumerated() {
            registry.tags[app]?.append(
                TagSummary(
                    tag: try Tag(text), digest: try digest(text), mediaType: .ociManifest, bytes: Int64(index) << 20,
                    updated: noon))
        }
        for text in Self.names {
            registry.repositories.append(
                RepositorySummary(
                    name: try RepositoryName(text), tagCount: 1, manifestCount: 1, bytes: 1, bytesUnique: 1))
        }
        return registry
    }

    @Test(arguments: [(80, 24), (120, 40), (200, 60), (40, 10), (40, 24)])
    func tagsAreWholeInTheirList(_ columns: Int, _ rows: Int) throws {
        var session = try Session(try registry(), columns: columns, rows: rows)
        session.press(.down, .down, .down, .enter, .bottomKey)
        for tag in Self.tags { #expect(session.shows(tag), "\(columns)\(session.testDescription)") }
    }

    @Test(arguments: [(80, 24), (120, 40), (200, 60), (40, 10), (40, 24)])
    func repositoriesCanBeToldApart(_ columns: Int, _ rows: Int) throws {
        var session = try Session(try registry(), columns: columns, rows: rows)
        session.press(.bottomKey)
        if columns > 40 {
            for name in Self.names { #expect(session.shows(name), "\(columns)\(session.testDescription)") }
        } else {
            #expect(session.shows("v1 ") && session.shows("v2 "), "\(session)")
        }
    }

    @Test(arguments: [(80, 24), (120, 40), (200, 60)])
    func manyTagsAreCountedInFull(_ columns: Int, _ rows: Int) throws {
        var registry = try registry()
        for index in registry.repositories.indices { registry.repositories[index].tagCount = 1_234_567 }
        let session = try Session(registry, columns: columns, rows: rows)
        // In the list, where each name is, and not only beside it; where there is no room for it the column is not there.
        let rows = session.testDescription.split(separator: "\n").filter { $0.contains("service-v") }
        let isInFull = rows.allSatisfy { $0.contains(" 1 234 567 ") || columns == 80 && !$0.contains(" 1 2") }
        #expect(rows.count == 2 && isInFull, "\(session.testDescription)")
    }

    @Test(arguments: [(80, 24), (120, 40), (40, 10)])
    func targetsOfActivityCanBeToldApart(_ columns: Int, _ rows: Int) throws {
        var session = try Session(try registry(), columns: columns, rows: rows)
        let client = Client(address: "10.0.0.4:51234", userAgent: "docker/27.3")
        let descriptor = Descriptor(mediaType: .ociManifest, digest: try digest("m"), size: 100)
        let events = try Self.tags.map { text in
            RegistryEvent(
                time: noon, client: client,
                action: .manifestPushed(try RepositoryName("team/app"), descriptor, tag: try Tag(text)))
        }
        session.type("4")
        session.sample(events: events)
        if columns > 40 {
            for tag in Self.tags { #expect(session.shows("team/app:\(tag)"), "\(session)") }
        } else {
            #expect(session.shows("def12") && session.shows("def13"), "\(session)")
        }
    }
}
