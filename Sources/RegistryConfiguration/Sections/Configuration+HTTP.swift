extension Configuration {
    /// Where and how the registry listens: the section `http`.
    package struct HTTP: Equatable, Sendable {
        /// `host:port`, `:port` for all interfaces, or the path of the socket where ``net`` is `unix`.
        /// The default is the port of the stock image's file; distribution itself has none.
        package var addr = ":5000"
        package var net = Network.tcp
        /// The URL that `Location` headers start with; nil takes it from the request.
        package var host: PlacedText?
        /// The path under which `/v2/` is found, with a slash before it and none behind; empty at the root.
        package var prefix = ""
        /// Addresses and networks that are believed when they say how a client came: `trustedproxies`, which is Berth's own.
        /// Nil without the key: whoever connects, as in distribution. An empty list believes nobody.
        package var trustedProxies: [PlacedText]?
        /// Offered under TLS.
        package var http2Enabled = true
        /// HTTP/2 without TLS, to clients that begin with it.
        package var h2cEnabled = false
        /// Signs the state of uploads; replicas behind one balancer need the same. nil: make one up at start.
        package var secret: String?
        /// Whether `Location` headers leave out scheme and host.
        package var relativeURLs = false
        /// How long SIGTERM waits for requests in flight; zero does not wait (§3.2, CLI).
        package var drainTimeout = Duration.zero
        /// Headers added to every response, spelt as configured.
        package var headers: [String: [String]] = [:]
        /// nil: plain HTTP.
        package var tls: TLS?
        /// nil: no metrics and no health.
        package var debug: Debug?

        package enum Network: String, CaseIterable, Sendable {
            case tcp, unix
        }

        package init() {}

        init(_ http: ConfigurationReader) throws(ConfigurationError) {
            addr = try http.field("addr").nonEmptyText() ?? addr
            net = try http.field("net").word(Network.self) ?? net
            host = try PlacedText(http.field("host"))
            prefix = try Self.prefix(http.field("prefix"))
            let proxies = try http.field("trustedproxies")
            trustedProxies = proxies.isPresent ? try proxies.placedTexts() : nil
            http2Enabled = try !(http.field("http2").field("disabled").flag() ?? !http2Enabled)
            h2cEnabled = try http.field("h2c").field("enabled").flag() ?? h2cEnabled
            secret = try http.field("secret").nonEmptyText()
            relativeURLs = try http.field("relativeurls").flag() ?? relativeURLs
            drainTimeout = try http.field("draintimeout").duration() ?? drainTimeout
            for header in try http.field("headers").entries() {
                headers[header.key] = try Self.header(header.key, header.value)
            }
            tls = try TLS(http.field("tls"))
            debug = try Debug(http.field("debug"))
        }

        /// Every value of a header. What cannot stand in one would keep every answer from being sent, and what says where an
        /// answer ends is not for a file to say.
        private static func header(
            _ name: String, _ values: ConfigurationReader
        ) throws(ConfigurationError) -> [String] {
            guard !name.isEmpty, name.utf8.allSatisfy({ nameBytes.contains($0) }),
                !["content-length", "transfer-encoding"].contains(name.lowercased())
            else { throw values.invalid(expected: "below the name of a header that an answer may be given") }
            for value in try values.elements() {
                guard let text = try value.text(), text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
                    continue
                }
                throw value.invalid(expected: "text in one line")
            }
            return try values.texts()
        }

        /// What a header's name is made of (RFC 9110 §5.6.2).
        private static let nameBytes = Set(
            "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

        private static func prefix(_ field: ConfigurationReader) throws(ConfigurationError) -> String {
            let path = (try field.nonEmptyText() ?? "").split(separator: "/").map { "/\($0)" }.joined()
            guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"?#%".utf8.contains($0) }) else {
                throw field.invalid(expected: "a path such as /registry/")
            }
            return path
        }
    }

    /// The section `http.debug`: a second listener, for those who watch the registry.
    package struct Debug: Equatable, Sendable {
        /// Where it listens: a host and a port.
        package let address: PlacedText
        /// Where the metrics are; nil serves none, as without `prometheus.enabled` in distribution.
        package let metricsPath: String?

        package init(address: PlacedText, metricsPath: String?) {
            (self.address, self.metricsPath) = (address, metricsPath)
        }

        /// nil where no address is named.
        init?(_ debug: ConfigurationReader) throws(ConfigurationError) {
            guard let address = try PlacedText(debug.field("addr")) else { return nil }
            self.address = address
            let prometheus = try debug.field("prometheus")
            guard try prometheus.field("enabled").flag() ?? false else {
                metricsPath = nil
                return
            }
            let path = try prometheus.field("path").nonEmptyText() ?? "/metrics"
            metricsPath = path.hasPrefix("/") ? path : "/\(path)"
        }
    }

    /// The section `http.tls`.
    package struct TLS: Equatable, Sendable {
        /// Path of the PEM file that holds the certificate, the intermediates after it.
        package var certificate: PlacedText
        /// Path of the PEM file that holds the private key.
        package var key: PlacedText
        /// Paths of PEM files; a client's certificate must be signed by one of theirs. Empty: none is asked for.
        package var clientCAs: [PlacedText] = []
        /// What is asked of a client; means something only where ``clientCAs`` is not empty.
        package var clientAuth = ClientAuthentication.requireAndVerify
        package var minimumTLS = Version.tls12
        /// Go's names of cipher suites; empty is the default set.
        package var cipherSuites: [PlacedText] = []

        package enum Version: String, CaseIterable, Sendable {
            /// Known to 2.8 only.
            case tls10 = "tls1.0"
            /// Known to 2.8 only.
            case tls11 = "tls1.1"
            case tls12 = "tls1.2"
            case tls13 = "tls1.3"
        }

        package enum ClientAuthentication: String, CaseIterable, Sendable {
            case request = "request-client-cert"
            case requireAny = "require-any-client-cert"
            case verifyIfGiven = "verify-client-cert-if-given"
            case requireAndVerify = "require-and-verify-client-cert"
        }

        package init(certificate: PlacedText, key: PlacedText) {
            self.certificate = certificate
            self.key = key
        }

        /// nil where neither a certificate nor a key is named: as in distribution that is plain HTTP, whatever else
        /// the section says. One without the other is an error, since plain HTTP is not what was meant.
        init?(_ tls: ConfigurationReader) throws(ConfigurationError) {
            let certificate = try tls.field("certificate")
            let key = try tls.field("key")
            minimumTLS = try tls.field("minimumtls").word(Version.self) ?? minimumTLS
            clientAuth = try tls.field("clientauth").word(ClientAuthentication.self) ?? clientAuth
            clientCAs = try tls.field("clientcas").placedTexts()
            cipherSuites = try tls.field("ciphersuites").placedTexts()
            switch (try PlacedText(certificate), try PlacedText(key)) {
            case (nil, nil):
                let cache = try tls.field("letsencrypt").field("cachefile")
                if try cache.nonEmptyText() != nil { throw .certificatesNotObtained(origin: cache.origin) }
                if !clientCAs.isEmpty { throw try Self.clientsNotAsked(tls.field("clientcas")) }
                return nil
            case (_?, nil):
                throw .missingCounterpart(origin: certificate.origin, path: certificate.path, missing: key.path)
            case (nil, _?):
                throw .missingCounterpart(origin: key.origin, path: key.path, missing: certificate.path)
            case (let certificateFile?, let keyFile?):
                self.certificate = certificateFile
                self.key = keyFile
            }
            try checkClients(tls.field("clientauth"))
        }

        private static func clientsNotAsked(_ authorities: ConfigurationReader) -> ConfigurationError {
            .notEnforced(
                origin: authorities.origin, path: authorities.path,
                reason:
                    "asks clients for certificates, which needs TLS, so everybody would be let in over plain HTTP; set"
                    + " http.tls.certificate and http.tls.key")
        }

        /// Who must bring a certificate must not be let in without.
        private func checkClients(_ field: ConfigurationReader) throws(ConfigurationError) {
            switch (clientAuth, clientCAs.isEmpty) {
            case (.requireAndVerify, false), (.verifyIfGiven, _), (.request, true): return
            // Where nobody says anything.
            case (.requireAndVerify, true) where !field.isPresent: return
            case (.requireAndVerify, true), (.requireAny, true):
                throw .notEnforced(
                    origin: field.origin, path: field.path,
                    reason:
                        "asks for certificates and http.tls.clientcas names nobody who signs them, so everybody would"
                        + " be let in; set http.tls.clientcas")
            case (.request, false), (.requireAny, false):
                throw .notEnforced(
                    origin: field.origin, path: field.path,
                    reason: "takes certificates that nobody signed; use require-and-verify-client-cert or"
                        + " verify-client-cert-if-given")
            }
        }
    }
}
