import Foundation
import RegistryCore

/// What `--json` prints, and what `--plan FILE` reads.
extension SweepPlan: Codable {
    private enum CodingKeys: String, CodingKey {
        case id = "plan"
        case generation, made, options, totals, lines, spared, damaged
    }

    /// Throws `PlanInvalid` for anything that no plan of ours says.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let totals = try fields.decode(Totals.self, forKey: .totals)
        self.init(
            id: try fields.decode(UUID.self, forKey: .id),
            options: try fields.decode(SweepOptions.self, forKey: .options),
            generation: try fields.decode(UInt64.self, forKey: .generation),
            made: try fields.decode(Date.self, forKey: .made), lines: try fields.decode([Line].self, forKey: .lines),
            spared: try fields.decode([Spared].self, forKey: .spared),
            damaged: try fields.decode([Damage].self, forKey: .damaged),
            bytesShared: Bounds.clamped(bytes: totals.bytesShared), isPart: totals.isPart ?? false)
        try Bounds.date(made, "made")
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode(generation, forKey: .generation)
        try fields.encode(Bounds.clamped(made), forKey: .made)
        try fields.encode(options, forKey: .options)
        try fields.encode(Totals(self), forKey: .totals)
        try fields.encode(lines, forKey: .lines)
        try fields.encode(spared.map { $0.told(at: made) }, forKey: .spared)
        try fields.encode(damaged, forKey: .damaged)
    }
}
