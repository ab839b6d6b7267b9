import Foundation

/// A copy of the package in which each guard of the list can be taken out by a variable of the environment, so that one
/// build serves them all.
package struct RemovableCopy {
    /// Names the guard that is out. Programs that a test starts must get it, too.
    package static let variable = "BERTH_GUARD_OUT"

    let source: URL
    let target: URL

    /// Brings the copy up to date. Files that are the same already are left alone, so that a second build is short.
    func update(_ guards: [Guard]) throws {
        var wanted: [String: Data] = [:]
        for part in ["Package.swift", "Sources", "Tests", "themes"] {
            for path in files(below: part) { wanted[path] = try Data(contentsOf: source.appending(path: path)) }
        }
        for (file, guards) in Dictionary(grouping: guards, by: \.file) {
            let content = String(decoding: wanted[file] ?? Data(), as: UTF8.self)
            wanted[file] = Data(try guards.reduce(content) { try $1.applied(to: $0) }.utf8)
        }
        for module in Set(guards.map(\.module)) {
            wanted["Sources/\(module)/GuardIsOut.swift"] = Data(Self.question.utf8)
        }
        for old in ["Sources", "Tests"] {
            for path in files(below: old, of: target) where wanted[path] == nil {
                try FileManager.default.removeItem(at: target.appending(path: path))
            }
        }
        for (path, data) in wanted {
            let place = target.appending(path: path)
            if (try? Data(contentsOf: place)) == data { continue }
            try FileManager.default.createDirectory(
                at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            try data.write(to: place)
        }
    }

    /// Files below a part of the package, by their paths from its top; the part itself where it is one.
    private func files(below part: String, of root: URL? = nil) -> [String] {
        let root = root ?? source
        let place = root.appending(path: part)
        if isFile(place) { return [part] }
        let names = FileManager.default.enumerator(atPath: place.path(percentEncoded: false))
        return (names?.compactMap { $0 as? String } ?? []).map { "\(part)/\($0)" }
            .filter { isFile(root.appending(path: $0)) }
    }

    private func isFile(_ place: URL) -> Bool {
        var isFolder: ObjCBool = false
        let path = place.path(percentEncoded: false)
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }

    private static let question = """
        import Glibc

        private let guardOut = getenv("\(variable)").map { String(cString: $0) }

        /// True while the guard of this name is taken out.
        func guardIsOut(_ name: String) -> Bool { guardOut == name }

        """
}
