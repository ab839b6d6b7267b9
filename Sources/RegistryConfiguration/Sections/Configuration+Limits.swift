extension Configuration {
    /// How much one client may take: the section `limits`, which is Berth's own, with distribution's `catalog.maxentries`
    /// and `tags.maxtags`. Distribution ignores keys it does not know, so one file serves both.
    ///
    /// Nil leaves the limit as it is where it is kept.
    package struct Limits: Equatable, Sendable {
        package private(set) var headerBytesMax: Int?
        package private(set) var headersMax: Int?
        package private(set) var headSecondsMax: Double?
        package private(set) var bodySecondsMax: Double?
        package private(set) var answerSecondsMax: Double?
        package private(set) var idleSecondsMax: Double?
        package private(set) var connectionsMax: Int?
        package private(set) var streamsPerConnectionMax: Int?
        package private(set) var rangesMax: Int?
        package private(set) var referrersMax: Int?
        package private(set) var memoryBytesMax: Int?
        package private(set) var catalogEntriesMax: Int?
        package private(set) var tagsMax: Int?
        package private(set) var manifestBytesMax: Int?
        package private(set) var uploadsPerRepositoryMax: Int?

        /// Less than any client sends: with it nobody could be served, which is not what a limit is for.
        private static let headerBytesLeast = 512
        private static let headersLeast = 8
        private static let manifestBytesLeast = 1024
        /// Less would not hold what a handful of clients send at once.
        private static let memoryBytesLeast = 16 << 20
        /// Less than a packet takes around the world.
        private static let timeoutLeast = Duration.milliseconds(100)

        package init() {}

        /// - Parameter root: the top of the configuration.
        init(_ root: ConfigurationReader) throws(ConfigurationError) {
            let limits = try root.field("limits")
            headerBytesMax = try limits.field("headerbytes").count(atLeast: Self.headerBytesLeast)
            headersMax = try limits.field("headers").count(atLeast: Self.headersLeast)
            headSecondsMax = try Self.seconds(limits.field("headtimeout"))
            bodySecondsMax = try Self.seconds(limits.field("bodytimeout"))
            answerSecondsMax = try Self.seconds(limits.field("answertimeout"))
            idleSecondsMax = try Self.seconds(limits.field("idletimeout"))
            connectionsMax = try limits.field("connections").count()
            streamsPerConnectionMax = try limits.field("streams").count()
            rangesMax = try limits.field("ranges").count()
            referrersMax = try limits.field("referrers").count()
            manifestBytesMax = try limits.field("manifestbytes").count(atLeast: Self.manifestBytesLeast)
            memoryBytesMax = try limits.field("memory").count(atLeast: Self.memoryBytesLeast)
            uploadsPerRepositoryMax = try limits.field("uploads").count()
            catalogEntriesMax = try Self.page(root.field("catalog").field("maxentries"))
            tagsMax = try Self.page(root.field("tags").field("maxtags"))
        }

        private static func seconds(_ field: ConfigurationReader) throws(ConfigurationError) -> Double? {
            try field.durationAboveZero(atLeast: timeoutLeast)?.inSeconds
        }

        /// Distribution takes zero and less for "not said" here.
        private static func page(_ field: ConfigurationReader) throws(ConfigurationError) -> Int? {
            guard let entries = try field.integer(), entries > 0 else { return nil }
            return min(entries, ConfigurationReader.countMax)
        }
    }
}
