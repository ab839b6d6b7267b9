import Logging
import RegistryConfiguration
import RegistryCore
import RegistryHTTP

/// What the configuration says of the wire, as the server takes it.
extension Assembly {
    /// Open files that connections leave to everything else: the index, logs, event loops.
    private static let filesReserved = 128

    /// - Throws: `ConfigurationError` for what means nothing, `ServerError` for an address, `Refusal` for the files of TLS.
    static func server(
        _ configuration: Configuration, _ accessLog: (@Sendable (AccessRecord) -> Void)?, _ logger: Logger
    ) throws -> RegistryServer.Configuration {
        let http = configuration.http
        let address = try http.net == .unix ? ListenAddress.unix(path: http.addr) : ListenAddress(http.addr)
        var server = RegistryServer.Configuration(
            address: address, decision: Everybody(), secret: http.secret ?? "")
        server.addressing = try Addressing(http)
        server.limits = ConnectionLimits(configuration.limits)
        // A connection may hold a file beside itself, and the rest of the program needs some too.
        let connections = max(1, (OpenFiles.raise() - filesReserved) / 2)
        server.limits.connectionsMax = min(server.limits.connectionsMax, connections)
        server.limits.streamFilesMax = min(server.limits.streamFilesMax, connections)
        server.http2WithoutTLSEnabled = http.h2cEnabled
        server.headers = http.headers.sorted { $0.key < $1.key }.flatMap { name, values in values.map { (name, $0) } }
        server.accessLog = accessLog
        server.logger = logger
        server.memoryFreed = FreedMemory.giveBack
        server.tls = try http.tls.map { try certificates($0, offersHTTP2: http.http2Enabled) }
        return server
    }

    /// Where `http.debug` listens, and where its metrics are; nil where it does not.
    static func debug(
        _ http: Configuration.HTTP
    ) throws(ConfigurationError) -> (address: ListenAddress, metricsPath: String?)? {
        guard let debug = http.debug else { return nil }
        let address = try debug.address.meant(as: "an address such as localhost:5001 or :5001") {
            try? ListenAddress($0)
        }
        return (address, debug.metricsPath)
    }

    private static func certificates(_ tls: Configuration.TLS, offersHTTP2: Bool) throws -> TLSCertificates {
        var files = TLSFiles(
            certificate: tls.certificate.text, key: tls.key.text, clientAuthorities: tls.clientCAs.map(\.text))
        files.minimum = tls.minimumTLS == .tls13 ? .tls13 : .tls12
        files.ciphers = try tls.ciphers
        files.offersHTTP2 = offersHTTP2
        files.isClientOptional = tls.clientAuth == .verifyIfGiven
        do throws(ServerError) {
            return try TLSCertificates(files)
        } catch {
            guard case .tls(let file, let reason) = error else { throw error }
            let place = ([tls.certificate, tls.key] + tls.clientCAs).first { $0.text == file }?.place ?? ""
            throw Refusal("\(place): \(file) \(reason)")
        }
    }
}

extension Configuration.TLS {
    /// The names of the cipher suites, all of them known.
    var ciphers: [String] {
        get throws(ConfigurationError) {
            var names: [String] = []
            for suite in cipherSuites {
                names.append(
                    try suite.meant(as: "a cipher suite such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256") {
                        TLSFiles.knows(cipher: $0) ? $0 : nil
                    })
            }
            return names
        }
    }
}

extension Addressing {
    /// How clients come to the registry, and who may say so.
    init(_ http: Configuration.HTTP) throws(ConfigurationError) {
        self.init()
        isRelative = http.relativeURLs
        prefix = http.prefix
        publicURL = try http.host?.meant(as: "a URL such as https://registry.example.com") { PublicURL($0) }
        guard let proxies = http.trustedProxies else { return }
        var networks: [IPNetwork] = []
        for proxy in proxies {
            networks.append(try proxy.meant(as: "an address or a network such as 10.0.0.0/8") { IPNetwork($0) })
        }
        trustedProxies = .networks(networks)
    }
}

extension ConnectionLimits {
    /// The usual limits with those of the configuration over them.
    init(_ limits: Configuration.Limits) {
        self.init()
        headerBytesMax = limits.headerBytesMax ?? headerBytesMax
        headersMax = limits.headersMax ?? headersMax
        headSecondsMax = limits.headSecondsMax ?? headSecondsMax
        bodySecondsMax = limits.bodySecondsMax ?? bodySecondsMax
        answerSecondsMax = limits.answerSecondsMax ?? answerSecondsMax
        idleSecondsMax = limits.idleSecondsMax ?? idleSecondsMax
        connectionsMax = limits.connectionsMax ?? connectionsMax
        streamsPerConnectionMax = limits.streamsPerConnectionMax ?? streamsPerConnectionMax
        rangesMax = limits.rangesMax ?? rangesMax
        referrersMax = limits.referrersMax ?? referrersMax
        memoryBytesMax = limits.memoryBytesMax ?? memoryBytesMax
        catalogEntriesMax = limits.catalogEntriesMax ?? catalogEntriesMax
        tagsMax = limits.tagsMax ?? tagsMax
    }
}
