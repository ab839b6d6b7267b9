import Glibc

/// What is known of file systems and POSIX does not say.
enum FileSystemKind {
    /// True for one that writes changes of names through one journal, in their order: ext4 that has a journal, and XFS. There
    /// `fsync(2)` returns when the journal is on the disk up to the last change of what it was called for, and so is everything
    /// that stands before it (kernel documentation, "ext4: journal (jbd2)" and "XFS: delayed logging"). False for all others,
    /// for ext4 without a journal, and where the system does not say: btrfs writes the log of one directory alone, and what is
    /// below an overlay nobody knows.
    static func ordersChanges(_ device: UInt64) -> Bool {
        guard let name = blockDevice(device) else { return false }
        if let task = firstLine("/sys/fs/ext4/\(name)/journal_task") { return UInt32(task) != nil }
        return access("/sys/fs/xfs/\(name)", F_OK) == 0
    }

    /// What the system calls a disk, such as `sda1`; nil for what is none.
    private static func blockDevice(_ device: UInt64) -> String? {
        // As `makedev(3)` of glibc packs them.
        let major = (device >> 8 & 0xFFF) | (device >> 32 & ~0xFFF)
        let minor = (device & 0xFF) | (device >> 12 & ~0xFF)
        guard let resolved = realpath("/sys/dev/block/\(major):\(minor)", nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved).split(separator: "/").last.map(String.init)
    }

    private static func firstLine(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        guard fgets(&line, CInt(line.count), file) != nil else { return nil }
        return String(decoding: line.prefix { $0 > 32 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
