import Drawing
import OCI

/// A program that pushes and pulls images, as a person types it.
enum ClientTool: CaseIterable, Sendable {
    case docker, podman, skopeo
}

/// What to type for a registry: lines that work as they are pasted.
struct ClientCommands: Sendable {
    let tool: ClientTool
    /// As in an image reference: `localhost:5000`.
    let host: String
    /// Where it is not, podman and skopeo must be told; docker takes plain HTTP on this machine, and elsewhere only from
    /// registries that its daemon was told of.
    let isTLS: Bool

    /// Gets the image `reference` of `name`.
    func pull(_ name: RepositoryName, _ reference: Reference) -> String {
        let image = "\(host)/\(name)"
        let full =
            switch reference {
            case .tag(let tag): "\(image):\(tag)"
            case .digest(let digest): "\(image)@\(digest)"
            }
        switch tool {
        case .docker: return "docker pull \(full)"
        case .podman: return "podman pull \(verify("--tls-verify"))\(full)"
        case .skopeo:
            let folder = name.text.split(separator: "/").last ?? "image"
            let end =
                reference.tag?.text ?? "\(reference)".split(separator: ":").last.map { String($0.prefix(12)) } ?? ""
            return "skopeo copy --all \(verify("--src-tls-verify"))docker://\(full) dir:\(folder)-\(end)"
        }
    }

    /// Brings a first image here.
    var first: [String] {
        let image = "\(host)/alpine:3.20"
        switch tool {
        case .docker:
            return ["docker pull alpine:3.20", "docker tag alpine:3.20 \(image)", "docker push \(image)"]
        case .podman:
            return [
                "podman pull docker.io/alpine:3.20", "podman tag docker.io/alpine:3.20 \(image)",
                "podman push \(verify("--tls-verify"))\(image)",
            ]
        case .skopeo:
            return ["skopeo copy --all \(verify("--dest-tls-verify"))docker://alpine:3.20 docker://\(image)"]
        }
    }

    /// Whether docker refuses the registry until its daemon is told that it is not TLS.
    var mustBeToldToDocker: Bool { !isTLS && !host.hasPrefix("localhost:") && !host.hasPrefix("127.") }

    private func verify(_ flag: String) -> String { isTLS ? "" : "\(flag)=false " }

    /// A command over as many lines of at most `width` columns as it needs, each but the last ending in a backslash, so that
    /// they can be pasted too; a word longer than a line goes on at the start of the next.
    static func lines(of command: String, width: Int) -> [String] {
        let room = max(8, width - 2)
        guard command.columns > width else { return [command] }
        var lines: [String] = []
        var line = ""
        for word in command.split(separator: " ") {
            let isFirst = line.isEmpty && lines.isEmpty
            let next = isFirst ? String(word) : line.isEmpty ? " \(word)" : "\(line) \(word)"
            if next.columns <= room {
                line = next
                continue
            }
            if !line.isEmpty { lines.append("\(line) \\") }
            line = " \(word)"
            while line.columns > room {
                lines.append("\(line.prefix(room))\\")
                line = String(line.dropFirst(room))
            }
        }
        return lines + [line]
    }
}
