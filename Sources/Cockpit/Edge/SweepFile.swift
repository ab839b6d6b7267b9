import Foundation
import RegistryCore

/// A plan or a report as a file of JSON.
enum SweepFile {
    /// Writes it into `folder` and gives its full path. The same plan written again replaces its file.
    static func write(_ export: SweepExport, into folder: URL) throws -> String {
        let file = folder.appending(path: name(of: export)).absoluteURL.standardizedFileURL
        let data: Data =
            switch export {
            case .plan(let plan): try SweepDocument.encode(SweepDocument(plan))
            case .report(let report): try SweepDocument.encode(ReportDocument(report))
            }
        try data.write(to: file, options: .atomic)
        return file.path(percentEncoded: false)
    }

    private static func name(of export: SweepExport) -> String {
        switch export {
        case .plan(let plan): "sweep-plan-\(plan.id.uuidString.prefix(8).lowercased()).json"
        case .report(let report): "sweep-report-\(report.plan.uuidString.prefix(8).lowercased()).json"
        }
    }
}

/// A report as JSON; keys become snake case.
private struct ReportDocument: Encodable {
    var plan: UUID
    var removed: [SweepDocument.Line]
    var spared: [SweepDocument.Spared]
    var bytesFreed: Int64
    var bytesQuarantined: Int64
    /// When the quarantine is freed; absent when it is already.
    var purged: Date?
    var seconds: Double

    init(_ report: SweepReport) {
        plan = report.plan
        removed = report.removed.map(SweepDocument.Line.init)
        spared = report.spared.map { SweepDocument.Spared($0, now: Date()) }
        bytesFreed = report.bytesFreed
        bytesQuarantined = report.bytesQuarantined
        purged = report.purged
        seconds = report.seconds
    }
}
