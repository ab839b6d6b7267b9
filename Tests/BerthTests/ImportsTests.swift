import Foundation
import Testing

/// The arrows between the modules, as the design draws them; no other is allowed.
@Suite struct ImportsTests {
    /// Which modules of ours a module may use.
    static let arrows: [String: Set<String>] = [
        "OCI": [],
        "Drawing": [],
        "CNcurses": [],
        "CMalloc": [],
        "RegistryStorage": ["OCI"],
        "RegistryIndex": ["OCI"],
        "RegistryAuth": ["OCI"],
        "RegistryConfiguration": ["OCI"],
        "Curses": ["Drawing", "CNcurses"],
        "RegistryCore": ["OCI", "RegistryStorage", "RegistryIndex"],
        "S3Storage": ["RegistryStorage"],
        "RegistryHTTP": ["OCI", "RegistryCore", "RegistryAuth"],
        "RegistryCollector": ["OCI", "RegistryStorage", "RegistryIndex", "RegistryCore"],
        "RedisCoordination": ["OCI", "RegistryCore"],
        "RegistryControl": ["OCI", "RegistryCore", "RegistryCollector"],
        "Notifications": ["OCI", "RegistryCore"],
        "Cockpit": ["OCI", "RegistryCore", "RegistryCollector", "Drawing"],
        "berth": [
            "OCI", "Drawing", "RegistryStorage", "RegistryIndex", "RegistryAuth", "RegistryConfiguration", "Curses",
            "RegistryCore", "RegistryCollector", "S3Storage", "RedisCoordination", "RegistryHTTP", "RegistryControl",
            "Notifications", "Cockpit", "CMalloc",
        ],
    ]

    /// Who alone may use what others made; a name stands for all modules that begin with it.
    static let fences: [(prefix: String, modules: Set<String>)] = [
        ("GRDB", ["RegistryIndex"]), ("NIO", ["RegistryHTTP", "RegistryControl"]), ("Yams", ["RegistryConfiguration"]),
        ("ArgumentParser", ["berth"]), ("ServiceLifecycle", ["berth"]), ("UnixSignals", ["berth"]),
    ]

    private static func complaint(_ module: String, _ used: String) -> String? {
        guard let allowed = arrows[module] else { return "\(module) is not in the design" }
        if arrows[used] != nil, !allowed.contains(used) { return "\(module) may not use \(used)" }
        let fence = fences.first { used.hasPrefix($0.prefix) && !$0.modules.contains(module) }
        return fence.map { "only \($0.modules.sorted().joined(separator: " and ")) may use \(used), not \(module)" }
    }

    @Test func sourcesImportAlongTheArrows() throws {
        let files = try SourceFile.all()
        let complaints = files.flatMap { file in
            file.imports.compactMap { used in Self.complaint(file.module, used).map { "\(file.path): \($0)" } }
        }
        #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
        // What is fenced is used behind its fence: the imports have been read at all.
        for fence in Self.fences {
            for module in fence.modules {
                #expect(files.contains { $0.module == module && $0.imports.contains { $0.hasPrefix(fence.prefix) } })
            }
        }
    }

    @Test func targetsAreDeclaredAlongTheArrows() throws {
        let targets = try SourceFile.targets()
        let complaints = targets.flatMap { target in
            target.dependencies.compactMap { Self.complaint(target.name, $0) }
        }
        #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
        let folders = try FileManager.default.contentsOfDirectory(atPath: SourceFile.root.path + "/Sources")
        #expect(targets.map(\.name).sorted() == folders.filter { !$0.hasPrefix(".") }.sorted())
        #expect(targets.contains { $0.name == "RegistryIndex" && $0.dependencies == ["OCI", "GRDB"] })
        #expect(targets.contains { $0.name == "RegistryHTTP" && $0.dependencies.contains("NIOCore") })
    }

    @Test func onlyTheShimKnowsCurses() throws {
        let users = try SourceFile.all().filter { $0.text.contains(#/<n?curses(w?/n?curses)?\.h>/#) }.map(\.module)
        #expect(Set(users) == ["CNcurses"])
    }

    @Test(arguments: [
        ("import OCI", "OCI"),
        ("    import OCI // why", "OCI"),
        ("package import OCI", "OCI"),
        ("@testable import OCI", "OCI"),
        ("@preconcurrency @_spi(Internal) public import OCI", "OCI"),
        ("private import struct OCI.Digest", "OCI"),
        ("internal\timport  func Glibc.open", "Glibc"),
        ("import NIOCore; import OCI", "NIOCore OCI"),
        ("// import OCI", ""),
        ("let important = imports", ""),
    ])
    func anImportIsFoundInEveryForm(line: String, expected: String) {
        #expect(SourceFile(path: "Sources/A/B.swift", text: line).imports.joined(separator: " ") == expected)
    }

    @Test func aWrongArrowIsNamed() {
        #expect(Self.complaint("Drawing", "OCI") == "Drawing may not use OCI")
        #expect(Self.complaint("Cockpit", "Curses") == "Cockpit may not use Curses")
        #expect(Self.complaint("berth", "CNcurses") == "berth may not use CNcurses")
        #expect(
            Self.complaint("RegistryCore", "NIOCore")
                == "only RegistryControl and RegistryHTTP may use NIOCore, not RegistryCore")
        #expect(Self.complaint("berth", "Yams") == "only RegistryConfiguration may use Yams, not berth")
        #expect(Self.complaint("RegistryHTTP", "RegistryControl") == "RegistryHTTP may not use RegistryControl")
        #expect(Self.complaint("RegistryHTTP", "RegistryCollector") == "RegistryHTTP may not use RegistryCollector")
        #expect(Self.complaint("Extra", "OCI") == "Extra is not in the design")
        #expect(Self.complaint("Curses", "CNcurses") == nil)
        #expect(Self.complaint("RegistryHTTP", "NIOSSL") == nil)
    }
}
