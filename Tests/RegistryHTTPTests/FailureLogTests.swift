import Foundation
import Glibc
import ImageBuilder
import OCI
import Patience
import RegistryCore
import RegistryHTTP
import RegistryStorage
import StorageProbes
import Testing

/// The cause of every answer of 500 and above is a line in the log, with who asked for what; what a client got wrong is none.
@Suite(.timeLimit(.minutes(2))) struct FailureLogTests {
    struct Request: Sendable, CustomTestStringConvertible {
        var method: String
        var target: String
        var body: [UInt8]?
        var testDescription: String { "\(method) \(target)" }

        init(_ method: String, _ target: String, _ body: [UInt8]? = nil) {
            (self.method, self.target, self.body) = (method, target, body)
        }
    }

    static let requests = [
        Request("GET", "/v2/team/app/manifests/v1"), Request("HEAD", "/v2/team/app/manifests/{manifest}"),
        Request("GET", "/v2/team/app/blobs/{small}"), Request("HEAD", "/v2/team/app/blobs/{small}"),
        Request("POST", "/v2/team/app/blobs/uploads/"),
        Request("POST", "/v2/team/app/blobs/uploads/?digest={small}", [1]),
        Request("POST", "/v2/team/app/blobs/uploads/?mount={spare-layer}&from=spare"),
        Request("PUT", "/v2/team/app/manifests/v3", Array(#"{"schemaVersion":2,"manifests":[]}"#.utf8)),
        Request("DELETE", "/v2/team/app/manifests/v1"), Request("DELETE", "/v2/team/app/manifests/{manifest}"),
        Request("DELETE", "/v2/team/app/blobs/{small}"),
        Request("GET", "/v2/team/app/referrers/{manifest}"),
    ]

    @Test(arguments: requests, [EIO, ENOSPC, EMFILE]) func namesTheCause(request: Request, code: CInt) async throws {
        let (log, storage, cargo) = (RecordedLog(), FaultyDriver(), try Cargo.shared.get())
        try await cargo.load(into: try await Registry.sample(storage))
        try await Harbour.open(.memory, storage: storage, server: { $0.logger = log.logger }) { harbour in
            storage.fail(with: code) { $0.path.text.hasPrefix("docker/") }
            let target = cargo.resolve(request.target)
            let answer = try await harbour.exchange(
                request.method, "\(target)", [("User-Agent", "probe/1")], body: request.body)
            #expect(answer.status == (code == ENOSPC ? 507 : 500))
            #expect(log.lines.count == 1)
            let line = try #require(log.lines.first)
            #expect(line.level == "error")
            #expect(line.metadata["method"] == request.method)
            #expect(line.metadata["path"] == target)
            #expect(line.metadata["status"] == "\(answer.status)")
            #expect(line.metadata["agent"] == "probe/1")
            #expect(line.metadata["client"]?.hasPrefix("127.0.0.1:") == true)
            let cause = try #require(line.metadata["error"])
            #expect(cause.contains("docker/registry/v2") && cause.contains(String(cString: strerror(code))), "\(cause)")
        }
    }

    @Test func whatTheClientGotWrongIsNoFailureOfOurs() async throws {
        let (log, cargo) = (RecordedLog(), try Cargo.shared.get())
        try await Harbour.open(.memory, server: { $0.logger = log.logger }) { harbour in
            try await cargo.load(into: harbour.registry)
            for (method, target) in [
                ("GET", "/v2/team/app/manifests/nope"), ("GET", "/v2/A/tags/list"),
                ("PUT", "/v2/team/app/manifests/v1"),
                ("POST", "/v2/team/app/blobs/uploads/?digest=x"), ("PATCH", "/v2/"), ("GET", "/v2/_catalog?n=-1"),
            ] {
                let status = try await harbour.exchange(method, target).status
                #expect((400..<500).contains(status), "\(method) \(target)")
            }
        }
        #expect(log.lines.isEmpty)
    }

    /// The head has gone out with a 200; the log says why the rest has not.
    @Test func saysWhyAnAnswerWasCutOff() async throws {
        let log = RecordedLog()
        try await Harbour.open(.fileSystemOverTLS, server: { $0.logger = log.logger }) { harbour in
            let name = try RepositoryName("team/app")
            let blob = SampleImage.Blob([UInt8](repeating: 7, count: 64 << 20))
            try await harbour.registry.push(blob: blob, to: name)
            let client = try await harbour.connect(reading: .onDemand)
            let target = "/v2/\(name)/blobs/\(blob.digest)"
            try await client.send(client.head("GET", target))
            try await until { harbour.registry.transfers.count == 1 }
            let root = try #require(harbour.root)
            #expect(truncate("\(root)/\(Layout.blobData(blob.digest))", 1 << 20) == 0)
            while await client.receive() != nil {}
            let line = try #require(log.lines.first)
            #expect(line.message == "an answer was cut off")
            #expect(line.metadata["path"] == target)
            #expect(line.metadata["error"]?.contains("the blob's file ends before byte") == true)
        }
    }
}
