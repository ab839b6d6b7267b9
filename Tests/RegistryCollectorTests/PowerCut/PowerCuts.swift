import Foundation
import RegistryIndex
import SeededRandom
import StorageProbes

/// Random schedules from one seed, each recorded and held against its promises at all its moments.
struct PowerCuts {
    /// Verbs of a schedule.
    private static let steps = 8
    /// States of one moment that are looked at: right after an answer, and in the middle of a verb.
    private static let statesMax = (answered: 20, between: 6)
    /// One in so many answers is followed by a start of the registry on what was left.
    private static let restartPeriod = 6

    var seed: UInt64 { seeds.seed }
    private(set) var momentCount = 0
    private(set) var stateCount = 0
    private var seeds: SeededGenerator
    private let world: CollectorWorld
    private let isOrdered: Bool
    /// Of the two processes that are recorded, and of the starts.
    private let indexes: [ReferenceIndex]

    /// - Parameter isOrdered: disks make changes of names durable in their order.
    init(seed: UInt64?, isOrdered: Bool = false) throws {
        self.isOrdered = isOrdered
        seeds = SeededGenerator(seed: seed)
        world = try CollectorWorld()
        indexes = try (0..<3).map { _ in try ReferenceIndex(path: nil) }
    }

    /// Records a schedule in a directory of its own.
    mutating func record() async throws -> (record: PowerRecord, steps: [String]) {
        let top = FileManager.default.temporaryDirectory.appending(path: "berth-power-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: top, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: top) }
        let schedule = try await PowerSchedule(
            seed: seeds.next(), world: world, top: top, isOrdered: isOrdered, indexes: indexes)
        return (try await schedule.run(steps: Self.steps), schedule.steps)
    }

    /// What is wrong in the next schedule, in one line; nil when nothing is.
    mutating func tryNext() async throws -> String? {
        let (record, steps) = try await record()
        var dice = SeededGenerator(seed: seeds.next())
        let complaint = try await complaint(of: record, restarting: true, using: &dice)
        return complaint.map { "\($0)\nsteps: \(steps.joined(separator: "; "))" }
    }

    /// - Parameters:
    ///   - isDropped: a sync that is taken out.
    ///   - restarting: whether a registry is started on some of the states.
    mutating func complaint(
        of record: PowerRecord, restarting: Bool, using dice: inout SeededGenerator,
        dropping isDropped: ((PowerRecord.Sync) -> Bool)? = nil
    ) async throws -> String? {
        var tree: (number: Int, tree: PowerTree)?
        return try await record.first(dropping: isDropped) { history, moment in
            momentCount += 1
            if tree?.number != moment.number { tree = (moment.number, PowerTree(moment.ledger, world)) }
            let limit = moment.isAnswered ? Self.statesMax.answered : Self.statesMax.between
            let states = history.states(limit: limit, using: &dice)
            stateCount += states.count
            for state in states {
                if let complaint = tree?.tree.complaint(state) { return Self.text(complaint, moment, state) }
            }
            guard restarting, moment.isAnswered, moment.step != "wound",
                Int.random(in: 0..<Self.restartPeriod, using: &dice) == 0,
                let state = states.randomElement(using: &dice)
            else { return nil }
            let restart = PowerRestart(state: state, ledger: moment.ledger, world: world, index: indexes[2])
            return try await restart.complaint().map { Self.text("after a start, \($0)", moment, state) }
        }
    }

    private static func text(_ complaint: String, _ moment: PowerChronicle.Moment, _ state: DiskState) -> String {
        "\(complaint); \(moment.isAnswered ? "after" : "in") \(moment.step), record \(moment.count)\n"
            + "lost: \(state.lost.sorted().prefix(20).joined(separator: ", "))"
    }
}
