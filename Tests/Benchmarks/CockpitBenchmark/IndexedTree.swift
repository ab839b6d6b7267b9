import BenchmarkTree
import Foundation
import Glibc

/// The budgets of what the cockpit adds to the cost of its registry.
struct IndexedTree {
    let berth: Berth
    let shape: TreeShape
    let sizes: Sizes

    private static let pushesPerSecond = 10.0
    private static let clients = 4
    /// Bytes: what is measured is what is watched, and not the copying of bytes.
    private static let layerBytes = 1024
    /// Until the work of a start is over.
    private static let settling = Duration.seconds(5)

    func run(_ wanted: Set<CockpitBenchmark.Budget>, _ verdicts: inout Verdicts) throws {
        if wanted.contains(.indexing) { try berth.readTree() }
        let alone = try measure(reads: wanted.contains(.indexing), pushes: wanted.contains(.pushes), asServer)
        let watched = try measure(reads: wanted.contains(.indexing), pushes: wanted.contains(.pushes), asCockpit)
        if wanted.contains(.indexing) {
            verdicts.judge(
                "CPU of indexing \(shape.repositories) repositories, of that of berth serve",
                watched.indexing / alone.indexing, atMost: 1.2, "times",
                note: "\(Verdicts.text(watched.indexing)) s of a core, berth serve \(Verdicts.text(alone.indexing)) s")
            verdicts.tell(
                "memory at the most, of indexing", "\(watched.peakKiB / 1024) MiB, berth serve \(alone.peakKiB / 1024)")
        }
        if wanted.contains(.pushes) {
            verdicts.judge(
                "CPU of \(Verdicts.text(watched.pushesPerSecond)) pushes a second, more than that of berth serve",
                (watched.pushing - alone.pushing) * 100, atMost: 5, "% of a core",
                note: "\(Verdicts.text(watched.pushing * 100)) %, berth serve \(Verdicts.text(alone.pushing * 100)) %")
        }
    }

    /// What one of the two needed.
    private struct Cost {
        /// Seconds of a core.
        var indexing = 0.0
        /// Parts of a core.
        var pushing = 0.0
        var pushesPerSecond = 0.0
        var peakKiB = 0
    }

    /// One that runs: the program, where it listens, and what to do in order to wait.
    private struct Runs {
        let program: RunningProgram
        let address: String
        let waitUntilRead: () throws -> Void
        let pass: (Duration) throws -> Void
        let end: () -> Void
    }

    private func asServer() throws -> Runs {
        let (program, address) = try berth.serve()
        return Runs(
            program: program, address: address, waitUntilRead: berth.waitUntilRead,
            pass: { usleep(useconds_t(milliseconds($0) * 1000)) }, end: program.end)
    }

    private func asCockpit() throws -> Runs {
        let cockpit = try berth.open()
        return Runs(
            program: cockpit.terminal.program, address: cockpit.address,
            waitUntilRead: { try berth.waitUntilRead(cockpit) }, pass: cockpit.terminal.pass, end: cockpit.end)
    }

    private func measure(reads: Bool, pushes: Bool, _ start: () throws -> Runs) throws -> Cost {
        if reads { try? berth.forget() }
        let runs = try start()
        defer { runs.end() }
        try runs.waitUntilRead()
        var cost = Cost()
        cost.indexing = runs.program.cpuSeconds
        cost.peakKiB = runs.program.memoryPeakKiB
        guard pushes else { return cost }
        try runs.pass(Self.settling)
        let pushers = Pushers(layerBytes: Self.layerBytes)
        pushers.begin(
            clients: Self.clients, to: runs.address, repositories: (0..<shape.repositories).map(shape.name),
            perSecond: Self.pushesPerSecond, seed: sizes.seed)
        let (cpu, before, began) = (runs.program.cpuSeconds, pushers.pushes, ContinuousClock.now)
        try runs.pass(.seconds(sizes.seconds))
        let seconds = milliseconds(.now - began) / 1000
        cost.pushing = (runs.program.cpuSeconds - cpu) / seconds
        cost.pushesPerSecond = Double(pushers.pushes - before) / seconds
        _ = try pushers.end { try runs.pass(.milliseconds(20)) }
        return cost
    }
}
