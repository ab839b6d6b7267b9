import Foundation
import Glibc
import ImageBuilder
import OCI
import Testing

extension EndToEndTests {
    @Suite(.enabled(if: Tool.areUsable(.openssl, .curl, .skopeo))) struct TLSTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        /// Makes `certificates/ca.crt`, which signs itself for 127.0.0.1, and its key.
        private func makeCertificate() async throws {
            try folder.write("", to: "certificates/.keep")
            try await Tool.openssl.run(
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=registry", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                    folder.path("key.pem"),
                    "-out", folder.path("certificates/ca.crt"),
                ], in: folder)
        }

        private func configuration() -> String {
            RegistryProcess.configuration(data: folder.path("data"))
                + "  tls: {certificate: \(folder.path("certificates/ca.crt")), key: \(folder.path("key.pem"))}\n"
        }

        @Test func clientsThatTrustTheCertificatePushAndPull() async throws {
            try await makeCertificate()
            try folder.write(configuration(), to: "config.yml")
            let image = try SampleImage.unpackable([SampleImage.noise(300_000, seed: 1)])
            try await RegistryProcess.serving([folder.path("config.yml")], in: folder) { registry in
                let skopeo = Skopeo(
                    folder: folder, address: registry.address, certificates: folder.path("certificates"))
                try await skopeo.push(image, as: "a/b:1")
                try await skopeo.expectPull(of: "a/b:1", is: image)

                let curl = Curl(folder: folder, origin: "https://\(registry.address)")
                let trust = ["--cacert", folder.path("certificates/ca.crt")]
                let layer = image.blobs[0]
                let whole = try await curl("GET", "/v2/a/b/blobs/\(layer.digest)", trust)
                #expect(whole.body == layer.bytes)
                let range = ["-H", "Range: bytes=5-100004"]
                let part = try await curl("GET", "/v2/a/b/blobs/\(layer.digest)", trust + range)
                #expect(part.body == Array(layer.bytes[5..<100_005]))
                let started = try await curl("POST", "/v2/a/b/blobs/uploads/", trust)
                #expect(started.headers["location"]?.hasPrefix("\(curl.origin)/v2/a/b/blobs/uploads/") == true)

                // Status 60: the certificate is not trusted.
                let stranger = try await Tool.curl.result(["-sS", "https://\(registry.address)/v2/"], in: folder)
                #expect(stranger.exit == .status(60))
            }
        }

        @Test func aRenewedCertificateIsServedAfterAHangup() async throws {
            try await makeCertificate()
            try folder.write(configuration(), to: "config.yml")
            try await RegistryProcess.serving([folder.path("config.yml")], in: folder) { registry in
                let curl = Curl(folder: folder, origin: "https://\(registry.address)")
                let trust = ["--cacert", folder.path("certificates/ca.crt")]
                let first = try await curl("GET", "/v2/", trust)
                #expect(first.status == 200)
                try await makeCertificate()
                registry.process.signal(SIGHUP)
                for await line in registry.process.errors.lines where line.contains("was read again") { break }
                // Only who trusts the new one gets here.
                let second = try await curl("GET", "/v2/", trust)
                #expect(second.status == 200)
                try folder.write("not PEM\n", to: "key.pem")
                registry.process.signal(SIGHUP)
                for await line in registry.process.errors.lines where line.contains("served so far goes on") { break }
                let third = try await curl("GET", "/v2/", trust)
                #expect(third.status == 200)
            }
        }

        @Test(arguments: ["certificates/ca.crt", "key.pem"])
        func aFileThatIsMissingIsNamedWithTheLineThatNamesIt(missing: String) async throws {
            try await makeCertificate()
            try folder.write(configuration(), to: "config.yml")
            try FileManager.default.removeItem(atPath: folder.path(missing))
            let result = try await BerthProgram.result(["serve", folder.path("config.yml")], in: folder)
            #expect(result.exit == .status(2))
            let key = missing == "key.pem" ? "key" : "certificate"
            let place = "\(folder.path("config.yml")):6: http.tls.\(key): \(folder.path(missing)) is not there"
            #expect(result.errors == "berth: \(place)\n")
        }

        @Test(arguments: ["certificates/ca.crt", "key.pem"])
        func aFileThatIsNoPEMIsNamed(broken: String) async throws {
            try await makeCertificate()
            try folder.write(configuration(), to: "config.yml")
            try folder.write("not PEM\n", to: broken)
            let result = try await BerthProgram.result(["serve", folder.path("config.yml")], in: folder)
            #expect(result.exit == .status(2))
            #expect(result.errors.split(separator: "\n").count == 1)
            #expect(result.errors.contains(folder.path(broken)))
        }
    }
}
