import Foundation
import ImageBuilder
import OCI
import RegistryIndex
import RegistryStorage
import StorageProbes
import Testing

@testable import RegistryCollector
@testable import RegistryCore

/// Every kind of damage to every kind of manifest: the preview is the same whatever the index knew before, the next one, after
/// a restart and from an index that is built anew; and neither a run nor a repair costs anything that lives.
@Suite("The matrix of damage")
struct DamageMatrixTests {
    /// What the index knows when the registry starts.
    enum Index: CaseIterable {
        /// Nothing: it was deleted.
        case absent
        /// The tree as it was before it was damaged.
        case older
        /// The damage: a run before this one has seen it.
        case newer
    }

    static let isLong = ProcessInfo.processInfo.environment["BERTH_LONG_TESTS"] != nil
    private static let damages = isLong ? Damage.all : Damage.usual

    @Test("plans are equal and nothing alive is lost", arguments: DamageWorld.Kind.allCases)
    func plans(_ kind: DamageWorld.Kind) async throws {
        await forEachDamage(kind) { damage, world in
            var expected: String?
            for state in Index.allCases {
                await named("\(kind), \(damage.testDescription), index \(state)") {
                    let plan = try await Cell(world, damage, state).run()
                    if let expected, expected != plan {
                        throw Cell.Fault("another plan than without an index: \(Cell.difference(expected, plan))")
                    }
                    expected = plan
                }
            }
        }
    }

    /// The damage comes after the preview: the run finds it and spares what it may need.
    @Test("damage between preview and run costs nothing alive", arguments: DamageWorld.Kind.allCases)
    func between(_ kind: DamageWorld.Kind) async throws {
        await forEachDamage(kind) { damage, world in
            await named("\(kind), \(damage.testDescription)") {
                let cell = try await Cell(world, damage, .older)
                let plan = try await cell.registry(on: cell.index).collector.planSweep(
                    CollectorBench.everything, by: .test)
                try await damage.inflict(cell.driver, world)
                let registry = Registry(storage: cell.driver, index: cell.index, configuration: Cell.configuration)
                _ = registry.ground.standing.agreed(since: registry.ground.standing.failures)
                try await cell.keepsAlive("the run") { _ = try await registry.collector.run(plan, by: .test) }
            }
        }
    }

    /// They have nothing to do with each other, and take every core that there is.
    private func forEachDamage(
        _ kind: DamageWorld.Kind, _ body: @escaping @Sendable (Damage, DamageWorld) async -> Void
    ) async {
        await withTaskGroup(of: Void.self) { group in
            for damage in Self.damages {
                group.addTask {
                    await named("\(kind), \(damage.testDescription)") {
                        await body(damage, try DamageWorld(kind, isHeldByParent: damage.isOfParent))
                    }
                }
            }
        }
    }

    /// A failure says in one line which cell it is.
    private func named(_ cell: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            let text = (error as? Cell.Fault)?.text ?? String("\(error)".prefix(300))
            Issue.record("\(cell): \(text)")
        }
    }
}

/// One damaged tree with one index.
struct Cell {
    /// What does not hold, in one line.
    struct Fault: Error {
        var text: String
        init(_ text: String) { self.text = String(text.prefix(300)) }
    }

    let world: DamageWorld
    let damage: Damage
    let driver = FaultyDriver()
    let index: ReferenceIndex
    let state: DamageMatrixTests.Index

    static var configuration: Registry.Configuration {
        var configuration = Registry.Configuration()
        configuration.manifestBytesMax = Damage.manifestBytesMax
        return configuration
    }

    init(_ world: DamageWorld, _ damage: Damage, _ state: DamageMatrixTests.Index) async throws {
        self.world = world
        self.damage = damage
        self.state = state
        index = try ReferenceIndex(path: nil)
        try await driver.tree.write([world.files.map { FileContent($0.key, $0.value) }])
    }

    /// A registry that has just started on the tree.
    func registry(on index: ReferenceIndex) async throws -> Registry {
        let registry = Registry(storage: driver, index: index, configuration: Self.configuration)
        try await registry.collector.reconcile(by: .test)
        return registry
    }

    /// Gives the preview. Throws `Fault`.
    func run() async throws -> String {
        if state == .older { _ = try await registry(on: index) }
        try await damage.inflict(driver, world)
        if state == .newer { _ = try await registry(on: index) }
        let registry = try await registry(on: index)
        let plan = try await samePlan("at first", registry)
        // The plans being equal, one of them is run; with `BERTH_LONG_TESTS` each.
        guard state == .older || DamageMatrixTests.isLong else { return plan }
        try await keepsAlive("a run") { try await sweep(registry) }

        try await keepsAlive("a repair") {
            for _ in 0..<2 {
                _ = try await registry.collector.repair(
                    try await registry.collector.check(CheckOptions(), by: .test).findings, by: .test)
            }
        }
        _ = try await samePlan("after a repair", registry)
        try await keepsAlive("a run after a repair") { try await sweep(registry) }
        return plan
    }

    private func sweep(_ registry: Registry) async throws {
        try await registry.collector.run(
            try await registry.collector.planSweep(CollectorBench.everything, by: .test), by: .test)
    }

    /// The preview, which is the same once more, after a restart, and with an index built anew.
    private func samePlan(_ when: String, _ registry: Registry) async throws -> String {
        let first = try await text(registry)
        func expect(_ how: String, _ registry: Registry) async throws {
            let second = try await text(registry)
            if second != first { throw Fault("\(when), \(how): \(Self.difference(first, second))") }
        }
        try await expect("once more", registry)
        try await expect("after a restart", try await self.registry(on: index))
        // Before a repair it is the plan of the cell whose index is absent, which this one's is held against.
        if when != "at first" {
            try await expect("after a reindex", try await self.registry(on: try ReferenceIndex(path: nil)))
        }
        return first
    }

    /// Every line, with its reason.
    private func text(_ registry: Registry) async throws -> String {
        let plan = try await registry.collector.planSweep(CollectorBench.everything, by: .test)
        let now = Date()
        return
            (plan.lines.map { "- \($0.kind) \($0.item.text) \($0.item.repository?.text ?? ""): \($0.reason.text)" }
            + plan.spared.map {
                "= \($0.kind) \($0.item.text) \($0.item.repository?.text ?? ""): \($0.reason.text(now: now))"
            }.sorted() + plan.damaged.map { "! \($0.path): \($0.reason)" }).joined(separator: "\n")
    }

    static func difference(_ one: String, _ two: String) -> String {
        let (old, new) = (Set(one.split(separator: "\n")), Set(two.split(separator: "\n")))
        let gone = old.subtracting(new).sorted().first.map { "no more \($0)" }
        let come = new.subtracting(old).sorted().first.map { "now \($0)" }
        return [gone, come].compactMap { $0 }.joined(separator: ", ")
    }

    // MARK: What lives

    /// What a client can still need is where it was, or where a repair has put it.
    func keepsAlive(_ what: String, _ body: () async throws -> Void) async throws {
        let before = try await Tree.content(of: driver.tree, below: Layout.version)
        try await body()
        let after = try await Tree.content(of: driver.tree, below: Layout.version)
        let moved = try await Tree.content(of: driver.tree, below: Layout.quarantine).keys.map {
            $0.split(separator: "/").dropFirst(3).joined(separator: "/")
        }
        let lost = before.keys.filter { after[$0] == nil }.filter { path in
            world.alive.contains { $0.text == path } && !isLetGo(path) && !moved.contains(path)
        }
        if let path = lost.min() { throw Fault("\(what) took \(path) and \(lost.count - 1) more") }
    }

    /// What nothing holds any more: without its tag, all that only the manifest held.
    private func isLetGo(_ path: String) -> Bool { damage.letsGo && !world.aside.contains { $0.text == path } }
}
