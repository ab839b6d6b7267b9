import Foundation
import RegistryCollector
import RegistryCore

/// A plan or a report as a file of JSON.
enum SweepFile {
    /// Writes it into `folder` and gives its full path. The same plan written again replaces its file.
    static func write(_ export: SweepExport, into folder: URL) throws -> String {
        let file = folder.appending(path: name(of: export)).absoluteURL.standardizedFileURL
        let data: Data =
            switch export {
            case .plan(let plan): try CollectorJSON.encode(plan)
            case .report(let report): try CollectorJSON.encode(report)
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
