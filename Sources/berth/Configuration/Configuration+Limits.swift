import RegistryCore
package import RegistryHTTP

extension Configuration {
    /// How much one client may take: the section `limits`, which is Berth's own, with distribution's `catalog.maxentries`
    /// and `tags.maxtags`. Distribution ignores keys it does not know, so one file serves both.
    package struct Limits: Equatable, Sendable {
        package var connection = ConnectionLimits()
        package var manifestBytesMax = Registry.Configuration().manifestBytesMax
        package var uploadsPerRepositoryMax = Registry.Configuration().uploadsPerRepositoryMax

        package init() {}

        /// - Parameter root: the top of the configuration.
        init(_ root: ConfigurationReader) throws(ConfigurationError) {
            let limits = try root.field("limits")
            try Self.read(limits, "headerbytes", &connection.headerBytesMax)
            try Self.read(limits, "headers", &connection.headersMax)
            try Self.read(limits, "headtimeout", &connection.headSecondsMax)
            try Self.read(limits, "bodytimeout", &connection.bodySecondsMax)
            try Self.read(limits, "answertimeout", &connection.answerSecondsMax)
            try Self.read(limits, "idletimeout", &connection.idleSecondsMax)
            try Self.read(limits, "connections", &connection.connectionsMax)
            try Self.read(limits, "streams", &connection.streamsPerConnectionMax)
            try Self.read(limits, "ranges", &connection.rangesMax)
            try Self.read(limits, "referrers", &connection.referrersMax)
            try Self.read(limits, "manifestbytes", &manifestBytesMax)
            try Self.read(limits, "uploads", &uploadsPerRepositoryMax)
            // Distribution takes zero and less for "not said" here.
            if let entries = try root.field("catalog").field("maxentries").integer(), entries > 0 {
                connection.catalogEntriesMax = entries
            }
            if let tags = try root.field("tags").field("maxtags").integer(), tags > 0 { connection.tagsMax = tags }
        }

        private static func read(
            _ limits: ConfigurationReader, _ key: String, _ limit: inout Int
        ) throws(ConfigurationError) {
            let field = try limits.field(key)
            guard let value = try field.integer() else { return }
            guard value > 0, value <= Int(Int32.max) else { throw field.invalid(expected: "a number from 1") }
            limit = value
        }

        private static func read(
            _ limits: ConfigurationReader, _ key: String, _ seconds: inout Double
        ) throws(ConfigurationError) {
            let field = try limits.field(key)
            guard let value = try field.duration() else { return }
            guard value > .zero else { throw field.invalid(expected: "a duration above zero") }
            seconds = value.seconds
        }
    }
}
