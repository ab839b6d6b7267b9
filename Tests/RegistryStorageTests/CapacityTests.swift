import Foundation
import Glibc
import RegistryStorage
import Testing

/// Where parts of a data directory lie on file systems of their own.
@Suite("Room on a disk")
struct CapacityTests {
    /// `/proc` is a file system of its own on every machine, and has no room at all.
    @Test("room is that of the file system a place is on")
    func places() async throws {
        try await withScratchDirectory { root in
            let driver = try FileSystemDriver(root: root)
            try #require(symlink("/proc", "\(root)/berth") == 0)
            let other = try #require(driver.capacity(of: path("berth")))
            #expect(other.bytesTotal == 0 && other.bytesFree == 0)
            let own = try #require(driver.capacity)
            #expect(own.bytesTotal > 0)
            #expect(driver.capacity(of: path("nothing")) == nil)
        }
    }

    /// What a file system keeps for root is neither free nor used: who compares with `df` reads the same.
    @Test("a disk is as full as df says")
    func used() async throws {
        try await withScratchDirectory { root in
            let driver = try FileSystemDriver(root: root)
            let room = try #require(driver.capacity)
            var status = statvfs()
            try #require(statvfs(root, &status) == 0)
            let used = Int64(status.f_blocks - status.f_bfree) * Int64(status.f_frsize)
            // Others write at the same time.
            #expect(abs(room.bytesTotal - room.bytesFree - used) < 64 << 20)
        }
    }
}
