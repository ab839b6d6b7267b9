import NIOSSL

/// The certificate and key to serve TLS with, as files in PEM.
package struct TLSFiles: Sendable {
    package enum Version: Sendable {
        case tls12, tls13
    }

    /// The chain, the server's own certificate first.
    package var certificate: String
    package var key: String
    /// Authorities that must have signed a client's certificate; none asks clients for no certificate.
    package var clientAuthorities: [String]
    /// A client may come without a certificate; one that brings it must have it signed.
    package var isClientOptional = false
    package var minimum: Version

    package init(certificate: String, key: String, clientAuthorities: [String] = [], minimum: Version = .tls12) {
        self.certificate = certificate
        self.key = key
        self.clientAuthorities = clientAuthorities
        self.minimum = minimum
    }

    /// Throws what is wrong with the files, before anything listens.
    package func check() throws(ServerError) { _ = try context(offersHTTP2: true) }

    func context(offersHTTP2: Bool) throws(ServerError) -> NIOSSLContext {
        let chain = try read(certificate) { try NIOSSLCertificate.fromPEMFile(certificate) }
        let key = try read(key) { try NIOSSLPrivateKey(file: self.key, format: .pem) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = minimum == .tls13 ? .tlsv13 : .tlsv12
        configuration.applicationProtocols = offersHTTP2 ? ["h2", "http/1.1"] : ["http/1.1"]
        if !clientAuthorities.isEmpty {
            var roots: [NIOSSLCertificate] = []
            for file in clientAuthorities { roots += try read(file) { try NIOSSLCertificate.fromPEMFile(file) } }
            configuration.trustRoots = .certificates(roots)
            configuration.certificateVerification = isClientOptional ? .optionalVerification : .noHostnameVerification
        }
        let final = configuration
        return try read(certificate) { try NIOSSLContext(configuration: final) }
    }

    private func read<T>(_ file: String, _ load: () throws -> T) throws(ServerError) -> T {
        do { return try load() } catch { throw .tls(file: file, reason: "\(error)") }
    }
}
