import Foundation
import ImageBuilder
import RegistryCore
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

    @Test func aServerWithBadFilesDoesNotListen() async throws {
        var settings = RegistryServer.Configuration(address: .tcp(host: "127.0.0.1", port: 0))
        settings.tls = TLSFiles(certificate: "/nowhere.pem", key: "/nowhere.pem")
        let server = RegistryServer(
            registry: try await Registry.sample(), configuration: settings, executor: Harbour.executor)
        await #expect(throws: ServerError.self) { try await server.start() }
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
