import Foundation
import Glibc
import OCI
import RegistryCore
import RegistryStorage

/// The record of a run while its lines arrive: in memory as long as they are few, then in a file beside the runs.
///
/// ```
/// berth/trash/<run>.incoming      becomes <run>/run.json when the run begins; left behind by a crash it is no run's
/// ```
/// Used by one task at a time.
package final class PlanIntake {
    let storage: any StorageDriver
    let plan: SweepPlan.Head
    let run: UUID
    /// True where the disk had no room for a file and what goes is not to be kept: then it is in memory.
    private(set) var hasNoRoom = false
    package private(set) var count = 0

    private let quarantineSeconds: Int
    private var bytes: Int64 = 0
    private var buffer: [UInt8]
    private var writer: (any BlobWriter)?

    static let suffix = ".incoming"
    /// What is held before a file is begun, and between two writes to it.
    private static let bufferBytesMax = 1 << 20
    /// What is held where a full disk takes no file: some hundred and fifty thousand lines.
    private static let heldBytesMax = 64 << 20

    init(
        _ plan: SweepPlan.Head, run: UUID, by: String, quarantineSeconds: Int, _ storage: any StorageDriver
    ) throws {
        self.plan = plan
        self.run = run
        self.storage = storage
        self.quarantineSeconds = quarantineSeconds
        try Bounds.date(plan.made, "made")
        let head = RecordHead(
            plan: plan, started: Date(), by: by, quarantineSeconds: Bounds.clamped(seconds: quarantineSeconds))
        buffer = try head.firstLine()
    }

    private var path: StoragePath { Layout.trash.appending(run.uuidString.lowercased() + Self.suffix) }

    func add(_ line: SweepPlan.Line) async throws {
        try await add(line, json: try CollectorJSON.line(line))
    }

    /// Takes a line with its JSON, which has no line breaks.
    func add(_ line: SweepPlan.Line, json: some Sequence<UInt8>) async throws {
        if count > 0 { buffer += [UInt8(ascii: ","), UInt8(ascii: "\n")] }
        buffer += json
        count += 1
        bytes = bytes.addingClamped(line.bytes)
        if buffer.count >= Self.bufferBytesMax { try await spill() }
    }

    private func spill() async throws {
        if hasNoRoom {
            guard buffer.count < Self.heldBytesMax else { throw RegistryError.noRoomForQuarantine }
            return
        }
        do {
            let file = if let writer { writer } else { try await storage.upload(to: path, at: 0) }
            writer = file
            try buffer.withUnsafeBytes { try file.append($0) }
            try await file.flush()
            buffer = []
        } catch let error as StorageError where error.isOutOfSpace {
            // What a full disk took of the first part is thrown away; of a later one nobody has the beginning any more.
            guard quarantineSeconds == 0, writer == nil || writer?.offset ?? 0 < Int64(buffer.count) else {
                throw RegistryError.noRoomForQuarantine
            }
            await giveUp()
            hasNoRoom = true
        }
    }

    /// Writes the end, and puts the record where the run's quarantine is: durable when it returns.
    func begin(_ quarantine: Quarantine) async throws {
        buffer += [UInt8(ascii: "\n")]
        buffer += try RecordHead.lastLine(
            SweepPlan.Totals(
                lines: count, bytesRemovable: bytes, bytesShared: Bounds.clamped(bytes: plan.totals.bytesShared),
                linesSpared: max(0, plan.totals.linesSpared),
                bytesSpared: Bounds.clamped(bytes: plan.totals.bytesSpared), isPart: plan.totals.isPart))
        if writer == nil {
            guard !hasNoRoom else { throw StorageError.system(operation: "write", path: path, code: ENOSPC) }
            return try await storage.write(quarantine.recordPath, buffer)
        }
        try await spill()
        guard let file = writer else { return }
        try await file.synchronize(for: .commit)
        try await file.commit(to: quarantine.recordPath, then: []) {}
        file.close()
        writer = nil
    }

    /// The lines again, where there is no record to read them from.
    func held() async throws -> ListedDocument {
        try await ListedDocument(HeldBytes(buffer), lists: RecordHead.lists)
    }

    /// Throws away what has arrived.
    package func giveUp() async {
        guard let writer else { return }
        writer.close()
        self.writer = nil
        _ = try? await storage.remove(path, .passing)
    }
}
