import Foundation
import RegistryStorage
import StorageProbes
import Synchronization
import Testing

/// What a call of the driver has made durable when it returns, whoever else is in the middle of something: in every state
/// that a power cut may leave.
@Suite struct DurabilityTests {
    private func withJournal(_ body: (DiskJournal, _ root: String) async throws -> Void) async throws {
        try await withScratchDirectory { top in try await body(DiskJournal(top: top), "\(top)/var/data") }
    }

    /// What states of the disk lack or have of these files, whole.
    private func expect(
        _ files: [String: String], in journal: DiskJournal, _ comment: Comment? = nil,
        location: SourceLocation = #_sourceLocation
    ) {
        var history = DiskHistory()
        for record in journal.records { history.apply(record) }
        var dice = SystemRandomNumberGenerator()
        for state in history.states(limit: 200, using: &dice) {
            for (place, text) in files where state.files["var/data/\(place)"] != Array(text.utf8) {
                Issue.record("\(place) is not whole; lost: \(state.lost)", sourceLocation: location)
                return
            }
        }
    }

    @Test("a write is on the disk with every directory above, the root's own included")
    func write() async throws {
        try await withJournal { journal, root in
            try await FileSystemDriver(root: root, calls: journal).write("a/b/f", "x")
            expect(["a/b/f": "x"], in: journal)
        }
    }

    @Test("a directory that another driver has made and not made durable is made so", arguments: [false, true])
    func directoryOfAnother(isOfTheSameDriver: Bool) async throws {
        try await withJournal { journal, root in
            let first = try FileSystemDriver(root: root, calls: journal)
            let second = isOfTheSameDriver ? first : try FileSystemDriver(root: root, calls: journal)
            let atTheEnd = Mutex(false)
            try await Overlap(journal).run {
                try await first.write("a/b/f", "x")
            } _: {
                try await second.write("a/b/g", "y")
                expect(["a/b/g": "y"], in: journal)
                atTheEnd.withLock { $0 = true }
            } when: {
                if case .create = $0 { true } else { false }
            }
            #expect(atTheEnd.withLock { $0 })
            expect(["a/b/f": "x", "a/b/g": "y"], in: journal)
        }
    }

    @Test("a file that another call has put there and not made durable is preserved", arguments: [false, true])
    func fileOfAnother(isOfTheSameDriver: Bool) async throws {
        try await withJournal { journal, root in
            let first = try FileSystemDriver(root: root, calls: journal)
            let second = isOfTheSameDriver ? first : try FileSystemDriver(root: root, calls: journal)
            try await first.write("a/f", "old")
            try await Overlap(journal).run {
                try await first.write("a/f", "x")
            } _: {
                #expect(try await second.text("a/f") == "x")
                try await second.settle(.files([path("a/f"), path("a/none"), path("none/at/all")]))
                expect(["a/f": "x"], in: journal)
            } when: {
                if case .rename = $0 { true } else { false }
            }
        }
    }

    @Test("an upload whose first writer never came to its end is whole after the second")
    func tornUpload() async throws {
        try await withJournal { journal, root in
            let driver = try FileSystemDriver(root: root, calls: journal)
            let first = try await driver.upload(to: path("u/data"), at: 0)
            try first.append("one")
            first.close()
            let second = try await driver.upload(to: path("u/data"), at: 3)
            try second.append("two")
            try await second.synchronize(for: .goingOn(beside: []))
            second.close()
            expect(["u/data": "onetwo"], in: journal)
        }
    }

    @Test("a removal holds, also one that another call has begun, and where the directory above went meanwhile")
    func removal() async throws {
        try await withJournal { journal, root in
            let driver = try FileSystemDriver(root: root, calls: journal)
            for place in ["a/b/f", "c/d/f"] { try await driver.write(place, "x") }
            try await driver.remove(path("a/b"), .passing)
            try await driver.remove(path("a/b"))
            try await Overlap(journal).run {
                try await driver.remove(path("c/d"))
            } _: {
                _ = try await driver.remove(path("c"), .emptyDirectory)
            } when: {
                if case .remove = $0 { FileManager.default.fileExists(atPath: "\(root)/c/d") == false } else { false }
            }
            var history = DiskHistory()
            for record in journal.records { history.apply(record) }
            var dice = SystemRandomNumberGenerator()
            let left = Set(history.states(limit: 200, using: &dice).flatMap { $0.files.keys })
            #expect(left == [])
        }
    }

    @Test("what is known to be durable costs no sync again, and what is made anew is not known")
    func knowledge() async throws {
        try await withJournal { journal, root in
            let driver = try FileSystemDriver(root: root, calls: journal)
            func syncs() -> [String] {
                journal.records.compactMap { if case .synchronize(_, _, let path) = $0 { path } else { nil } }
            }
            try await driver.write("a/b/f", "x")
            var before = syncs().count
            try await driver.settle(.files([path("a/b/f")]))
            #expect(syncs().count == before)
            try await driver.write("a/b/g", "x")
            #expect(syncs().dropFirst(before).map { $0.hasSuffix(".tmp") ? "bytes" : $0 } == ["bytes", "var/data/a/b"])
            // The same inode, perhaps, and not the same directory.
            try await driver.remove(path("a"), .passing)
            before = syncs().count
            try await driver.write("a/b/f", "x")
            #expect(
                syncs().dropFirst(before + 1) == ["var/data/a/b", "var/data/a", "var/data"])
            expect(["a/b/f": "x"], in: journal)
        }
    }

    @Test("a directory that went and came back is not taken for durable")
    func comesBack() async throws {
        try await withJournal { journal, root in
            let driver = try FileSystemDriver(root: root, calls: journal)
            try await driver.write("a/b/f", "x")
            try await driver.rename(path("a/b"), to: path("t/b"))
            try await driver.rename(path("t/b"), to: path("a/b"))
            try await driver.write("a/b/g", "y")
            expect(["a/b/f": "x", "a/b/g": "y"], in: journal)
        }
    }
}
