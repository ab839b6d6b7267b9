import Drawing
import Foundation
import Testing

/// Screens kept as text: what a person reads in a diff.
enum Golden {
    /// Set to anything, goldens are written instead of compared, and ``GoldenGuard`` fails.
    static let variable = "BERTH_UPDATE_GOLDENS"

    static var isUpdating: Bool { ProcessInfo.processInfo.environment[variable] != nil }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    /// Compares lines with the file of this name, or writes it.
    static func expect(_ lines: [String], is name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let file = folder.appending(path: "\(name).txt")
        if isUpdating {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
            return
        }
        let data = try? Data(contentsOf: file)
        let kept = data.map {
            String(decoding: $0, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        }
        guard let kept = kept?.dropLast().map(String.init) else {
            Issue.record("there is no golden \(name); \(variable)=1 writes it", sourceLocation: sourceLocation)
            return
        }
        guard kept != lines else { return }
        let count = max(kept.count, lines.count)
        let changes = (0..<count).compactMap { row -> String? in
            let old = row < kept.count ? kept[row] : "(no line)"
            let new = row < lines.count ? lines[row] : "(no line)"
            return old == new ? nil : "\(row + 1) - \(old)\n\(row + 1) + \(new)"
        }
        Issue.record("\(name) differs:\n\(changes.joined(separator: "\n"))", sourceLocation: sourceLocation)
    }
}
