extension Configuration {
    /// How the registry reports on itself: the section `log`.
    package struct Log: Equatable, Sendable {
        /// The least severe level that is written. `loglevel`, its deprecated spelling, counts where `log.level` is
        /// absent.
        package var level = Level.info
        package var formatter = Formatter.text
        /// Fields added to every line.
        package var fields: [String: String] = [:]
        /// Whether the access log on standard output is off.
        package var accessLogDisabled = false

        package enum Level: String, CaseIterable, Sendable {
            case error, warn, info, debug
            /// Not one of distribution's; the levels of swift-log go one further down than its.
            case trace
        }

        package enum Formatter: String, CaseIterable, Sendable {
            case text, json, logstash
        }

        package init() {}

        /// Reads `log` and `loglevel` out of the whole configuration.
        init(_ root: ConfigurationReader) throws(ConfigurationError) {
            let log = try root.field("log")
            let deprecated = try root.field("loglevel").word(Level.self)
            level = try log.field("level").word(Level.self) ?? deprecated ?? level
            formatter = try log.field("formatter").word(Formatter.self) ?? formatter
            accessLogDisabled = try log.field("accesslog").field("disabled").flag() ?? accessLogDisabled
            for field in try log.field("fields").entries() {
                fields[field.key] = try field.value.text() ?? ""
            }
        }
    }
}
