import Foundation
import ImageBuilder
import RegistryCore
import RegistryHTTP
import RegistryStorage
import Testing

/// The protocol as data: every conversation of the tables, by every way that requests and bytes can take.
@Suite(.timeLimit(.minutes(2))) struct ConversationTests {
    static let table =
        Conversation.answers + Conversation.pulls + Conversation.pushes + Conversation.sessions
        + Conversation.manifests + Conversation.lists + Conversation.deletions + Conversation.attacks
        + Conversation.hostileBodies

    @Test(arguments: Transport.allCases, table)
    func aConversation(transport: Transport, conversation: Conversation) async throws {
        var registry = Registry.Configuration()
        registry.deletionEnabled = conversation.setting != .deletionDisabled
        let cargo = try Cargo.shared.get()
        let storage = try await Self.loaded(cargo, on: transport.medium)
        defer { storage.remove() }
        let change = { (server: inout RegistryServer.Configuration) in
            transport.prepare(&server)
            server.addressing.isRelative = conversation.setting == .relativeURLs
            if conversation.setting == .shortPages { server.limits.referrersMax = 1 }
            if conversation.setting == .extraHeader {
                server.headers = [
                    ("X-Berth", "harbour"), ("X-List", "one"), ("X-List", "two"), ("X-List", "three"),
                    ("Cache-Control", "no-store"), ("cache-control", "private"),
                ]
            }
        }
        registry.readOnly = conversation.setting == .readOnly
        if conversation.setting == .fewUploads { registry.uploadsPerRepositoryMax = 2 }
        try await Harbour.open(
            transport.medium, storage: storage.driver, registry: registry, server: change
        ) { harbour in
            var runner = ConversationRunner(harbour, transport, cargo)
            try await runner.run(conversation.steps)
            #expect(harbour.registry.transfers.count == 0)
        }
    }

    /// A tree with the cargo in it; what a registry is told afterwards does not keep it out.
    private static func loaded(_ cargo: Cargo, on medium: Medium) async throws -> LoadedTree {
        let tree = try LoadedTree(medium)
        try await cargo.load(into: try await Registry.sample(tree.driver))
        return tree
    }
}

/// A tree of one test, in memory or in a directory of its own.
struct LoadedTree {
    let driver: any StorageDriver
    let root: String?

    init(_ medium: Medium) throws {
        root =
            medium == .memory
            ? nil : "\(Harbour.place)/berth-tree-\(UUID().uuidString.prefix(8))"
        driver = try root.map { try FileSystemDriver(root: $0) } ?? MemoryDriver()
    }

    func remove() { if let root { try? FileManager.default.removeItem(atPath: root) } }
}
