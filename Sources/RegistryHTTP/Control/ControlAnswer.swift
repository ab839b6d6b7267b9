import Foundation
import NIOCore
import NIOHTTP1
import RegistryCore

/// The answer to one request of the control socket.
struct ControlAnswer {
    typealias Writer = NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

    private let writer: Writer

    /// Between two lines of progress.
    private static let progressPeriod = Duration.milliseconds(50)

    init(_ writer: Writer) { self.writer = writer }

    /// Does what is asked and says how it went. Throws when nobody takes the answer; what was asked is done all the same.
    func answer(_ head: HTTPRequestHead, _ body: ByteBuffer, with collector: any Collector) async throws {
        do throws(ControlError) {
            let data: Data
            switch try ControlRequest(head, body) {
            case .plan(let options): data = try await encoded(collector.plan(options))
            case .run(let work): return try await run(work, with: collector)
            case .steer(let order):
                try await collector.steer(order)
                data = Data("{}".utf8)
            case .runs: data = try await encoded(collector.runs())
            case .undo(let request): data = try await encoded(collector.undo(request.run, only: request.items))
            case .purge(let request): data = try await encoded(collector.purge(request.run))
            case .reclaim(let request): data = try await encoded(collector.reclaim(request.pattern))
            case .tag(let request): data = try await encoded(collector.tag(request))
            }
            try await sent { try await send(.ok, data) }
        } catch {
            try await send(error)
        }
    }

    func send(_ error: ControlError) async throws {
        let status = HTTPResponseStatus(statusCode: error.kind.rawValue)
        try await send(status, ControlJSON.encode(SweepNews(error: error.message)))
    }

    private func send(_ status: HTTPResponseStatus, _ data: Data) async throws {
        try await begin(status, length: data.count)
        try await writer.write(.body(.byteBuffer(ByteBuffer(bytes: data))))
        try await writer.write(.end(nil))
    }

    private func begin(_ status: HTTPResponseStatus, length: Int? = nil) async throws {
        var headers = HTTPHeaders([("Content-Type", "application/json"), ("Connection", "close")])
        if let length { headers.add(name: "Content-Length", value: "\(length)") }
        try await writer.write(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
    }

    private func encoded(_ document: some Encodable) throws(ControlError) -> Data {
        do { return try ControlJSON.encode(document) } catch { throw ControlError(.failed, "\(error)") }
    }

    /// An answer that nobody takes is no error of the request.
    private func sent(_ send: () async throws -> Void) async throws(ControlError) {
        try? await send()
    }

    // MARK: Runs

    private func run(_ work: SweepWork, with collector: any Collector) async throws(ControlError) {
        let (news, tell) = AsyncStream<SweepProgress>.makeStream(bufferingPolicy: .bufferingNewest(1))
        async let telling = stream(news)
        do throws(ControlError) {
            let report = try await collector.run(work) { tell.yield($0) }
            tell.finish()
            let isBegun = await telling
            try await sent {
                if !isBegun { try await begin(.ok) }
                try await line(SweepNews(report: report))
                try await writer.write(.end(nil))
            }
        } catch {
            tell.finish()
            guard await telling else { throw error }
            try await sent {
                try await line(SweepNews(error: error.message))
                try await writer.write(.end(nil))
            }
        }
    }

    /// Sends what comes; gives false when nothing came, so that the answer is still to begin.
    private func stream(_ news: AsyncStream<SweepProgress>) async -> Bool {
        var isBegun = false
        for await far in news {
            do {
                if !isBegun { try await begin(.ok) }
                isBegun = true
                try await line(SweepNews(progress: SweepNews.Progress(far)))
            } catch {
                // Nobody listens; the run goes on.
                break
            }
            // A run of ten thousand lines is not told ten thousand times: what comes meanwhile replaces what waits.
            try? await ContinuousClock().sleep(for: Self.progressPeriod)
        }
        return isBegun
    }

    private func line(_ news: SweepNews) async throws {
        var buffer = ByteBuffer(bytes: try ControlJSON.encode(news))
        buffer.writeString("\n")
        try await writer.write(.body(.byteBuffer(buffer)))
    }
}

extension SweepNews.Progress {
    init(_ progress: SweepProgress) {
        linesDone = progress.linesDone
        lines = progress.lines
        bytesDone = progress.bytesDone
        isPaused = progress.isPaused
        isStopping = progress.isStopping
    }

    var decoded: SweepProgress {
        SweepProgress(
            linesDone: linesDone, lines: lines, bytesDone: bytesDone, isPaused: isPaused, isStopping: isStopping)
    }
}
