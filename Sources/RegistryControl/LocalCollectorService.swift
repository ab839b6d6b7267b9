import Foundation
import OCI
package import RegistryCollector
package import RegistryCore

/// The collector of a registry that is open in this process, for whoever may open its control socket: they administer.
package struct LocalCollectorService: CollectorService {
    let registry: Registry
    let collector: Collector

    package init(_ collector: Collector, of registry: Registry) {
        self.registry = registry
        self.collector = collector
    }

    package func answer(
        _ request: ControlRequest, lines: (any PlanLines)?, _ give: (ControlPart) async throws -> Void
    ) async throws(ControlError) {
        do {
            switch request {
            case .plan(let options): try await plan(options, give)
            case .run(let work): try await run(work, lines, give)
            case .steer(let order):
                try collector.steer(order, by: .commandLine)
                try await give(ControlPart(.end, json: Array("{}".utf8)))
            case .runs(let lines): try await runs(lines, give)
            case .undo(let request): try await undo(request, give)
            case .purge(let request):
                let bytes = try await collector.purgeRun(request.run, by: .commandLine)
                try await give(ControlPart(.end, PurgeSummary(run: request.run, bytesFreed: bytes)))
            case .reclaim(let request):
                let reclaim = try await collector.reclaim(.pattern(request.pattern), by: .commandLine)
                try await give(ControlPart(.end, reclaim))
            case .tag(let request): try await give(ControlPart(.end, try await tag(request)))
            }
        } catch {
            throw ControlError(any: error)
        }
    }

    private func plan(
        _ options: SweepOptions, _ give: (ControlPart) async throws -> Void
    ) async throws {
        // One plan is held at a time, however many ask for one.
        let hold = try await registry.coordination.hold([.planning], .exclusive)
        let plan = try await collector.planSweep(options.clamped, by: .commandLine)
        try hold.confirm()
        try await give(ControlPart(.head, SweepPlan.Head(plan)))
        for line in plan.lines { try await give(ControlPart(.line, line)) }
        for spared in plan.spared { try await give(ControlPart(.spared, spared.told(at: plan.made))) }
        for damage in plan.damaged { try await give(ControlPart(.damaged, damage)) }
        try await give(ControlPart(.end, json: Array("{}".utf8)))
    }

    private func runs(_ lists: Bool, _ give: (ControlPart) async throws -> Void) async throws {
        for run in try await collector.quarantinedHeads(by: .commandLine) {
            try await give(ControlPart(.head, run))
            guard lists else { continue }
            var tail = QuarantinedTail()
            do throws(RegistryError) {
                try await collector.quarantinedLines(of: run.id, by: .commandLine) { line in
                    tail.linesHeld += 1
                    tail.bytes = tail.bytes.addingClamped(line.bytes)
                    try await give(ControlPart(.line, line))
                }
            } catch {
                guard case .recordUnreadable(_, let reason) = error else { throw error }
                tail.problem = reason
            }
            try await give(ControlPart(.tail, tail))
        }
        try await give(ControlPart(.end, json: Array("{}".utf8)))
    }

    private func tag(_ request: TagRequest) async throws -> TagHistory {
        let (name, tag) = (request.repository, request.tag)
        if let digest = request.digest { try await registry.setTag(tag, to: digest, in: name, by: .commandLine) }
        return TagHistory(
            repository: name, tag: tag,
            entries: try await registry.history(
                of: tag, in: name, by: .commandLine))
    }
}
