import Foundation
import Glibc
import ImageBuilder
import OCI
import PlainHTTP
import SeededRandom
import Testing

extension EndToEndTests {
    /// What screen 6 says of traffic and disk, against a client that counts what it does and the system's own figure.
    @Suite(.enabled(if: Tool.areUsable(.tmux))) struct ServerNumbersTests {
        /// A client that counts as a person would who reads over its shoulder.
        private struct Counted {
            let wire: PlainClient
            private(set) var (requests, errors, pushes, pulls) = (0, 0, 0, 0)
            private(set) var (bytesIn, bytesOut) = (0, 0)

            init(address: String) throws { wire = try PlainClient(address: address) }

            mutating func ask(
                _ method: String, _ target: String, _ headers: [String: String] = [:], body: [UInt8] = [],
                wants status: Int
            ) throws -> PlainClient.Answer {
                let answer = try wire(method, target, headers, body: body)
                #expect(answer.status == status, "\(method) \(target): \(answer.text)")
                requests += 1
                if status >= 400, method != "HEAD" { errors += 1 }
                return answer
            }

            mutating func push(_ image: SampleImage, as tag: String) throws {
                for blob in image.blobs {
                    _ = try ask("HEAD", "/v2/a/blobs/\(blob.digest)", wants: 404)
                    let place = try ask("POST", "/v2/a/blobs/uploads/", wants: 202).location ?? ""
                    _ = try ask(
                        "PUT", "\(place)\(place.contains("?") ? "&" : "?")digest=\(blob.digest)",
                        ["Content-Type": "application/octet-stream"], body: blob.bytes, wants: 201)
                    bytesIn += blob.bytes.count
                }
                _ = try ask(
                    "PUT", "/v2/a/manifests/\(tag)", ["Content-Type": "\(MediaType.ociManifest)"],
                    body: image.manifest.bytes, wants: 201)
                bytesIn += image.manifest.bytes.count
                pushes += 1
            }

            mutating func pull(_ tag: String, _ image: SampleImage) throws {
                bytesOut += try ask("GET", "/v2/a/manifests/\(tag)", wants: 200).body.count
                for blob in image.blobs {
                    bytesOut += try ask("GET", "/v2/a/blobs/\(blob.digest)", wants: 200).body.count
                }
                pulls += 1
            }
        }

        @Test func whatHasPassedAndWhatIsFree() async throws {
            var random = SeededGenerator()
            print("BERTH_SEED=\(random.seed)")
            let folder = try TemporaryFolder()
            let address = "127.0.0.1:\(try FreePort.take())"
            let terminal = try await Terminal(
                .init(columns: 120, rows: 40), ["--data", folder.path("data"), "--listen", address], in: folder)
            try await terminal.wait(for: "No images yet.")
            var client = try Counted(address: address)
            for number in 0..<Int.random(in: 2...4, using: &random) {
                let image = try SampleImage(
                    layers: [SampleImage.noise(Int.random(in: 5...60, using: &random), seed: UInt64(number))],
                    architecture: "arch\(number)")
                try client.push(image, as: "t\(number)")
                for _ in 0..<Int.random(in: 0...2, using: &random) { try client.pull("t\(number)", image) }
                for _ in 0..<Int.random(in: 0...2, using: &random) {
                    _ = try client.ask("GET", "/v2/a/manifests/none", wants: 404)
                }
            }
            try await terminal.press("6")
            let wanted = [
                "requests \(client.requests) ", "errors \(client.errors) ", "pushes   \(client.pushes) ",
                "pulls    \(client.pulls) ", "in  \(Self.size(client.bytesIn)) ", "out \(Self.size(client.bytesOut)) ",
            ]
            let screen = try await terminal.wait("\(wanted)") { screen in wanted.allSatisfy(screen.contains) }
            // As df(1) counts: of what is used and what this user may use.
            var disk = statvfs()
            #expect(statvfs(folder.path("data"), &disk) == 0)
            let used = Double(disk.f_blocks - disk.f_bfree)
            let percent = used / (used + Double(disk.f_bavail)) * 100
            let shown = try #require(screen.firstMatch(of: /disk +[^0-9│]*([0-9]+) %/)).1
            let figure = try #require(Double(shown))
            #expect(abs(figure - percent) <= 1.5, "\(percent)\n\(screen)")
            try await terminal.press("q")
            try await terminal.wait(for: "ended with status 0")
        }

        /// Three digits, as on every screen.
        private static func size(_ bytes: Int) -> String {
            guard bytes >= 1024 else { return "\(bytes) B" }
            let kibibytes = Double(bytes) / 1024
            return String(format: kibibytes < 9.995 ? "%.2f KiB" : "%.1f KiB", kibibytes)
        }
    }
}
