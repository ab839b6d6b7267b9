import Foundation
import OCI
import RegistryCore
import RegistryIndex
import RegistryStorage

/// Looks at the whole tree, place by place, and collects what is not as it should be. Changes nothing in it.
///
/// Everything is read from the tree itself; the index only remembers which bytes were hashed. Directories are read in
/// parts and findings are bounded, so memory does not grow with the tree. Not for two tasks at once.
final class Checker {
    static let partMax = 256
    /// Findings that the index is asked about: each may take a walk through its graph.
    private static let lookupsMax = 100

    let collector: Collector
    let options: CheckOptions
    var report = CheckReport()
    private let tell: (CheckProgress) -> Bool
    private let started = ContinuousClock.now
    private var state = CheckProgress(phase: .links)
    private var unreadablePlaces: Set<StoragePath> = []
    /// Positions of findings about manifests of the present repository, whose tags are still to come.
    var unowned: [Digest: [Int]] = [:]

    var ground: Ground { collector.ground }
    var storage: any StorageDriver { ground.storage }

    init(collector: Collector, options: CheckOptions, progress: @escaping (CheckProgress) -> Bool) {
        self.collector = collector
        self.options = options
        tell = progress
    }

    func run() async throws(RegistryError) -> CheckReport {
        do throws(RegistryError) {
            try await checkRepositories()
            try await checkStore()
            if options.hashesBytes { try await hashStore() }
        } catch {
            guard error == .interrupted else { throw error }
            report.isPartial = true
        }
        try await lookAgain()
        askIndex()
        report.seconds = elapsed
        return report
    }

    var elapsed: Double { (ContinuousClock.now - started).seconds }

    func enter(_ phase: CheckProgress.Phase, total: Int64? = nil) {
        state = CheckProgress(phase: phase, total: total)
    }

    /// Said between two pieces of the work; throws `interrupted` when it is to end.
    func looked(at count: Int64, place: String?) throws(RegistryError) {
        state.done.addClamped(count)
        state.place = place
        state.findings = report.findings.count + report.unnamed
        state.seconds = elapsed
        if !tell(state) || Task.isCancelled { throw .interrupted }
    }

    func found(_ finding: CheckFinding) {
        guard report.findings.count < CheckReport.findingsMax else { return report.unnamed += 1 }
        // Whose tags are looked at next, they say more themselves.
        if let digest = finding.digest, finding.repository != nil, finding.tag == nil {
            unowned[digest, default: []].append(report.findings.count)
        }
        report.findings.append(finding)
    }

    /// A tag of the repository that is being looked at points at the digest: what was found wrong with that is its loss.
    func leads(_ tag: Tag, to digest: Digest, in name: RepositoryName) {
        for position in unowned[digest] ?? [] where report.findings[position].users.count < CheckFinding.usersMax {
            report.findings[position].users.append("\(name):\(tag)")
        }
    }

    /// Asks the index whose loss the findings are that no tag has answered for. It may know less than the tree.
    private func askIndex() {
        for position in report.findings.indices.prefix(Self.lookupsMax) {
            let finding = report.findings[position]
            guard let digest = finding.digest, finding.tag == nil, finding.users.isEmpty,
                let uses = try? ground.index.read({ try $0.uses(of: digest) })
            else { continue }
            report.findings[position].users = uses.filter { use in
                finding.repository == nil || use.repository == finding.repository
            }.prefix(CheckFinding.usersMax).map { "\($0.repository):\($0.tag)" }
        }
    }

    /// Requests go on meanwhile: what looked wrong may have been a push or a deletion half done.
    private func lookAgain() async throws(RegistryError) {
        var findings: [CheckFinding] = []
        for finding in report.findings where try await stillHolds(finding) { findings.append(finding) }
        report.findings = findings
    }

    private func stillHolds(_ finding: CheckFinding) async throws(RegistryError) -> Bool {
        do throws(RegistryError) {
            return try await collector.stillHolds(finding, options)
        } catch {
            guard error.isOfOnePlace else { throw error }
            return true
        }
    }

    /// Does one piece of the work; a place in it that cannot be read is found, and the next piece goes on.
    func reading(
        in name: RepositoryName?, _ body: () async throws(RegistryError) -> Void
    ) async throws(RegistryError) {
        do throws(RegistryError) {
            try await body()
        } catch {
            guard error.isOfOnePlace, case .storage(let failure) = error, let path = failure.path else { throw error }
            unreadable(path, name, failure.cause)
        }
    }

    func unreadable(_ path: StoragePath, _ name: RepositoryName?, _ reason: String) {
        // Several things may need the same place.
        guard unreadablePlaces.count < CheckReport.findingsMax, unreadablePlaces.insert(path).inserted else { return }
        found(CheckFinding(kind: .unreadablePlace, path: path.text, repository: name, reason: reason))
    }

    /// Entries that are neither file nor directory for us, wherever they are.
    func checkReach(_ entries: [StorageEntry], of directory: StoragePath, _ name: RepositoryName?) {
        for entry in entries {
            if let reason = entry.unreachable { unreadable(directory.appending(entry.name), name, reason) }
        }
    }

    /// A temporary file that is old enough to have been left behind.
    func checkStray(_ entry: StorageEntry, in directory: StoragePath, _ name: RepositoryName?)
        async throws(RegistryError)
    {
        guard !entry.isDirectory, entry.name.hasSuffix(".tmp") else { return }
        let path = directory.appending(entry.name)
        guard try await isOld(path) else { return }
        found(
            CheckFinding(
                kind: .strayFile, path: path.text, repository: name, reason: "a write that a crash has ended",
                repair: .quarantine))
    }

    func isOld(_ path: StoragePath) async throws(RegistryError) -> Bool {
        guard let status = try await stored({ try await storage.stat(path) }) else { return false }
        // One of the future was left behind by a clock that was wrong: nobody writes it now.
        return status.isTimeWrong || status.modified <= Ground.now - options.strayAge
    }

    /// Gives what a directory holds, in parts.
    func forEachPart(
        of directory: StoragePath, in name: RepositoryName? = nil,
        _ body: ([StorageEntry]) async throws(RegistryError) -> Void
    ) async throws(RegistryError) {
        try await reading(in: name) { () async throws(RegistryError) in
            guard let entries = try await stored({ try await storage.entries(of: directory) }) else {
                let reason = storage.obstruction(of: directory, isDirectory: true)
                if let reason { unreadable(directory, name, reason) }
                return
            }
            while true {
                let part = try await stored { try await entries.next(Self.partMax) }
                guard !part.isEmpty else { return }
                checkReach(part, of: directory, name)
                try await body(part)
            }
        }
    }
}
