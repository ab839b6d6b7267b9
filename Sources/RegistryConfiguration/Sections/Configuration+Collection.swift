package import RegistryCore

extension Configuration {
    /// When and how disk is given back: the section `gc`, which is Berth's own. Distribution ignores keys it does not know,
    /// so one file serves both.
    package struct Collection: Equatable, Sendable {
        /// How long from one sweep to the next; nil sweeps only when somebody says so.
        package var interval: Duration?
        /// What every sweep looks for where nobody says otherwise.
        package var options = SweepOptions()
        /// How long what was taken out can come back; zero frees it at once.
        package var quarantine = Duration.seconds(24 * 3600)
        /// Lines a second; nil for as fast as it goes.
        package var linesPerSecondMax: Int?
        /// Nil keeps every tag.
        package var retention: RetentionPolicy?

        /// The unit that all of it is counted in. As an interval it is what a sweep of nothing can be asked for without a
        /// core of its own.
        fileprivate static let least = Duration.seconds(1)

        package init() {}

        /// How every sweep runs where nobody says otherwise.
        package var settings: SweepRunSettings {
            SweepRunSettings(quarantineSeconds: quarantine.wholeSeconds, linesPerSecondMax: linesPerSecondMax)
        }

        init(_ collection: ConfigurationReader) throws(ConfigurationError) {
            interval = try collection.field("interval").duration(atLeast: Self.least)
            if interval == .zero { interval = nil }
            if let grace = try collection.field("grace").duration(atLeast: Self.least) {
                options.graceSeconds = grace.wholeSeconds
            }
            quarantine = try collection.field("quarantine").duration(atLeast: Self.least) ?? quarantine
            options.untagged = try collection.field("untagged").flag() ?? options.untagged
            options.layerLinks = try collection.field("layerlinks").flag() ?? options.layerLinks
            options.uploadSeconds = try Self.age(collection.field("uploads"), options.uploadSeconds)
            options.referrerSeconds = try Self.age(collection.field("referrers"), options.referrerSeconds)
            linesPerSecondMax = try collection.field("rate").count()
            var rules: [RetentionPolicy.Rule] = []
            for rule in try collection.field("retention").elements() { rules.append(try Self.rule(rule)) }
            retention = rules.isEmpty ? nil : RetentionPolicy(rules: rules)
        }

        /// Zero is nil: such things are left alone.
        private static func age(_ field: ConfigurationReader, _ usual: Int?) throws(ConfigurationError) -> Int? {
            guard let age = try field.duration(atLeast: least) else { return usual }
            return age > .zero ? age.wholeSeconds : nil
        }

        private static func rule(_ reader: ConfigurationReader) throws(ConfigurationError) -> RetentionPolicy.Rule {
            let keep = try reader.field("keep")
            var rule = RetentionPolicy.Rule()
            rule.repositories = try reader.field("repositories").patterns() ?? rule.repositories
            rule.tags = try reader.field("tags").patterns() ?? rule.tags
            rule.keepTags = try keep.field("tags").patterns() ?? rule.keepTags
            rule.keepNewest = try keep.field("newest").count()
            rule.keepSeconds = try keep.field("within").span()
            rule.keepPulledSeconds = try keep.field("pulled").span()
            guard rule.keepNewest != nil || rule.keepSeconds != nil || rule.keepPulledSeconds != nil else {
                throw .keepsNothing(origin: keep.origin, path: keep.path)
            }
            return rule
        }
    }
}

extension ConfigurationReader {
    /// Nil where the key is absent; an empty list fits nothing.
    fileprivate func patterns() throws(ConfigurationError) -> [String]? {
        let patterns = try texts()
        return patterns.isEmpty && !isPresent ? nil : patterns
    }

    /// Seconds.
    fileprivate func span() throws(ConfigurationError) -> Int? {
        try durationAboveZero(atLeast: Configuration.Collection.least)?.wholeSeconds
    }
}

extension Duration {
    /// Seconds; a part of one counts as a whole, so that what is above zero stays above it.
    var wholeSeconds: Int { Int(components.seconds) + (components.attoseconds > 0 ? 1 : 0) }
}
