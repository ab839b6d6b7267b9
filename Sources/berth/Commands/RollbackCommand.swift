import ArgumentParser
import Drawing
import Foundation
import OCI
import RegistryControl
import RegistryCore

/// Points a tag back at what it pointed at before.
struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "List what a tag pointed at, or point it back.",
        discussion: """
            Also beside a Berth that serves. Exit status: 0 done, 1 there is no such tag, or its manifest is gone.
            """
    )

    @Argument(help: ArgumentHelp("A repository and a tag of it, as team/app:v1.", valueName: "name:tag"))
    var image: String

    @Argument(
        help: ArgumentHelp("What to point the tag at: a digest, or its beginning, of the list.", valueName: "digest"))
    var digest: String?

    @Option(help: ArgumentHelp("distribution's configuration file, of 2.8 or 3.x.", valueName: "file"))
    var config: String?

    @OptionGroup var source: ConfigurationSource

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let (name, tag) = try place()
        let access = try await CollectorAccess(try source.load(file: config, searches: true))
        var history = try await ask(access, TagRequest(tag, in: name))
        guard !history.entries.isEmpty else { throw Refusal("nobody ever saw \(image)", status: 1) }
        if let digest {
            try access.requireWritable()
            history = try await ask(access, TagRequest(tag, in: name, to: try target(digest, among: history)))
        }
        if json { try Output.print(answer: history) } else { show(history) }
        if digest != nil { try Output.finish("the tag points there all the same") }
    }

    private func show(_ history: TagHistory) {
        for entry in history.entries {
            let since = entry.since.map { $0.formatted(.iso8601) } ?? "unknown time"
            let state = entry.isCurrent ? "current" : entry.isThere ? ByteFormat.size(entry.bytes) : "gone"
            Output.write("\(entry.isCurrent ? "*" : " ") \(entry.digest)  \(since)  \(state)")
        }
    }

    private func ask(_ access: CollectorAccess, _ request: TagRequest) async throws -> TagHistory {
        try await access.end(of: .tag(request))
    }

    private func place() throws -> (RepositoryName, Tag) {
        guard let colon = image.lastIndex(of: ":"), let name = try? RepositoryName(onDisk: image[..<colon]),
            let tag = try? Tag(String(image[image.index(after: colon)...]))
        else { throw Refusal("\(image.printable) is no repository with a tag; write it as team/app:v1") }
        return (name, tag)
    }

    /// A whole digest may be one that the tag never had.
    private func target(_ text: String, among history: TagHistory) throws -> Digest {
        if let digest = try? Digest(text) { return digest }
        let hits = history.entries.map(\.digest).filter { digest in
            digest.description.hasPrefix(text) || digest.hex.hasPrefix(text)
        }
        guard hits.count == 1, let digest = hits.first else {
            throw Refusal("\(hits.count) digests of \(image) begin with \(text.printable)", status: 1)
        }
        return digest
    }
}
