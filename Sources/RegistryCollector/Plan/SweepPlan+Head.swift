package import Foundation
import RegistryCore

extension SweepPlan {
    /// A plan without its lines: small, whatever they are. Options are inside the bounds; the time and the totals of one
    /// that was read are what its text says.
    package struct Head: Codable, Sendable, Equatable {
        package var plan: UUID
        package var generation: UInt64
        package var made: Date
        package var options: SweepOptions
        package var totals: Totals

        package init(_ plan: SweepPlan) {
            self.plan = plan.id
            generation = plan.generation
            made = Bounds.clamped(plan.made)
            options = plan.options.clamped
            totals = Totals(plan)
        }
    }

    /// For readers; a plan that is read back adds up its lines.
    package struct Totals: Codable, Sendable, Equatable {
        package var lines: Int
        package var bytesRemovable: Int64
        package var bytesShared: Int64
        package var linesSpared: Int
        package var bytesSpared: Int64
        /// True where the plan was full before everything was looked at; nil where it has all.
        package var isPart: Bool?

        package init(
            lines: Int, bytesRemovable: Int64, bytesShared: Int64, linesSpared: Int, bytesSpared: Int64,
            isPart: Bool? = nil
        ) {
            self.lines = lines
            self.bytesRemovable = bytesRemovable
            self.bytesShared = bytesShared
            self.linesSpared = linesSpared
            self.bytesSpared = bytesSpared
            self.isPart = isPart
        }

        package init(_ plan: SweepPlan) {
            self.init(
                lines: plan.lines.count, bytesRemovable: plan.bytes, bytesShared: plan.bytesShared,
                linesSpared: plan.spared.count, bytesSpared: plan.bytesSpared, isPart: plan.isPart ? true : nil)
        }
    }
}
