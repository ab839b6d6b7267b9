import OCI
import RegistryCore
import RegistryIndex

/// How much memory a plan may still take: a store can hold more garbage than there is memory to name it in.
///
/// What is passed over for want of room stays in the tree and is garbage as before, so a part of a plan is as safe to run
/// as the whole.
struct PlanRoom {
    /// Bytes for lines and for what is known of manifests that go, about; as many once more for what is spared.
    let bytesMax: Int
    private var bytesOfLines = 0
    private var bytesOfSpared = 0
    /// Something was passed over.
    private(set) var wasFull: Bool

    /// - Parameter wasFull: something was passed over before.
    init(bytesMax: Int, wasFull: Bool) {
        self.bytesMax = bytesMax
        self.wasFull = wasFull
    }

    /// False when no line may be added; notes that one was passed over.
    var isForLine: Bool {
        mutating get {
            if bytesOfLines >= bytesMax { wasFull = true }
            return bytesOfLines < bytesMax
        }
    }

    /// The same for what is spared.
    var isForSpared: Bool {
        mutating get {
            if bytesOfSpared >= bytesMax { wasFull = true }
            return bytesOfSpared < bytesMax
        }
    }

    mutating func take(_ line: SweepPlan.Line) {
        bytesOfLines.addClamped(MemoryLayout<SweepPlan.Line>.stride + Self.bytes(line.repositories))
    }

    mutating func take(_ spared: SweepPlan.Spared) {
        bytesOfSpared.addClamped(
            MemoryLayout<SweepPlan.Spared>.stride + MemoryLayout<SweepPlan.Item>.stride
                + Self.bytes(spared.repositories))
    }

    mutating func take(_ edges: [SweepEdgeRow]) {
        bytesOfLines.addClamped(edges.count.multipliedClamped(by: MemoryLayout<SweepEdgeRow>.stride))
    }

    private static func bytes(_ names: [RepositoryName]) -> Int { names.count * MemoryLayout<RepositoryName>.stride }
}
