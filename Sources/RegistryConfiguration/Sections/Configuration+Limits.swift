import RegistryCore
package import RegistryHTTP

extension Configuration {
    /// How much one client may take: the section `limits`, which is Berth's own, with distribution's `catalog.maxentries`
    /// and `tags.maxtags`. Distribution ignores keys it does not know, so one file serves both.
    package struct Limits: Equatable, Sendable {
        package var connection = ConnectionLimits()
        package var manifestBytesMax = Registry.Configuration().manifestBytesMax
        package var uploadsPerRepositoryMax = Registry.Configuration().uploadsPerRepositoryMax

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
            try Self.read(limits, "headerbytes", &connection.headerBytesMax, atLeast: Self.headerBytesLeast)
            try Self.read(limits, "headers", &connection.headersMax, atLeast: Self.headersLeast)
            try Self.read(limits, "headtimeout", &connection.headSecondsMax)
            try Self.read(limits, "bodytimeout", &connection.bodySecondsMax)
            try Self.read(limits, "answertimeout", &connection.answerSecondsMax)
            try Self.read(limits, "idletimeout", &connection.idleSecondsMax)
            try Self.read(limits, "connections", &connection.connectionsMax)
            try Self.read(limits, "streams", &connection.streamsPerConnectionMax)
            try Self.read(limits, "ranges", &connection.rangesMax)
            try Self.read(limits, "referrers", &connection.referrersMax)
            try Self.read(limits, "manifestbytes", &manifestBytesMax, atLeast: Self.manifestBytesLeast)
            try Self.read(limits, "memory", &connection.memoryBytesMax, atLeast: Self.memoryBytesLeast)
            try Self.read(limits, "uploads", &uploadsPerRepositoryMax)
            // Distribution takes zero and less for "not said" here.
            if let entries = try root.field("catalog").field("maxentries").integer(), entries > 0 {
                connection.catalogEntriesMax = min(entries, ConfigurationReader.countMax)
            }
            if let tags = try root.field("tags").field("maxtags").integer(), tags > 0 {
                connection.tagsMax = min(tags, ConfigurationReader.countMax)
            }
        }

        private static func read(
            _ limits: ConfigurationReader, _ key: String, _ limit: inout Int, atLeast least: Int = 1
        ) throws(ConfigurationError) {
            limit = try limits.field(key).count(atLeast: least) ?? limit
        }

        private static func read(
            _ limits: ConfigurationReader, _ key: String, _ seconds: inout Double
        ) throws(ConfigurationError) {
            seconds = try limits.field(key).durationAboveZero(atLeast: Self.timeoutLeast)?.seconds ?? seconds
        }
    }
}
