/// Room on the medium that holds the tree.
package struct StorageCapacity: Sendable, Equatable {
    package var bytesFree: Int64
    package var bytesTotal: Int64

    package init(bytesFree: Int64, bytesTotal: Int64) {
        self.bytesFree = bytesFree
        self.bytesTotal = bytesTotal
    }
}
