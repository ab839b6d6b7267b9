import ArgumentParser
import Foundation
import Glibc
import Logging
import RegistryConfiguration
import RegistryHTTP
import ServiceLifecycle
import UnixSignals

/// The registry alone, without a terminal: what `registry serve` is in distribution.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve without a terminal; takes distribution's config.yml.",
        discussion: """
            REGISTRY_* variables override the file, flags override both. Without a file it looks for \
            /etc/docker/registry/config.yml and /etc/distribution/config.yml, then takes the cockpit's defaults.
            """
    )

    @Argument(help: ArgumentHelp("distribution's configuration file, of 2.8 or 3.x.", valueName: "config"))
    var file: String?

    @OptionGroup var source: ConfigurationSource
    @OptionGroup var listen: ListenOption

    func run() async throws {
        let configuration = try source.load(file: file, searches: true, listen: listen)
        let format = configuration.log.lineFormat
        let errors = LineWriter<String>(to: STDERR_FILENO, text: { $0 + "\n" }) { count in
            let text = "log lines were dropped: nobody read standard error"
            LineLogHandler.write(format.line(Date(), "warning", text, [("lines", "\(count)")]), to: STDERR_FILENO)
        }
        let say: @Sendable (String) -> Void = { errors.append($0, bytes: $0.utf8.count) }
        let logger = configuration.log.logger(write: say)
        for warning in configuration.warnings { logger.warning("\(warning)") }
        let lost: @Sendable (Int) -> Void = { count in
            logger.warning(
                "lines of the access log were dropped: nobody read standard output", metadata: ["lines": "\(count)"])
        }
        let accessLog = configuration.log.accessLogDisabled ? nil : AccessLogWriter(to: STDOUT_FILENO, dropped: lost)
        defer {
            if let count = accessLog?.end(), count > 0 { lost(count) }
            _ = errors.end()
        }
        let record: (@Sendable (AccessRecord) -> Void)? = accessLog.map { writer in { @Sendable in writer.append($0) } }
        let assembly = try Assembly(configuration, logger: logger, accessLog: record)
        // The socket is opened inside the group, whose signals are armed by then; work behind it begins once it is open, so
        // that what cannot be opened is said before anything else.
        let opened = AsyncStream<Void>.makeStream()
        let serving = Serving(
            server: assembly.makeServer(), drainSeconds: assembly.drainSeconds,
            isTLS: assembly.serverConfiguration.tls != nil, format: format, say: say, opened: opened.continuation)
        // Services end in the reverse order of their start: the socket first.
        let services: [any Service] = [
            Running { await reloadOnHangup(assembly) },
            Running {
                for await _ in opened.stream {}
                if !Task.isCancelled { await assembly.runBackground() }
            },
            serving,
        ]
        var group = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet(logger))
        group.maximumGracefulShutdownDuration = .seconds(assembly.drainSeconds + 10)
        try await ServiceGroup(configuration: group).run()
    }

    /// SIGHUP reads the certificates again; there is nothing else to read: the logs are streams of whoever started us.
    private func reloadOnHangup(_ assembly: Assembly) async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) {
            await withTaskExecutorPreference(assembly.executor) {
                guard let certificates = assembly.serverConfiguration.tls else {
                    return assembly.logger.info("SIGHUP: there are no certificates to read again")
                }
                certificates.reload(always: true, logger: assembly.logger)
            }
        }
    }

    /// The lifecycle's own lines are of no use to an operator, but for its errors.
    private func quiet(_ logger: Logger) -> Logger {
        var quiet = logger
        quiet.logLevel = .error
        return quiet
    }
}

/// The listening socket as a service: opens, says where, and drains when it is told to stop.
private struct Serving: Service {
    let server: RegistryServer
    let drainSeconds: Double
    let isTLS: Bool
    let format: LogLineFormat
    /// Takes a line for standard error.
    let say: @Sendable (String) -> Void
    /// Finished once the socket is open; whoever waits for it is cancelled when it cannot be.
    let opened: AsyncStream<Void>.Continuation

    func run() async throws {
        do throws(ServerError) {
            announce(try await server.start())
        } catch {
            throw Refusal(error.description)
        }
        opened.finish()
        try? await gracefulShutdown()
        await server.stop(drainingFor: drainSeconds)
    }

    /// Whatever the log level: test suites of the field wait for this very line on standard error.
    private func announce(_ address: ListenAddress) {
        let place = if case .tcp("", let port) = address { "[::]:\(port)" } else { "\(address)" }
        say(format.line(Date(), "info", "listening on \(place)\(isTLS ? ", tls" : "")", []))
    }
}

/// A loop that ends when the group does.
private struct Running: Service {
    let loop: @Sendable () async -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await loop()
            // A loop without more work leaves the group running.
            try? await gracefulShutdown()
        }
    }
}
