import Foundation
import Glibc
import RegistryConfiguration

/// Registries of distribution that serve, or may serve, the same data directory. They hold no lock, so what tells of them is
/// what the system knows of its processes.
struct OtherWriters {
    /// The data directory.
    let root: String

    private static let names: Set<String> = ["registry", "docker-registry"]
    private static let rootVariable = "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY"
    private static let fileVariable = "REGISTRY_CONFIGURATION_PATH"

    /// One clause about the first that was found; nil when there is none. Costs a look at every process.
    var evidence: String? {
        guard let ours = try? Place.look(root).get() else { return nil }
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        for id in entries.compactMap({ Int32($0) }).sorted() {
            if let evidence = evidence(of: id, ours) { return evidence }
        }
        return nil
    }

    private func evidence(of id: Int32, _ ours: Place) -> String? {
        let words = Self.strings("/proc/\(id)/cmdline") ?? []
        guard let program = words.first?.split(separator: "/").last, let verb = words.firstIndex(of: "serve"), verb > 0,
            Self.names.contains(String(program))
        else { return nil }
        // The same program as this one knows the locks.
        let programs = ["\(id)", "self"].map { Place.look("/proc/\($0)/exe") }
        if let its = try? programs[0].get(), let own = try? programs[1].get(), its == own { return nil }
        let text = "process \(id) (\(program) serve)"
        switch directory(of: id, arguments: words[(verb + 1)...]) {
        case .ended, .elsewhere: return nil
        case .unknown(let reason): return "\(text) may serve the same directory, for \(reason)"
        case .at(let place): return place == ours ? "\(text) serves the same directory" : nil
        }
    }

    private enum Directory {
        case at(Place)
        /// In an object store, in memory, or in a directory that is not there.
        case elsewhere
        case ended
        /// The reason as half a sentence.
        case unknown(String)
    }

    private func directory(of id: Int32, arguments: ArraySlice<String>) -> Directory {
        guard let variables = Self.strings("/proc/\(id)/environ") else {
            return Self.isGone(id) ? .ended : .unknown("its environment cannot be read")
        }
        let environment = Dictionary(
            variables.compactMap { variable in
                variable.firstIndex(of: "=").map { (String(variable[..<$0]), String(variable[$0...].dropFirst())) }
            }, uniquingKeysWith: { first, _ in first })
        let file = environment[Self.fileVariable] ?? arguments.first { !$0.hasPrefix("-") }
        guard let file else { return .unknown("it names no configuration file") }
        guard let bytes = FileManager.default.contents(atPath: Self.path(file, seenBy: id)) else {
            return Self.isGone(id) ? .ended : .unknown("its configuration cannot be read")
        }
        let directory: String?
        do throws(ConfigurationError) {
            directory = try Configuration.rootDirectory(String(decoding: bytes, as: UTF8.self), environment)
        } catch {
            return .unknown("its configuration cannot be understood")
        }
        guard let path = directory else { return .elsewhere }
        switch Place.look(Self.path(path, seenBy: id)) {
        case .success(let place): return .at(place)
        case .failure(let unseen):
            if Self.isGone(id) { return .ended }
            return unseen.code == ENOENT ? .elsewhere : .unknown("its directory cannot be looked at")
        }
    }

    /// A path as another process means it.
    private static func path(_ path: String, seenBy id: Int32) -> String {
        path.hasPrefix("/") ? "/proc/\(id)/root\(path)" : "/proc/\(id)/cwd/\(path)"
    }

    private static func isGone(_ id: Int32) -> Bool {
        (strings("/proc/\(id)/cmdline") ?? []).isEmpty
    }

    /// The texts of a file of them, each with a zero at its end; nil when it cannot be read.
    private static func strings(_ path: String) -> [String]? {
        // FileManager goes by the size, which such files do not have.
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part[..<count] }
        guard ferror(file) == 0 else { return nil }
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// What a path leads to, whatever it is called.
    private struct Place: Equatable {
        let device: UInt
        let number: UInt

        struct Unseen: Error {
            let code: CInt
        }

        static func look(_ path: String) -> Result<Place, Unseen> {
            var status = stat()
            guard stat(path, &status) == 0 else { return .failure(Unseen(code: errno)) }
            return .success(Place(device: UInt(status.st_dev), number: UInt(status.st_ino)))
        }
    }
}
