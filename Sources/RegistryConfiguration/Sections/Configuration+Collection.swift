extension Configuration {
    /// When and how disk is given back: the section `gc`, which is Berth's own. Distribution ignores keys it does not know,
    /// so one file serves both.
    ///
    /// Nil leaves to the collector what it does where nobody says otherwise.
    package struct Collection: Equatable, Sendable {
        /// How long from one sweep to the next; nil sweeps only when somebody says so.
        package private(set) var interval: Duration?
        /// How long a promise to a client spares what nothing references yet.
        package private(set) var grace: Duration?
        /// How long what was taken out can come back; zero frees it at once.
        package private(set) var quarantine: Duration?
        package private(set) var untagged: Bool?
        package private(set) var layerLinks: Bool?
        /// From which age uploads and referrers that nobody finished or needs are taken; zero leaves them alone.
        package private(set) var (uploads, referrers): (Duration?, Duration?)
        /// Nil for as fast as it goes.
        package private(set) var linesPerSecondMax: Int?
        /// Which tags are kept; without a rule all are.
        package private(set) var retention: [Rule] = []

        /// A rule of the retention: `gc.retention[]`.
        package struct Rule: Equatable, Sendable {
            /// Patterns of the repositories and tags that it is about; nil for all.
            package fileprivate(set) var (repositories, tags): ([String]?, [String]?)
            /// Patterns of tags that stay whatever their age.
            package fileprivate(set) var keepTags: [String]?
            package fileprivate(set) var keepNewest: Int?
            /// For so long after it was set, or pulled, a tag stays.
            package fileprivate(set) var (keepWithin, keepPulled): (Duration?, Duration?)

            package init() {}
        }

        /// The unit that all of it is counted in. As an interval it is what a sweep of nothing can be asked for without a
        /// core of its own.
        fileprivate static let least = Duration.seconds(1)

        package init() {}

        init(_ collection: ConfigurationReader) throws(ConfigurationError) {
            interval = try collection.field("interval").duration(atLeast: Self.least)
            if interval == .zero { interval = nil }
            grace = try collection.field("grace").duration(atLeast: Self.least)
            quarantine = try collection.field("quarantine").duration(atLeast: Self.least)
            untagged = try collection.field("untagged").flag()
            layerLinks = try collection.field("layerlinks").flag()
            uploads = try collection.field("uploads").duration(atLeast: Self.least)
            referrers = try collection.field("referrers").duration(atLeast: Self.least)
            linesPerSecondMax = try collection.field("rate").count()
            for rule in try collection.field("retention").elements() { retention.append(try Rule(rule)) }
        }
    }
}

extension Configuration.Collection.Rule {
    fileprivate init(_ rule: ConfigurationReader) throws(ConfigurationError) {
        let keep = try rule.field("keep")
        repositories = try rule.field("repositories").patterns()
        tags = try rule.field("tags").patterns()
        keepTags = try keep.field("tags").patterns()
        keepNewest = try keep.field("newest").count()
        keepWithin = try keep.field("within").durationAboveZero(atLeast: Configuration.Collection.least)
        keepPulled = try keep.field("pulled").durationAboveZero(atLeast: Configuration.Collection.least)
        guard keepNewest != nil || keepWithin != nil || keepPulled != nil else {
            throw .keepsNothing(origin: keep.origin, path: keep.path)
        }
    }
}

extension ConfigurationReader {
    /// Nil where the key is absent; an empty list fits nothing.
    fileprivate func patterns() throws(ConfigurationError) -> [String]? {
        let patterns = try texts()
        return patterns.isEmpty && !isPresent ? nil : patterns
    }
}
