import Foundation
import Glibc
import OCI
import Testing

extension EndToEndTests {
    /// Memory does not grow with the size of a blob.
    @Suite(.enabled(if: Tool.areUsable(.curl))) struct LargeBlobTests {
        /// Above idle, for any size.
        private static let kibibytesMax = 64 * 1024

        static let mebibytes = ProcessInfo.processInfo.environment["BERTH_LONG_TESTS"] == nil ? [256] : [256, 2048]

        @Test(arguments: Self.mebibytes)
        func aLargeBlobGoesThroughLittleMemory(mebibytes: Int) async throws {
            let folder = try TemporaryFolder()
            let digest = try Self.write(mebibytes: mebibytes, to: folder.path("large"))
            try await RegistryProcess.serving(data: "data", in: folder) { registry in
                let curl = Curl(folder: folder, origin: "http://\(registry.address)")
                #expect(try await curl("GET", "/v2/").status == 200)
                let idle = try Self.memory(registry, "VmRSS")
                let pushed = try await curl.push(file: folder.path("large"), to: "a", as: "\(digest)")
                #expect(pushed.status == 201)
                try FileManager.default.removeItem(atPath: folder.path("large"))
                let pulled = try await curl(
                    "GET", "/v2/a/blobs/\(digest)", ["-o", folder.path("pulled")], within: .seconds(600))
                #expect(pulled.status == 200)
                let peak = try Self.memory(registry, "VmHWM")
                #expect(peak - idle < Self.kibibytesMax, "idle \(idle) KiB, peak \(peak) KiB")
                #expect(try Self.digest(ofFile: folder.path("pulled")) == digest)
            }
        }

        /// A field of `/proc/PID/status`, in KiB.
        private static func memory(_ registry: RegistryProcess, _ field: String) throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(registry.process.id)/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("\(field):") })
            return try #require(line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) })
        }

        /// Every mebibyte begins with its number, so that none can stand in for another.
        private static func write(mebibytes: Int, to path: String) throws -> Digest {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            defer { try? file.close() }
            var digester = Digester()
            var chunk = Data(count: 1 << 20)
            for number in 0..<mebibytes {
                withUnsafeBytes(of: number) { chunk.replaceSubrange(0..<$0.count, with: $0) }
                chunk.withUnsafeBytes { digester.update($0) }
                try file.write(contentsOf: chunk)
            }
            return digester.finalize()
        }

        private static func digest(ofFile path: String) throws -> Digest {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            var digester = Digester()
            while let chunk = try file.read(upToCount: 1 << 20), !chunk.isEmpty {
                chunk.withUnsafeBytes { digester.update($0) }
            }
            return digester.finalize()
        }
    }
}
