/// `config.yml` of distribution, 2.8 and 3.x together: the table of §3.2. `.later` marks what does nothing yet.
extension ConfigurationSchema {
    static let registry = ConfigurationSchema.structure([
        // See `Configuration.checkVersion`.
        .ofFile("version"),
        .field("log", log),
        .field("loglevel"),
        .field("storage", storage),
        .field("auth", auth),
        .later("middleware", middleware),
        .field("http", http),
        .later("notifications", notifications),
        .later("redis", redis),
        .later("health", health),
        .field("catalog", .scalars("maxentries")),
        .field("tags", .scalars("maxtags")),
        // Ours alone.
        .field(
            "limits",
            .scalars(
                "headerbytes", "headers", "headtimeout", "bodytimeout", "answertimeout", "idletimeout", "connections",
                "streams", "ranges", "referrers", "manifestbytes", "memory", "uploads")),
        // Ours alone.
        .field("gc", collection),
        .later("proxy", proxy),
        .field("validation", validation),
        .later("policy", .structure([.field("repository", .structure([.field("classes", texts)]))])),
        .later("reporting", reporting),
        .later("compatibility", compatibility),
    ])

    private static let collection = ConfigurationSchema.structure(
        ["interval", "grace", "quarantine", "untagged", "layerlinks", "uploads", "referrers", "rate"].map { .field($0) }
            + [.field("retention", .list(of: retentionRule))])

    private static let retentionRule = ConfigurationSchema.structure([
        .field("repositories", texts),
        .field("tags", texts),
        .field(
            "keep",
            .structure([.field("newest"), .field("within"), .field("pulled"), .field("tags", texts)])
        ),
    ])

    private static let log = ConfigurationSchema.structure([
        .field("accesslog", .scalars("disabled")),
        .field("level"),
        .field("formatter"),
        .field("fields", .mapping(known: [], others: .scalar)),
        .later("reportcaller"),
        .later("hooks", .list(of: logHook)),
    ])

    private static let logHook = ConfigurationSchema.structure([
        .field("disabled"),
        .field("type"),
        .field("levels", texts),
        .field("options", mailOptions, variable: "MAILOPTIONS"),
    ])

    private static let mailOptions = ConfigurationSchema.structure([
        .field("smtp", .scalars("addr", "username", "password", "insecure")),
        .field("from"),
        .field("to", texts),
    ])

    private static let storage = ConfigurationSchema.choice(
        known: [
            .field("filesystem", .mapping(known: [.field("rootdirectory"), .field("maxthreads")], others: nil)),
            .field("inmemory", .mapping(known: [], others: nil)),
            .field("s3", .anything),
            .field("azure", .anything),
            .field("gcs", .anything),
            .field("swift", .anything),
            .field("oss", .anything),
            .field("delete", .mapping(known: [.field("enabled")], others: nil)),
            .later("redirect", .anything),
            .later("tag", .anything),
            .later("cache", .anything),
            .field("maintenance", maintenance),
        ],
        others: .anything
    )

    private static let maintenance = ConfigurationSchema.mapping(
        known: [
            .field(
                "uploadpurging",
                .mapping(
                    known: [.field("enabled"), .field("age"), .field("interval"), .field("dryrun")], others: nil
                )
            ),
            .field("readonly", .mapping(known: [.field("enabled")], others: nil)),
        ],
        others: nil
    )

    /// Parameters of a method are never acted on: whatever is not `none` is refused as a whole.
    private static let auth = ConfigurationSchema.choice(known: [], others: .anything)

    private static let middleware = ConfigurationSchema.mapping(
        known: [],
        others: .list(
            of: .structure([
                .field("name"),
                .field("disabled"),
                .field("options", .mapping(known: [], others: .anything)),
            ])
        )
    )

    private static let http = ConfigurationSchema.structure([
        .field("addr"),
        .field("net"),
        .field("host"),
        .field("prefix"),
        .field("secret"),
        .field("relativeurls"),
        .field("draintimeout"),
        .field("headers", .mapping(known: [], others: texts)),
        .field("tls", tls),
        .field("debug", .structure([.field("addr"), .field("prometheus", .scalars("enabled", "path"))])),
        .field("http2", .scalars("disabled")),
        .field("h2c", .scalars("enabled")),
        // Ours alone.
        .field("trustedproxies", texts),
    ])

    private static let tls = ConfigurationSchema.structure([
        .field("certificate"),
        .field("key"),
        .field("clientcas", texts),
        .field("clientauth"),
        .field("minimumtls"),
        .field("ciphersuites", texts),
        .later(
            "letsencrypt",
            .structure([.field("cachefile"), .field("email"), .field("hosts", texts), .field("directoryurl")])
        ),
    ])

    private static let notifications = ConfigurationSchema.structure([
        .field("events", .scalars("includereferences"), variable: "EVENTCONFIG"),
        .field("endpoints", .list(of: endpoint)),
    ])

    private static let endpoint = ConfigurationSchema.structure([
        .field("name"),
        .field("disabled"),
        .field("url"),
        .field("headers", .mapping(known: [], others: texts)),
        .field("timeout"),
        .field("threshold"),
        .field("backoff"),
        .field("ignoredmediatypes", texts),
        .field("ignore", .structure([.field("mediatypes", texts), .field("actions", texts)])),
    ])

    /// The keys of 3.x, which are the options of its redis client inlined, and those of 2.8 behind them.
    private static let redis = ConfigurationSchema.structure(
        [.field("addrs", texts)]
            + [
                "username", "password", "db", "mastername", "sentinelusername", "sentinelpassword", "clientname",
                "protocol", "maxretries", "minretrybackoff", "maxretrybackoff", "dialtimeout", "readtimeout",
                "writetimeout", "contexttimeoutenabled", "poolfifo", "poolsize", "pooltimeout", "minidleconns",
                "maxidleconns", "maxactiveconns", "connmaxidletime", "connmaxlifetime", "maxredirects", "readonly",
                "routebylatency", "routerandomly", "disableidentity", "identitysuffix", "unstableresp3",
            ].map { .field($0) }
            + [
                .field("tls", .structure([.field("certificate"), .field("key"), .field("rootcas", texts)])),
                .field("addr"),
                .field("pool", .scalars("maxidle", "maxactive", "idletimeout")),
            ],
        ignoresCase: true
    )

    private static let health = ConfigurationSchema.structure([
        .field("file", .list(of: .scalars("file", "interval", "threshold")), variable: "FILECHECKERS"),
        .field("http", .list(of: httpChecker), variable: "HTTPCHECKERS"),
        .field("tcp", .list(of: .scalars("addr", "timeout", "interval", "threshold")), variable: "TCPCHECKERS"),
        .field("storagedriver", .scalars("enabled", "interval", "threshold")),
    ])

    private static let httpChecker = ConfigurationSchema.structure([
        .field("uri"),
        .field("headers", .mapping(known: [], others: texts)),
        .field("statuscode"),
        .field("timeout"),
        .field("interval"),
        .field("threshold"),
    ])

    private static let proxy = ConfigurationSchema.structure([
        .field("remoteurl"),
        .field("username"),
        .field("password"),
        .field("exec", .scalars("command", "lifetime")),
        .field("ttl"),
        .field("cachewritetimeout"),
    ])

    private static let validation = ConfigurationSchema.structure([
        .later("enabled"),
        .field("disabled"),
        .field(
            "manifests",
            .structure([
                .later("urls", .structure([.field("allow", texts), .field("deny", texts)])),
                .field(
                    "indexes",
                    .structure([
                        .field("platforms"), .later("platformlist", .list(of: .scalars("architecture", "os"))),
                    ])
                ),
            ])
        ),
    ])

    /// 2.8 only.
    private static let reporting = ConfigurationSchema.structure([
        .field("bugsnag", .scalars("apikey", "releasestage", "endpoint")),
        .field("newrelic", .scalars("licensekey", "name", "verbose")),
    ])

    /// 2.8 only.
    private static let compatibility = ConfigurationSchema.structure([
        .field("schema1", .structure([.field("signingkeyfile", variable: "TRUSTKEY"), .field("enabled")]))
    ])
}
