/// Room that uploads leave on the medium. What frees a full disk, a deletion or a sweep, is written down before it is done: in
/// the index and in the record of the run.
enum RoomKept {
    /// As much as a large disk keeps: more than the index grows by before it is folded into its file.
    private static let bytesMost: Int64 = 32 << 20
    /// The part that a small disk keeps, such as a volume for trying things out.
    private static let part: Int64 = 16
    /// An upload looks at what is free whenever it has written this many bytes more.
    static let bytesBetweenLooks = 256 << 10

    /// What uploads leave of a medium of `bytesTotal`; nothing of one that says nothing of itself.
    static func bytes(of bytesTotal: Int64) -> Int64 { max(0, min(bytesMost, bytesTotal / part)) }

    /// - Throws: `noRoom` when fewer than the kept bytes would be left beside `count` more.
    static func check(_ capacity: StorageCapacity?, for count: Int) throws(RegistryError) {
        guard let capacity, capacity.bytesTotal > 0 else { return }
        let kept = bytes(of: capacity.bytesTotal)
        guard capacity.bytesFree < kept + Int64(count) else { return }
        throw .noRoom(bytesFree: capacity.bytesFree, bytesKept: kept)
    }
}
