import Foundation
import Glibc
import ImageBuilder
import OCI
import RegistryIndex
import RegistryStorage
import SeededRandom
import StorageProbes
import Testing

@testable import RegistryCollector
@testable import RegistryCore

/// The records of runs: what cannot be understood is kept and named, what the first version wrote is understood, and the
/// clock reads what changed.
@Suite struct RecordTests {
    private static let kept = SweepRunSettings(quarantineSeconds: 3600)
    private static let longAgo = Date(timeIntervalSince1970: 1_000_000_000)

    private struct Swept {
        let driver = FaultyDriver()
        let bench: CollectorBench
        let image: SampleImage
        let plan: SweepPlan

        /// - Parameter isExpired: its time in the quarantine is over.
        init(isExpired: Bool = true) async throws {
            bench = try await CollectorBench(driver)
            image = try bench.image(1)
            try await bench.push(image, to: bench.a, "v1")
            try await bench.untag("v1", bench.a)
            plan = try await bench.plan()
            _ = try await bench.collector.run(plan, kept, by: .test)
            if isExpired {
                try await quarantine.end(RunEnding(finished: longAgo, bytesTaken: 1))
            }
        }

        var quarantine: Quarantine { Quarantine(storage: driver.tree, run: plan.id) }

        var record: [UInt8] {
            get async throws { try #require(try await driver.tree.read(quarantine.recordPath, limit: 1 << 20)) }
        }

        func write(_ record: [UInt8]) async throws { try await driver.tree.write(quarantine.recordPath, record) }

        func held() async throws -> Int {
            try await Tree.content(of: driver.tree, below: Layout.trash).count { $0.key.hasSuffix("/data") }
        }
    }

    // MARK: What cannot be understood

    enum Damage: CaseIterable {
        case cutShort, cutInTheMiddle, empty, garbage, missing, laterVersion, noOptions, unknownKind, hugeNumber
        case lineMissing
    }

    private func damage(_ swept: Swept, _ damage: Damage) async throws {
        let record = try await swept.record
        let text = String(decoding: record, as: UTF8.self)
        func replaced(_ old: String, _ new: String) throws -> [UInt8] {
            try #require(text.contains(old))
            return Array(text.replacing(old, with: new, maxReplacements: 1).utf8)
        }
        switch damage {
        case .cutShort: try await swept.write(record.dropLast(20))
        case .cutInTheMiddle: try await swept.write(Array(record.prefix(record.count / 2)))
        case .empty: try await swept.write([])
        case .garbage: try await swept.write(Array("not JSON".utf8))
        case .missing: try await swept.driver.tree.remove(swept.quarantine.recordPath)
        case .laterVersion: try await swept.write(try replaced("\"version\":2", "\"version\":3"))
        case .noOptions: try await swept.write(try replaced("\"options\":", "\"choices\":"))
        case .unknownKind: try await swept.write(try replaced("\"kind\":\"blob\"", "\"kind\":\"moon\""))
        case .hugeNumber: try await swept.write(try replaced("\"bytes\":300", "\"bytes\":9223372036854775807"))
        case .lineMissing:
            let lines = text.split(separator: "\n")
            try await swept.write(Array((lines[..<1] + lines[2...]).joined(separator: "\n").utf8) + [10])
        }
    }

    @Test(
        "what cannot be understood is kept, named, not undone, and freed on a person's word", arguments: Damage.allCases
    )
    func unreadable(_ damage: Damage) async throws {
        let swept = try await Swept()
        try await self.damage(swept, damage)
        let held = try await swept.held()
        #expect(held > 0)
        let registry = try await swept.bench.restarted()
        for _ in 0..<2 { #expect(try await registry.collector.purgeExpiredRuns(by: .test) == 0) }
        // The end of another sweep frees what has expired too.
        try await registry.collector.run(
            try await registry.collector.planSweep(CollectorBench.everything, by: .test), by: .test)
        #expect(try await swept.held() == held)
        let run = try #require(try await registry.collector.quarantinedRuns(by: .test).first)
        #expect(run.id == swept.plan.id && run.purged == nil)
        #expect(run.state.word == "unreadable")
        let error = await #expect(throws: RegistryError.self) {
            try await registry.collector.undoRun(swept.plan.id, by: .test)
        }
        guard case .recordUnreadable = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(try await registry.collector.purgeRun(swept.plan.id, by: .test) > 0)
        #expect(try await swept.held() == 0)
        #expect(try await registry.collector.quarantinedRuns(by: .test).isEmpty)
    }

    /// What is in place of the record of a run's end.
    enum EndingDamage: CaseIterable {
        case empty, cut, garbage, noTime, directory, unreadable
    }

    private func damage(_ swept: Swept, ending damage: EndingDamage) async throws {
        let (tree, place) = (swept.driver.tree, swept.quarantine.endingPath)
        switch damage {
        case .empty: try await tree.write(place, [])
        case .cut: try await tree.write(place, Array("{\"finished\":".utf8))
        case .garbage: try await tree.write(place, [0, 1, 2])
        case .noTime: try await tree.write(place, Array("{\"bytes_taken\":1}".utf8))
        case .directory:
            try await tree.remove(place)
            try await tree.createDirectory(place)
        case .unreadable: swept.driver.fail(with: EIO) { $0.path == place && $0.operation == .open }
        }
    }

    @Test(
        "a run whose end cannot be understood did not end: it comes back, and nothing frees it but a person",
        arguments: EndingDamage.allCases, [0, 3600]
    )
    func unreadableEnding(_ damage: EndingDamage, quarantineSeconds: Int) async throws {
        let swept = try await Swept()
        let text = String(decoding: try await swept.record, as: UTF8.self)
            .replacing(/"started":"[^"]*"/, with: "\"started\":\"2001-09-09T01:46:40Z\"")
            .replacing(/"quarantine_seconds":[0-9]*/, with: "\"quarantine_seconds\":\(quarantineSeconds)")
        try await swept.write(Array(text.utf8))
        try await self.damage(swept, ending: damage)
        let held = try await swept.held()
        let registry = try await swept.bench.restarted()
        for _ in 0..<2 { #expect(try await registry.collector.purgeExpiredRuns(by: .test) == 0) }
        try await registry.collector.run(
            try await registry.collector.planSweep(CollectorBench.everything, by: .test), by: .test)
        #expect(try await swept.held() == held)
        let run = try #require(try await registry.collector.quarantinedRuns(by: .test).first)
        #expect(run.state == .interrupted && run.purged == nil && run.linesHeld > 0)
        let undo = try await registry.collector.undoRun(run.id, by: .test)
        #expect(undo.kept.isEmpty && undo.restored.count == run.linesHeld)
        #expect(try await swept.bench.stored().count == 3)
        swept.driver.recover()
        #expect(try await registry.collector.quarantinedRuns(by: .test).isEmpty)
    }

    @Test func aRunThatDidNotEndIsKept() async throws {
        let swept = try await Swept(isExpired: false)
        let text = String(decoding: try await swept.record, as: UTF8.self)
        let old = text.replacing(/"started":"[^"]*"/, with: "\"started\":\"2001-09-09T01:46:40Z\"")
        try await swept.write(Array(old.utf8))
        try await swept.driver.tree.remove(swept.quarantine.endingPath)
        let registry = try await swept.bench.restarted()
        #expect(try await registry.collector.purgeExpiredRuns(by: .test) == 0)
        let run = try #require(try await registry.collector.quarantinedRuns(by: .test).first)
        #expect(run.state == .interrupted && run.purged == nil)
        #expect(try await registry.collector.undoRun(run.id, by: .test).kept.isEmpty)
        #expect(try await swept.bench.stored().count == 3)
    }

    @Test func whatIsNobodysRunStays() async throws {
        let swept = try await Swept()
        try await swept.driver.tree.write(Layout.trash.appending(["mine", "data"]), [1])
        let registry = try await swept.bench.restarted()
        #expect(try await registry.collector.purgeExpiredRuns(by: .test) > 0)
        #expect(try await swept.held() == 1)
    }

    // MARK: The first version

    enum OldLayout: CaseIterable {
        case indented, oneLine
    }

    /// As the first version wrote it: the plan with its lines inside the record, what was spared in both files.
    private func writeOld(_ swept: Swept, _ layout: OldLayout, finished: Date?) async throws {
        struct Record: Encodable {
            var plan: SweepPlan
            var started: Date
            var by: String
            var quarantineSeconds: Int
        }
        struct Ending: Encodable {
            var finished: Date
            var bytesTaken: Int64
            var spared: [SweepPlan.Spared]
        }
        func bytes(_ document: some Encodable) throws -> [UInt8] {
            layout == .indented ? Array(try CollectorJSON.encode(document)) : try CollectorJSON.line(document)
        }
        var plan = swept.plan
        plan.spared = plan.lines.map { SweepPlan.Spared($0, .failed("]}\",\"lines\":[{\\")) }
        let record = Record(plan: plan, started: Self.longAgo, by: "somebody", quarantineSeconds: 3600)
        try await swept.write(try bytes(record))
        let place = swept.quarantine.endingPath
        guard let finished else { return try await swept.driver.tree.remove(place) }
        try await swept.driver.tree.write(
            place, try bytes(Ending(finished: finished, bytesTaken: 7, spared: plan.spared)))
    }

    @Test(arguments: OldLayout.allCases) func oldRecordsComeBack(_ layout: OldLayout) async throws {
        let swept = try await Swept(isExpired: false)
        try await writeOld(swept, layout, finished: Date())
        let registry = try await swept.bench.restarted()
        #expect(try await registry.collector.purgeExpiredRuns(by: .test) == 0)
        let run = try #require(try await registry.collector.quarantinedRuns(by: .test).first)
        #expect(run.by == "somebody" && run.state == .finished && run.linesPlanned == swept.plan.lines.count)
        let isListed = run.lines.map(\.item) == swept.plan.lines.filter { $0.kind != .repository }.map(\.item)
        #expect(isListed)
        let item = SweepPlan.Item.revision(swept.image.manifest.digest, swept.bench.a)
        #expect(try await registry.collector.undoRun(run.id, only: [item], by: .test).kept.isEmpty)
        #expect(try await swept.bench.stored().count == 3)
    }

    @Test(arguments: OldLayout.allCases) func oldRecordsExpireAndAreResumed(_ layout: OldLayout) async throws {
        let swept = try await Swept(isExpired: false)
        try await writeOld(swept, layout, finished: nil)
        let registry = try await swept.bench.restarted()
        let report = try await registry.collector.resumeRun(swept.plan.id, by: .test)
        #expect(report.removed.count == swept.plan.lines.count)
        try await writeOld(swept, layout, finished: Self.longAgo)
        #expect(try await swept.bench.restarted().collector.purgeExpiredRuns(by: .test) > 0)
        #expect(try await swept.held() == 0)
    }

    // MARK: The clock

    @Test func theClockReadsWhatChanged() async throws {
        let swept = try await Swept(isExpired: false)
        let collector = try await swept.bench.restarted().collector
        try await collector.purgeExpiredRuns(by: .test)
        _ = swept.driver.takeCalls()
        try await collector.purgeExpiredRuns(by: .test)
        let calls = swept.driver.takeCalls().map(\.operation)
        #expect(!calls.contains(.open) && !calls.contains(.read), "\(calls)")
        #expect(calls.count <= 4)
    }

    /// The head is what is read of a record, however long it is.
    @Test func aHeadCostsNoMoreForMoreLines() async throws {
        let swept = try await Swept(isExpired: false)
        let lines = (0..<20_000).map { number in
            SweepPlan.Line(.blob(Digest.of(Array("\(number)".utf8))), bytes: 1, reason: .unreferenced)
        }
        var plan = swept.plan
        plan.lines += lines
        let intake = try PlanIntake(
            SweepPlan.Head(plan), run: plan.id, by: "x", quarantineSeconds: 9, swept.driver.tree)
        for line in plan.lines { try await intake.add(line) }
        try await intake.begin(swept.quarantine)
        let registry = try await swept.bench.restarted()
        _ = swept.driver.takeCalls()
        let heads = try await registry.collector.quarantinedHeads(by: .test)
        #expect(heads.first?.linesPlanned == plan.lines.count)
        #expect(swept.driver.takeCalls().count { $0.operation == .read && $0.path == swept.quarantine.recordPath } == 2)
        // One of them comes back.
        let item = SweepPlan.Item.blob(swept.image.blobs[0].digest)
        let undo = try await registry.collector.undoRun(plan.id, only: [item], by: .test)
        #expect(undo.restored.map(\.item) == [item] && undo.kept.isEmpty)
    }

    /// A crash while a record is written leaves the tree as it was, and nothing that stays for ever.
    @Test func aRecordThatWasNotFinishedIsNoRun() async throws {
        let swept = try await Swept()
        let storage = swept.driver.tree
        try await storage.write(Layout.trash.appending(UUID().uuidString.lowercased() + ".incoming"), [1])
        try await storage.createDirectory(Layout.trash.appending(UUID().uuidString.lowercased()))
        let registry = try await swept.bench.restarted()
        try await registry.collector.run(
            try await registry.collector.planSweep(CollectorBench.everything, by: .test), by: .test)
        try await swept.bench.push(swept.image, to: swept.bench.a)
        try await registry.collector.run(
            try await registry.collector.planSweep(CollectorBench.everything, by: .test), by: .test)
        let left = try await storage.list(Layout.trash) ?? []
        #expect(left.filter { $0.isDirectory }.isEmpty)
    }
}
