import Foundation
import OCI
import RegistryCollector
import RegistryCore

/// One line of a plan, of a report or of the quarantine.
struct SweepRow: ListRow, Equatable {
    enum ID: Hashable, Sendable {
        case index(Int)
        case run(UUID)
        case part(SweepPlan.Item, of: UUID)
    }

    enum Content: Sendable, Equatable {
        /// A line that the user has taken out of the plan is kept.
        case line(SweepPlan.Line, isKept: Bool)
        case spared(SweepPlan.Spared)
        case damage(SweepPlan.Damage)
        case run(QuarantinedRun)
        case quarantined(SweepPlan.Line, of: QuarantinedRun)
    }

    var id: ID
    var content: Content

    var rowID: ID { id }

    /// What the row is about; nil for a damaged file and for a whole run.
    var item: SweepPlan.Item? {
        switch content {
        case .line(let line, _), .quarantined(let line, _): line.item
        case .spared(let spared): spared.item
        case .damage, .run: nil
        }
    }

    /// The run that the row is, or is part of; nil outside the quarantine.
    var run: QuarantinedRun? {
        switch content {
        case .run(let run), .quarantined(_, let run): run
        case .line, .spared, .damage: nil
        }
    }

    var searchText: String {
        switch content {
        case .line(let line, _), .quarantined(let line, _): Self.text(of: line)
        case .spared(let spared):
            Self.text(spared.item, spared.mediaType, spared.repositories, "")
        case .damage(let damage): "\(damage.path) \(damage.reason)".lowercased()
        case .run(let run):
            "\(run.by) \(run.state.word) \(run.lines.map(Self.text).joined(separator: " "))".lowercased()
        }
    }

    private static func text(of line: SweepPlan.Line) -> String {
        text(line.item, line.mediaType, line.repositories, line.reason.text)
    }

    private static func text(
        _ item: SweepPlan.Item, _ mediaType: MediaType?, _ repositories: [RepositoryName], _ reason: String
    ) -> String {
        let names = repositories.map(\.text).joined(separator: " ")
        return "\(item.word(mediaType)) \(item.text) \(names) \(reason)".lowercased()
    }
}

extension SweepPlan.Item {
    /// What it is in one word: what its manifest calls it, where one does.
    func word(_ mediaType: MediaType?) -> String {
        switch kind {
        case .blob: mediaType?.word ?? "blob"
        case .revision: mediaType?.word ?? "manifest"
        case .layerLink: mediaType?.word ?? "layer"
        case .tag, .upload: kind.rawValue
        case .repository: "repo"
        }
    }
}

extension MediaType {
    /// `layer`, `config`, `manifest` or `index`; nil for any other type.
    var word: String? {
        if isIndex { return "index" }
        if isManifest { return "manifest" }
        switch self {
        case .ociConfig, .dockerConfig, .ociEmpty: return "config"
        default:
            let isLayer = text.contains(".layer.") || text.contains(".rootfs.") || text.hasSuffix(".layer")
            return isLayer ? "layer" : text.contains(".config.") ? "config" : nil
        }
    }
}

extension SweepPlan.Kind {
    /// The words for one and for several of it.
    var words: (one: String, many: String) {
        switch self {
        case .tag: ("tag", "tags")
        case .revision: ("manifest link", "manifest links")
        case .layerLink: ("layer link", "layer links")
        case .blob: ("blob", "blobs")
        case .upload: ("upload", "uploads")
        case .repository: ("repository", "repositories")
        }
    }
}
