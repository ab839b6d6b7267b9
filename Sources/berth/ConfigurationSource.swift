import ArgumentParser
import Foundation
import RegistryConfiguration

/// Where the configuration comes from, as it was typed; resolved once into a `Configuration`: file, then environment,
/// then flags.
struct ConfigurationSource: ParsableArguments {
    @Option(help: ArgumentHelp("Keep the storage tree in this directory.", valueName: "dir"))
    var data: String?

    /// Where a registry of the field keeps its file, 2.8's first, for that is what most machines have.
    private static let usualFiles = ["/etc/docker/registry/config.yml", "/etc/distribution/config.yml"]

    /// Reads and merges everything.
    ///
    /// - Parameters:
    ///   - file: the one on the command line; `REGISTRY_CONFIGURATION_PATH` replaces it, as in distribution.
    ///   - searches: looks in the usual places when no file is named.
    ///   - listen: of the verbs that serve.
    func load(file: String?, searches: Bool, listen: ListenOption? = nil) throws -> Configuration {
        let environment = ProcessInfo.processInfo.environment
        let named = environment["REGISTRY_CONFIGURATION_PATH"] ?? file
        let usual = searches && data == nil ? Self.usualFiles.first(where: FileManager.default.fileExists) : nil
        var configuration: Configuration
        let path = named ?? usual
        let text = try path.map(Self.read) ?? Self.builtIn(root: data ?? Self.dataDefault(environment))
        do throws(ConfigurationError) {
            configuration = try .load(
                text: text, file: path ?? "built-in defaults", environment: environment, serves: listen != nil)
        } catch {
            throw Refusal("\(error)")
        }
        if let data {
            configuration.storage.driver = .filesystem(
                rootDirectory: data, maxThreads: Configuration.Storage.maxThreadsDefault)
        }
        if let listen = listen?.listen {
            configuration.http.addr = listen
            configuration.http.net = listen.hasPrefix("/") ? .unix : .tcp
        }
        return configuration
    }

    /// Nobody gave a file: everything in one directory, reachable from this machine only, deletion on. In the form of a
    /// file, so that `REGISTRY_*` works the same with and without one.
    private static func builtIn(root: String) -> String {
        let quoted = root.replacingOccurrences(of: "'", with: "''")
        return """
            version: 0.1
            storage:
              filesystem:
                rootdirectory: '\(quoted)'
              delete:
                enabled: true
            http:
              addr: 127.0.0.1:5000
            """
    }

    /// `$XDG_DATA_HOME/berth`, by the XDG Base Directory Specification.
    private static func dataDefault(_ environment: [String: String]) -> String {
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return "\(data)/berth" }
        return "\(environment["HOME"] ?? "/var/lib")/.local/share/berth"
    }

    private static func read(_ path: String) throws -> String {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw Refusal("cannot read the configuration file \(path)")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Where to listen, for the verbs that do.
struct ListenOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Listen on this address, as 127.0.0.1:5000 or :5000, or at this path of a socket.", valueName: "addr"))
    var listen: String?
}
