import Foundation
import OCI
import RegistryStorage
import StorageProbes
import Testing

/// One way to make an empty storage tree; the conformance suite runs on each. A driver that comes later is one more line.
struct DriverMaker: Sendable, CustomTestStringConvertible {
    var testDescription: String
    private let make: @Sendable (String) throws -> any StorageDriver

    static let all =
        renaming + [
            // So small that an upload of a few bytes has several parts.
            DriverMaker(testDescription: "ObjectDriver") { _ in ObjectDriver(ObjectStore(partBytesMin: 4)) }
        ]

    /// Those with directories and renames.
    static let renaming = [
        DriverMaker(testDescription: "MemoryDriver") { _ in MemoryDriver() },
        DriverMaker(testDescription: "FileSystemDriver") { try FileSystemDriver(root: $0) },
    ]

    /// Runs `body` on an empty tree and takes away what the tree left on this machine.
    func withEmptyTree(_ body: (any StorageDriver) async throws -> Void) async throws {
        try await withScratchDirectory { try await body(make($0)) }
    }

    /// The same of one that can rename.
    func withEmptyRenamingTree(_ body: (any RenamingStorage) async throws -> Void) async throws {
        try await withEmptyTree { driver in try await body(try #require(driver as? any RenamingStorage)) }
    }
}

/// A directory that exists for one test.
func withScratchDirectory(_ body: (String) async throws -> Void) async throws {
    let place = FileManager.default.temporaryDirectory.appending(path: "berth-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: place) }
    try await body(place.path)
}

/// A path from text, for tests: components between slashes.
func path(_ text: String) -> StoragePath { StoragePath.root.appending(text.split(separator: "/")) }

extension StorageDriver {
    /// A small file as text, read through the asynchronous calls; nil when absent.
    func text(_ place: String) async throws(StorageError) -> String? {
        try await read(path(place), limit: 1 << 20).map { String(decoding: $0, as: UTF8.self) }
    }

    func write(_ place: String, _ text: String) async throws(StorageError) {
        try await write(path(place), Array(text.utf8))
    }

    /// The same driver where it can answer without waiting.
    var immediate: (any ImmediateStorage)? { self as? any ImmediateStorage }

    func names(_ place: String) async throws(StorageError) -> [String]? { try await list(path(place))?.map(\.name) }

    /// Every file and every empty directory, in byte order; a directory ends with a slash.
    func tree(_ place: StoragePath = .root) async throws(StorageError) -> [String] {
        var found: [String] = []
        for entry in try await list(place) ?? [] {
            let child = place.appending(entry.name)
            guard entry.isDirectory else { found.append(child.text); continue }
            let below = try await tree(child)
            found += below.isEmpty ? [child.text + "/"] : below
        }
        return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

extension BlobWriter {
    func append(_ text: String) throws { try Array(text.utf8).withUnsafeBytes { try append($0) } }
}
