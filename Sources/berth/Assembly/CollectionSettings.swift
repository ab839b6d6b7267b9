import RegistryConfiguration
import RegistryCollector
import RegistryCore

/// What the configuration says of the collector, as the collector takes it.
extension Configuration.Collection {
    /// How long what was taken out can come back, where nobody says otherwise: long enough to be missed on the next day.
    private static let quarantineDefault = Duration.seconds(24 * 3600)

    /// What every sweep looks for where nobody says otherwise.
    var options: SweepOptions {
        var options = SweepOptions()
        options.graceSeconds = grace?.wholeSeconds ?? options.graceSeconds
        options.untagged = untagged ?? options.untagged
        options.layerLinks = layerLinks ?? options.layerLinks
        if let uploads { options.uploadSeconds = uploads > .zero ? uploads.wholeSeconds : nil }
        if let referrers { options.referrerSeconds = referrers > .zero ? referrers.wholeSeconds : nil }
        return options
    }

    /// How every sweep runs where nobody says otherwise.
    var settings: SweepRunSettings {
        SweepRunSettings(
            quarantineSeconds: (quarantine ?? Self.quarantineDefault).wholeSeconds, linesPerSecondMax: linesPerSecondMax
        )
    }

    /// Nil keeps every tag.
    var policy: RetentionPolicy? {
        retention.isEmpty ? nil : RetentionPolicy(rules: retention.map { RetentionPolicy.Rule($0) })
    }
}

extension RetentionPolicy.Rule {
    fileprivate init(_ rule: Configuration.Collection.Rule) {
        self.init()
        repositories = rule.repositories ?? repositories
        tags = rule.tags ?? tags
        keepTags = rule.keepTags ?? keepTags
        keepNewest = rule.keepNewest
        keepSeconds = rule.keepWithin?.wholeSeconds
        keepPulledSeconds = rule.keepPulled?.wholeSeconds
    }
}

extension Duration {
    /// Seconds; a part of one counts as a whole, so that what is above zero stays above it.
    var wholeSeconds: Int { Int(components.seconds) + (components.attoseconds > 0 ? 1 : 0) }
}
