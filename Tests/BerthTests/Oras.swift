import Foundation
import OCI

/// Pushes and pulls files with oras-py, each verb in a Python of its own.
struct Oras {
    let folder: TemporaryFolder
    /// Of the registry.
    let address: String

    /// Pushes files of the folder and returns the digest of the manifest that oras made of them.
    ///
    /// - Parameters:
    ///   - chunk: bytes of every request but the last; nil for all in one.
    ///   - subject: what the files are about, so that they go as its referrer.
    @discardableResult
    func push(
        _ files: [String], as artifact: String, chunk: Int? = nil, subject: Descriptor? = nil
    ) async throws -> Digest {
        let about = subject.map { ["\($0.mediaType)", "\($0.digest)", "\($0.size)"] } ?? ["", "", ""]
        let answer = try await run(
            """
            about = Subject(argument[2], argument[3], int(argument[4])) if argument[2] else None
            answer = client.push(
                target=argument[0], files=argument[5:], disable_path_validation=True, subject=about,
                do_chunked=argument[1] != "", chunk_size=int(argument[1] or 1))
            print(answer.headers["Docker-Content-Digest"])
            """,
            [reference(artifact), size(chunk)] + about + files.map { folder.path($0) })
        return try Digest(answer)
    }

    /// Pulls every file of an artifact into `name` in the folder.
    func pull(_ artifact: String, into name: String) async throws {
        try await run(
            "client.pull(target=argument[0], outdir=argument[1])", [reference(artifact), folder.path(name)])
    }

    /// The tags of a repository, by pages when `page` is not nil, as `Link` leads from one to the next.
    func tags(_ repository: String, page: Int? = nil) async throws -> [[String]] {
        let text = try await run(
            """
            pages = []
            query = f"?n={argument[1]}" if argument[1] else ""
            client._do_paginated_request(
                f"http://{address}/v2/{argument[0]}/tags/list{query}",
                lambda answer: pages.append(answer.json()["tags"]) or True)
            print(json.dumps(pages))
            """, [repository, size(page)])
        return try JSONDecoder().decode([[String]].self, from: Data(text.utf8))
    }

    /// Deletes what a tag names, by digest, and with it all tags of that manifest.
    func delete(_ tag: String, of repository: String) async throws {
        try await run(
            "assert client.delete_tags(argument[0], [argument[1]]) == [argument[1]]", [reference(repository), tag])
    }

    /// Pushes what `tag` of a layout names, with everything in it.
    func push(_ layout: OCILayoutFolder, _ tag: String, as image: String, chunk: Int? = nil) async throws {
        try await run(
            """
            NewLayout(argument[0]).push_to_registry(
                client, argument[2], tag=argument[1], do_chunked=argument[3] != "", chunk_size=int(argument[3] or 1))
            """, [layout.folder.path(layout.name), tag, reference(image), size(chunk)])
    }

    /// Pulls an image or an index with everything in it.
    func pull(_ image: String, into layout: OCILayoutFolder) async throws {
        try await run(
            "NewLayoutFromRegistry(argument[0], client, argument[1])",
            [layout.folder.path(layout.name), reference(image)])
    }

    private func reference(_ artifact: String) -> String { "\(address)/\(artifact)" }

    /// As an argument: empty for none.
    private func size(_ number: Int?) -> String { number.map { "\($0)" } ?? "" }

    /// Runs Python with `client` for the registry and `argument` for the rest, and returns what it prints.
    @discardableResult
    private func run(_ lines: String, _ arguments: [String]) async throws -> String {
        let preface = """
            import json, sys
            from oras.client import OrasClient
            from oras.layout import NewLayout, NewLayoutFromRegistry
            from oras.logger import setup_logger
            from oras.oci import Subject
            setup_logger(quiet=True)
            address, *argument = sys.argv[1:]
            client = OrasClient(hostname=address, insecure=True)

            """
        // `-I`: nothing of the user's own, nor of the folder that the tests run in.
        return try await Tool.oras.run(["-I", "-c", preface + lines, address] + arguments, in: folder)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
