import Drawing
import OCI
import RegistryCore

/// What is handed to the clipboard.
extension Model {
    /// What to type for this registry; nil where clients cannot name it, for it listens on a socket of the file system.
    var clientCommands: ClientCommands? {
        address.contains("/") ? nil : ClientCommands(tool: clientTool, host: imageHost, isTLS: setup.isTLS)
    }

    /// Has commands be those of the next program.
    mutating func changeClientTool() {
        let all = ClientTool.allCases
        clientTool = all[((all.firstIndex(of: clientTool) ?? 0) + 1) % all.count]
        say(.note, "commands are for \(clientTool) now; y copies one")
    }

    /// Copies what gets the chosen images; of a repository, one that is there.
    mutating func copyPull(byDigest: Bool) -> [Effect] {
        guard let commands = clientCommands else {
            say(.note, "clients cannot name a socket; they need an address with a port")
            return []
        }
        switch place {
        case .repositories:
            if isEmptyStore { return copy(commands.first) }
            let names = chosenRepositories
            return names.isEmpty ? [] : [.findPullable(names)]
        case .tags(let name):
            return copy(chosenTags.map { commands.pull(name, byDigest ? .digest($0.digest) : .tag($0.tag)) })
        case .graph(let name, let reference):
            let manifest = graph.selectedNode.flatMap { $0.mediaType.isManifest ? $0 : nil } ?? graph.loaded.value?.root
            if byDigest, let manifest { return copy([commands.pull(name, .digest(manifest.digest))]) }
            return copy([commands.pull(name, reference)])
        case .activity, .sweep, .server, .check: return []
        }
    }

    /// What of each repository can be pulled has been found.
    mutating func pullableFound(_ result: Result<[RepositoryReference], Failure>) -> [Effect] {
        guard let commands = clientCommands else { return [] }
        switch result {
        case .success(let found) where found.isEmpty:
            say(.note, "nothing in it can be pulled: it has no tag and no manifest")
            return []
        case .success(let found): return copy(found.map { commands.pull($0.name, $0.reference) })
        case .failure(let failure):
            say(.trouble, "not copied: \(failure.message)")
            return []
        }
    }

    mutating func copy(_ lines: [String]) -> [Effect] {
        guard !lines.isEmpty else { return [] }
        let text = lines.joined(separator: "\n")
        lastCopy = text
        say(.done, "copied: \(lines.joined(separator: " ; "))")
        return [.terminal(.copy(text))]
    }
}
