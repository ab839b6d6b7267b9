import ImageBuilder
import OCI
import Patience
import RegistryCore
import RegistryHTTP
import RegistryStorage
import Testing

/// Starting and stopping.
@Suite(.timeLimit(.minutes(1))) struct ServerLifecycleTests {
    private let blob = SampleImage.Blob([UInt8](repeating: 5, count: 24 << 20))

    /// Why it does not start; nil when it does.
    private func refusal(_ server: RegistryServer) async -> ServerError? {
        do throws(ServerError) {
            _ = try await server.start()
            return nil
        } catch {
            return error
        }
    }

    @Test func anAddressInUseIsSaidSo() async throws {
        try await Harbour.open(.memory) { harbour in
            let second = RegistryServer(
                registry: harbour.registry, configuration: .init(address: harbour.address, decision: Everybody()),
                executor: Harbour.executor)
            #expect(await refusal(second) == .addressInUse("\(harbour.address)"))
            let answer = try await harbour.exchange("GET", "/v2/")
            #expect(answer.status == 200)
        }
    }

    @Test func anAddressOfAnotherMachineCannotBeListenedOn() async throws {
        let registry = try await Registry.sample()
        let server = RegistryServer(
            registry: registry, configuration: .init(address: .tcp(host: "192.0.2.1", port: 0), decision: Everybody()),
            executor: Harbour.executor)
        let error = await refusal(server)
        guard case .cannotListen("192.0.2.1:0", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// As a person does it: stop, refused; start, served; on the same port.
    @Test(arguments: Medium.allCases) func aServerIsStoppedAndStartedAgain(medium: Medium) async throws {
        try await Harbour.open(medium) { harbour in
            #expect(try await harbour.exchange("GET", "/v2/").status == 200)
            await harbour.server.stop(drainingFor: 5)
            await #expect(throws: (any Error).self) { try await harbour.connect() }
            var settings = RegistryServer.Configuration(address: harbour.address, decision: Everybody())
            if medium.isTLS { settings.tls = try TLSCertificates(Certificate.files.get()) }
            let again = RegistryServer(registry: harbour.registry, configuration: settings, executor: Harbour.executor)
            for _ in 0..<3 {
                #expect(try await again.start() == harbour.address)
                #expect(try await harbour.exchange("GET", "/v2/").status == 200)
                await again.stop(drainingFor: 5)
                await #expect(throws: (any Error).self) { try await harbour.connect() }
            }
        }
    }

    /// A download goes on to its end, new connections are refused meanwhile, idle ones are closed at once.
    @Test(arguments: Medium.allCases) func aStopLetsADownloadEnd(medium: Medium) async throws {
        try await Harbour.open(medium) { harbour in
            try await harbour.registry.push(blob: blob, to: try RepositoryName("a"))
            let idle = try await harbour.connect()
            #expect(try await idle.exchange("GET", "/v2/").status == 200)
            let client = try await harbour.connect(reading: .onDemand)
            try await client.send(client.head("GET", "/v2/a/blobs/\(blob.digest)"))
            let head = try await client.receiveHead()
            #expect(head.status == 200)

            async let stopped: Void = harbour.server.stop(drainingFor: 60)
            #expect(await idle.isClosedByServer())
            await #expect(throws: (any Error).self) { try await harbour.connect() }
            #expect(harbour.registry.transfers.count == 1)
            #expect(try await client.receive(24 << 20) == blob.bytes)
            #expect(await client.isClosedByServer())
            await stopped
            #expect(harbour.server.connectionCount == 0)
        }
    }

    /// An upload too: its answer comes.
    @Test(arguments: Medium.allCases) func aStopLetsAnUploadEnd(medium: Medium) async throws {
        try await Harbour.open(medium) { harbour in
            let idle = try await harbour.connect()
            #expect(try await idle.exchange("GET", "/v2/").status == 200)
            let client = try await harbour.connect()
            try await client.send(client.head("POST", "/v2/a/blobs/uploads/?digest=\(blob.digest)", length: 24 << 20))
            try await until { harbour.registry.transfers.count == 1 }
            async let stopped: Void = harbour.server.stop(drainingFor: 60)
            #expect(await idle.isClosedByServer())
            client.sendLater(blob.bytes)
            #expect(try await client.answer().status == 201)
            #expect(await client.isClosedByServer())
            await stopped
        }
    }

    /// What does not end in its time is cut off.
    @Test(arguments: Medium.allCases) func aStopCutsOffWhatTakesTooLong(medium: Medium) async throws {
        try await Harbour.open(medium) { harbour in
            try await harbour.registry.push(blob: blob, to: try RepositoryName("a"))
            let client = try await harbour.connect(reading: .onDemand)
            try await client.send(client.head("GET", "/v2/a/blobs/\(blob.digest)"))
            #expect(try await client.receiveHead().status == 200)
            await harbour.server.stop(drainingFor: 0.05)
            #expect(harbour.server.connectionCount == 0)
            try await until { harbour.registry.transfers.count == 0 }
            await #expect(throws: WireClient.Closed.self) { try await client.receive(24 << 20) }
        }
    }

    /// A person presses the key again: both calls return.
    @Test func aStopWhileStoppingIsTheSameStop() async throws {
        try await Harbour.open(.fileSystem) { harbour in
            try await harbour.registry.push(blob: blob, to: try RepositoryName("a"))
            let idle = try await harbour.connect()
            #expect(try await idle.exchange("GET", "/v2/").status == 200)
            let client = try await harbour.connect(reading: .onDemand)
            try await client.send(client.head("GET", "/v2/a/blobs/\(blob.digest)"))
            #expect(try await client.receiveHead().status == 200)
            async let first: Void = harbour.server.stop(drainingFor: 60)
            #expect(await idle.isClosedByServer())
            async let second: Void = harbour.server.stop(drainingFor: 60)
            #expect(try await client.receive(24 << 20) == blob.bytes)
            await first
            await second
            #expect(harbour.server.connectionCount == 0)
        }
    }

    @Test func aServerThatWasNeverStartedIsStopped() async throws {
        let server = RegistryServer(
            registry: try await Registry.sample(),
            configuration: .init(address: .tcp(host: "127.0.0.1", port: 0), decision: Everybody()),
            executor: Harbour.executor)
        await server.stop(drainingFor: 60)
        #expect(server.connectionCount == 0)
    }
}
