package import Foundation
import OCI
package import RegistryCore

/// The collector of a registry that is open in this process.
package struct RegistryCollector: Collector {
    private let registry: Registry

    package init(_ registry: Registry) { self.registry = registry }

    package func plan(_ options: SweepDocument.Options) async throws(ControlError) -> SweepDocument {
        try await asked { () async throws(RegistryError) in SweepDocument(try await registry.planSweep(options.decoded))
        }
    }

    package func run(
        _ work: SweepWork, progress: @escaping @Sendable (SweepProgress) -> Void
    ) async throws(ControlError) -> SweepReportDocument {
        let settings = work.settings.decoded
        let tell = { @Sendable (far: SweepProgress) -> Bool in
            progress(far)
            return true
        }
        let plan = try Self.plan(of: work)
        return try await asked { () async throws(RegistryError) in
            if let plan {
                return SweepReportDocument(
                    try await registry.run(plan, settings, by: .commandLine, progress: tell))
            }
            guard let run = work.resume else { throw .unexpected("neither a plan nor a run") }
            return SweepReportDocument(
                try await registry.resumeRun(run, settings, by: .commandLine, progress: tell))
        }
    }

    /// Nil where a run is to be resumed.
    private static func plan(of work: SweepWork) throws(ControlError) -> SweepPlan? {
        guard let document = work.plan else {
            guard work.resume != nil else { throw ControlError(.badRequest, "neither a plan nor a run to resume") }
            return nil
        }
        do throws(SweepDocument.Invalid) {
            return try document.decoded()
        } catch {
            throw ControlError(.badRequest, "the plan cannot be read: \(error.reason)")
        }
    }

    package func steer(_ order: SweepOrder) async throws(ControlError) {
        switch order {
        case .stop: registry.stopSweep()
        case .pause: registry.pauseSweep()
        case .goOn: registry.continueSweep()
        }
    }

    package func runs() async throws(ControlError) -> [QuarantinedRunDocument] {
        try await asked { () async throws(RegistryError) in
            try await registry.quarantinedRuns().map { QuarantinedRunDocument($0) }
        }
    }

    package func undo(_ run: UUID, only items: [SweepDocument.Item]?) async throws(ControlError) -> UndoDocument {
        var chosen: Set<SweepPlan.Item>?
        do {
            chosen = try items.map { Set(try $0.map { try $0.decoded() }) }
        } catch {
            let reason = (error as? SweepDocument.Invalid)?.reason ?? "\(error)"
            throw ControlError(.badRequest, "what is to come back cannot be read: \(reason)")
        }
        return try await asked { () async throws(RegistryError) in
            UndoDocument(try await registry.undoRun(run, only: chosen, by: .commandLine))
        }
    }

    package func purge(_ run: UUID) async throws(ControlError) -> PurgeDocument {
        try await asked { () async throws(RegistryError) in
            PurgeDocument(run: run, bytesFreed: try await registry.purgeRun(run, by: .commandLine))
        }
    }

    package func reclaim(_ pattern: String) async throws(ControlError) -> ReclaimDocument {
        try await asked { () async throws(RegistryError) in
            ReclaimDocument(try await registry.reclaim(.pattern(pattern)), pattern)
        }
    }

    package func tag(_ request: TagRequest) async throws(ControlError) -> TagHistoryDocument {
        let (name, tag, digest): (RepositoryName, Tag, Digest?)
        do {
            name = try RepositoryName(onDisk: request.repository)
            tag = try Tag(request.tag)
            digest = try request.digest.map { try Digest($0) }
        } catch {
            throw ControlError(.badRequest, "\(error)")
        }
        return try await asked { () async throws(RegistryError) in
            if let digest { try await registry.setTag(tag, to: digest, in: name, by: .commandLine) }
            let entries = try await registry.history(of: tag, in: name).map {
                TagHistoryDocument.Entry(
                    digest: $0.digest.description, since: $0.since, isCurrent: $0.isCurrent, isThere: $0.isThere,
                    bytes: $0.bytes)
            }
            return TagHistoryDocument(repository: name.text, tag: tag.text, entries: entries)
        }
    }

    private func asked<Answer>(
        _ verb: () async throws(RegistryError) -> Answer
    ) async throws(ControlError) -> Answer {
        do throws(RegistryError) { return try await verb() } catch { throw ControlError(error) }
    }
}
