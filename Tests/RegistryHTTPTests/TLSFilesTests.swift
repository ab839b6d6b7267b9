import RegistryHTTP
import Testing

/// Certificates that cannot be used are said so before anything listens.
@Suite struct TLSFilesTests {
    @Test func aCertificateAndItsKeyAreFine() throws {
        try Certificate.files.get().check()
    }

    @Test(arguments: [true, false]) func aFileThatIsMissingIsNamed(isKey: Bool) throws {
        var files = try Certificate.files.get()
        if isKey { files.key += ".not" } else { files.certificate += ".not" }
        try expectRefusal(files, naming: isKey ? files.key : files.certificate)
    }

    /// The key's file where the certificate should be, and the other way round.
    @Test func aFileOfTheWrongKindIsNamed() throws {
        let good = try Certificate.files.get()
        try expectRefusal(TLSFiles(certificate: good.key, key: good.key), naming: good.key)
        try expectRefusal(TLSFiles(certificate: good.certificate, key: good.certificate), naming: good.certificate)
    }

    @Test func theKeyOfAnotherCertificateIsNamed() throws {
        let (good, other) = (try Certificate.files.get(), try Certificate.make())
        try expectRefusal(TLSFiles(certificate: good.certificate, key: other.key), naming: other.key)
    }

    @Test func aFileThatIsEmptyOrADirectoryIsNamed() throws {
        let good = try Certificate.files.get()
        try expectRefusal(TLSFiles(certificate: good.certificate, key: "/dev/null"), naming: "/dev/null")
        try expectRefusal(TLSFiles(certificate: "/tmp", key: good.key), naming: "/tmp")
    }

    @Test func cipherSuitesAreThoseThatWereNamed() async throws {
        var files = try Certificate.files.get()
        files.ciphers = ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"]
        let certificates = try TLSCertificates(files)
        try await Harbour.open(.fileSystemOverTLS, server: { $0.tls = certificates }) { harbour in
            let answer = try await harbour.exchange("GET", "/v2/")
            #expect(answer.status == 200)
        }
        // Of TLS 1.3 none can be chosen, and below it none was named.
        files.ciphers = ["TLS_AES_128_GCM_SHA256"]
        try files.check()
        #expect(!TLSFiles.knows(cipher: "TLS_RSA_WITH_RC4_128_SHA"))
    }

    private func expectRefusal(_ files: TLSFiles, naming file: String) throws {
        let error = #expect(throws: ServerError.self) { try files.check() }
        guard case .tls(file, _) = error else {
            Issue.record("\(String(describing: error)) does not name \(file)")
            return
        }
    }

    @Test func aPlainRequestToATLSPortIsNotServed() async throws {
        try await Harbour.open(.fileSystemOverTLS) { harbour in
            let client = try await WireClient.connect(harbour.address)
            try await client.send(client.head("GET", "/v2/"))
            await #expect(throws: (any Error).self) { try await client.answer() }
            #expect(try await harbour.exchange("GET", "/v2/").status == 200)
        }
    }
}
