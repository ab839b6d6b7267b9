import Foundation
import GuardRemoval
import OCI

/// A folder of a test's own, removed with the value.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = "\(FileManager.default.temporaryDirectory.path)/berth-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// What programs that are started here see: nothing of the user's own settings.
    var environment: [String: String] {
        let own = ProcessInfo.processInfo.environment
        return [
            "PATH": "\(own["PATH"] ?? ""):/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": path, "TMPDIR": path, "LANG": "C.UTF-8",
        ].merging(own.filter { $0.key == RemovableCopy.variable }) { $1 }
    }

    /// The path of something in the folder, which need not be there.
    func path(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ text: String, to name: String) throws {
        try write(Array(text.utf8), to: name)
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        let url = URL(fileURLWithPath: path(name))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    func bytes(_ name: String) throws -> [UInt8] { try Self.bytes(atPath: path(name)) }

    static func bytes(atPath path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

    func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    /// Every file below `name` with what it holds, and every directory, by path; less those below a directory `except`.
    func tree(_ name: String = "", except: String? = nil) throws -> [String: Content] {
        var tree: [String: Content] = [:]
        let root = path(name)
        for case let entry as String in FileManager.default.enumerator(atPath: root) ?? .init() {
            if let except, entry == except || entry.hasPrefix("\(except)/") { continue }
            var isDirectory: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(root)/\(entry)", isDirectory: &isDirectory)
            tree[entry] =
                isDirectory.boolValue
                ? .directory : .file(Digest.of(try Self.bytes(atPath: "\(root)/\(entry)")))
        }
        return tree
    }

    enum Content: Equatable, Sendable {
        case directory
        case file(Digest)
    }
}
