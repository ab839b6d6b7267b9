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
    /// Names of ``cipherSuites`` below TLS 1.3, whose own cannot be chosen; empty for those that are good today.
    package var ciphers: [String] = []
    /// Offered beside HTTP/1.1.
    package var offersHTTP2 = true

    package init(certificate: String, key: String, clientAuthorities: [String] = [], minimum: Version = .tls12) {
        self.certificate = certificate
        self.key = key
        self.clientAuthorities = clientAuthorities
        self.minimum = minimum
    }

    /// Every file that is read.
    var paths: [String] { [certificate, key] + clientAuthorities }

    /// Throws what is wrong with the files, before anything listens.
    package func check() throws(ServerError) { _ = try context() }

    /// Reads the files. Waits for the disk.
    func context() throws(ServerError) -> NIOSSLContext {
        let chain = try certificates(certificate)
        let key = try privateKey()
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = minimum == .tls13 ? .tlsv13 : .tlsv12
        configuration.applicationProtocols = offersHTTP2 ? ["h2", "http/1.1"] : ["http/1.1"]
        if !ciphers.isEmpty {
            let chosen = ciphers.compactMap { Self.cipherSuites[$0] }
            if chosen.isEmpty {
                configuration.minimumTLSVersion = .tlsv13
            } else {
                configuration.cipherSuiteValues = chosen
            }
        }
        if !clientAuthorities.isEmpty {
            var roots: [NIOSSLCertificate] = []
            for file in clientAuthorities { roots += try certificates(file) }
            configuration.trustRoots = .certificates(roots)
            configuration.certificateVerification = isClientOptional ? .optionalVerification : .noHostnameVerification
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            // The key was read: what NIOSSL could not load is its fit to the certificate.
            guard let error = error as? NIOSSLError, error == .failedToLoadPrivateKey else {
                throw .tls(file: certificate, reason: "cannot be used: \(error)")
            }
            throw .tls(file: self.key, reason: "is not the key of the certificate in \(certificate)")
        }
    }
}
