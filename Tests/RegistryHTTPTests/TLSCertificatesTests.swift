import Foundation
import RegistryHTTP
import Testing

/// Certificates that are renewed while they are in use.
@Suite struct TLSCertificatesTests {
    private static func replace(_ file: String, with other: String) throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: other))
        try bytes.write(to: URL(fileURLWithPath: file), options: .atomic)
    }

    @Test func whatDidNotChangeIsNotReadAgainUnlessSomebodyAsks() throws {
        let certificates = try TLSCertificates(Certificate.make())
        #expect(certificates.reload(always: false) == .unchanged)
        #expect(certificates.reload(always: true) == .renewed)
    }

    @Test func aRenewedCertificateIsForTheNextConnection() async throws {
        let (files, other) = (try Certificate.make(), try Certificate.make())
        let certificates = try TLSCertificates(files)
        try await Harbour.open(.fileSystemOverTLS, server: { $0.tls = certificates }) { harbour in
            let open = try await harbour.connect()
            #expect(try await open.exchange("GET", "/v2/").status == 200)
            try Self.replace(files.certificate, with: other.certificate)
            try Self.replace(files.key, with: other.key)
            #expect(certificates.reload(always: false) == .renewed)
            #expect(certificates.reload(always: false) == .unchanged)
            #expect(try await open.exchange("GET", "/v2/").status == 200)
            await open.close()
            #expect(try await harbour.exchange("GET", "/v2/").status == 200)
        }
    }

    /// The first look may fall between the two files.
    @Test func whatCannotBeUsedIsToldAtTheSecondLookAndOnce() async throws {
        let (files, other) = (try Certificate.make(), try Certificate.make())
        let certificates = try TLSCertificates(files)
        try Self.replace(files.certificate, with: other.certificate)
        #expect(certificates.reload(always: false) == .unchanged)
        let reason = "is not the key of the certificate in \(files.certificate)"
        #expect(certificates.reload(always: false) == .unusable(.tls(file: files.key, reason: reason)))
        #expect(certificates.reload(always: false) == .unchanged)
        #expect(certificates.reload(always: true) == .unusable(.tls(file: files.key, reason: reason)))
        try await Harbour.open(.fileSystemOverTLS, server: { $0.tls = certificates }) { harbour in
            let answer = try await harbour.exchange("GET", "/v2/")
            #expect(answer.status == 200)
        }
        try Self.replace(files.key, with: other.key)
        #expect(certificates.reload(always: false) == .renewed)
    }

    @Test func aFileThatGoesKeepsWhatServed() throws {
        let files = try Certificate.make()
        let certificates = try TLSCertificates(files)
        try FileManager.default.removeItem(atPath: files.key)
        #expect(certificates.reload(always: true) == .unusable(.tls(file: files.key, reason: "is not there")))
    }
}
