import BenchmarkTree
import Foundation
import Glibc

/// The budgets of a cockpit at many repositories and blobs.
struct LargeTree {
    let berth: Berth
    let shapes: [TreeShape]
    let sizes: Sizes

    /// Seconds until a cockpit that is left alone is at rest.
    private static let settling = Duration.seconds(20)
    /// Times that the repository with many tags is opened, and seconds between.
    private static let (opens, pause) = (5, Duration.seconds(4))
    private static let memoryMiBMax = 128.0

    func run(_ wanted: Set<CockpitBenchmark.Budget>, _ verdicts: inout Verdicts) throws {
        try berth.index()
        let names = shapes.flatMap { shape in (0..<shape.repositories).map(shape.name) }.sorted()
        let began = ContinuousClock.now
        let cockpit = try berth.open()
        defer { cockpit.end() }
        if !sizes.early { try berth.waitUntilRead(cockpit) }
        try cockpit.waitForRepositories(names.count, areRead: !sizes.early)
        verdicts.tell(
            "\(names.count) repositories \(sizes.early ? "" : "compared and ")listed after the start",
            "\(Int(milliseconds(.now - began))) ms")
        if wanted.contains(.idle), !sizes.early { try idle(cockpit, &verdicts) }
        if wanted.contains(.tags) { try tags(cockpit, &verdicts) }
        if wanted.contains(.keys) { try keys(cockpit, names, &verdicts) }
        let program = cockpit.terminal.program
        verdicts.tell("memory at the end", "\(program.memoryKiB / 1024) MiB")
        verdicts.judge(
            "memory of the cockpit at the most", Double(program.memoryPeakKiB) / 1024, atMost: Self.memoryMiBMax, "MiB")
        if wanted.contains(.numbers), !sizes.early { try numbers(cockpit, names, &verdicts) }
    }

    private func numbers(_ cockpit: CockpitScreen, _ names: [String], _ verdicts: inout Verdicts) throws {
        var check = NumberCheck(
            cockpit: cockpit, data: berth.data, names: names, many: shapes[1].name(0), seed: sizes.seed)
        let (compared, wrong) = try check.run(
            clients: sizes.clients, layerBytes: sizes.layerBytes, seed: sizes.seed)
        for line in wrong { say("        \(line)") }
        verdicts.judge("wrong numbers", Double(wrong.count), atMost: 0, "of \(compared)")
    }

    /// Nobody does anything.
    private func idle(_ cockpit: CockpitScreen, _ verdicts: inout Verdicts) throws {
        let program = cockpit.terminal.program
        try cockpit.terminal.pass(Self.settling)
        let (cpu, before, began) = (program.cpuSeconds, program.wakeUps, ContinuousClock.now)
        try cockpit.terminal.pass(.seconds(sizes.seconds))
        let seconds = milliseconds(.now - began) / 1000
        let (used, after) = (program.cpuSeconds - cpu, program.wakeUps)
        let wakeUps = after.reduce(0) { $0 + $1.value - (before[$1.key] ?? 0) }
        verdicts.judge("CPU when idle", used / seconds * 100, atMost: 0.2, "% of a core")
        verdicts.judge("wake-ups when idle", Double(wakeUps) / seconds, atMost: 2, "a second")
        // One that draws, one for each loop and each of Swift's own, and a few that serve all.
        let threads = 8 + 2 * Double(sysconf(CInt(_SC_NPROCESSORS_ONLN)))
        verdicts.judge("threads when idle", Double(program.threads.count), atMost: threads, "threads")
        verdicts.tell("memory when idle", "\(program.memoryKiB / 1024) MiB")
    }

    /// From the key to a title with their number and a row of them.
    private func tags(_ cockpit: CockpitScreen, _ verdicts: inout Verdicts) throws {
        // It is the first: `many` stands before `team`.
        let name = shapes[1].name(0)
        var times = Times()
        try cockpit.press("g", "the first row") { CockpitScreen.selected($0) == name }
        for _ in 0..<Self.opens {
            times.add(
                try cockpit.time("\r", "\(sizes.tags) tags") {
                    $0.line(0).contains("▶ \(name) ") && $0.line(1).contains("tags \(sizes.tags) ")
                        && CockpitScreen.selected($0) != nil
                })
            try cockpit.terminal.pass(Self.pause)
            try cockpit.press("\u{7f}", "the repositories") { $0.line(0).contains("▶ repositories ") }
            try cockpit.terminal.pass(Self.pause)
        }
        verdicts.judge(
            "\(sizes.tags) tags of a repository shown, worst", times.worst, atMost: 1000, "ms", note: times.summary)
    }

    private func keys(_ cockpit: CockpitScreen, _ names: [String], _ verdicts: inout Verdicts) throws {
        let pushers = Pushers(layerBytes: sizes.layerBytes)
        let began = ContinuousClock.now
        pushers.begin(
            clients: sizes.clients, to: cockpit.address, repositories: names.filter { $0.hasPrefix(shapes[0].prefix) },
            seed: sizes.seed)
        var budget = try KeyBudget(cockpit: cockpit, names: names, sorts: !sizes.early, seed: sizes.seed)
        var kinds = try budget.run(keys: sizes.keys)
        let seconds = milliseconds(.now - began) / 1000
        let pushes = try pushers.end { try cockpit.terminal.pass(.milliseconds(20)) }
        for kind in [KeyBudget.filtered, KeyBudget.echoed] {
            if let times = kinds.removeValue(forKey: kind) { verdicts.tell(kind, times.summary) }
        }
        for (kind, times) in kinds.sorted(by: { $0.key < $1.key }) {
            verdicts.tell("key to paint, \(kind)", times.summary)
        }
        let all = kinds.values.reduce(into: Times()) { $0.add($1) }
        verdicts.judge(
            "key to paint, p99", all.percentile(99), atMost: 16, "ms",
            note:
                "\(all.summary); \(sizes.clients) clients pushed \(Verdicts.text(Double(pushes) / seconds)) images a second"
        )
    }
}
