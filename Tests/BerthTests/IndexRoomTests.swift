import Testing

@testable import berth

/// When a disk counts as too full for the index.
@Suite struct IndexRoomTests {
    struct Disk: Sendable {
        var kibFree: Int64
        var kibTotal: Int64
        var hasRoom: Bool
    }

    private static let large = Disk(kibFree: 32_768, kibTotal: 1 << 30, hasRoom: true)
    private static let largeAndFull = Disk(kibFree: 32_767, kibTotal: 1 << 30, hasRoom: false)
    /// Empty but for what a file system takes for itself.
    private static let small = Disk(kibFree: 14_000, kibTotal: 16_384, hasRoom: true)
    private static let smaller = Disk(kibFree: 900, kibTotal: 1_024, hasRoom: true)
    private static let smallAndFull = Disk(kibFree: 3_000, kibTotal: 16_384, hasRoom: false)
    private static let full = Disk(kibFree: 0, kibTotal: 1 << 30, hasRoom: false)
    /// Some file systems have no numbers at all.
    private static let endless = Disk(kibFree: 0, kibTotal: 0, hasRoom: true)

    @Test(arguments: [large, largeAndFull, small, smaller, smallAndFull, full, endless])
    func aDiskIsFullByWhatItHas(_ disk: Disk) {
        #expect(Store.hasRoomForIndex((disk.kibFree << 10, disk.kibTotal << 10)) == disk.hasRoom)
    }

    @Test func aDiskThatSaysNothingHasRoom() {
        #expect(Store.hasRoomForIndex(nil))
    }
}
