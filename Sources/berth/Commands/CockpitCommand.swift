import ArgumentParser
import Cockpit
import Curses
import Drawing
import Foundation
import Glibc
import Logging
import RegistryCollector
import RegistryConfiguration
import RegistryCore
import RegistryHTTP
import RegistryStorage

/// The cockpit with the registry embedded.
struct CockpitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cockpit",
        abstract: "Open the cockpit with the registry embedded (the default).",
        discussion: "Press ? in the cockpit for its keys. Without a terminal, run 'berth serve'."
    )

    @Option(help: ArgumentHelp("distribution's configuration file, of 2.8 or 3.x.", valueName: "file"))
    var config: String?

    @OptionGroup var source: ConfigurationSource
    @OptionGroup var listen: ListenOption

    @Flag(help: "Show a registry that is made up and busy, in memory; no file is made.")
    var demo = false

    @Option(help: ArgumentHelp("Begin with this theme.", valueName: "name"))
    var theme: String?

    @Option(help: "Use colours: never, auto or always.")
    var color: String = "auto"

    func validate() throws {
        guard demo else { return }
        if config != nil || source.data != nil {
            throw ValidationError("--demo has a registry of its own, and takes neither --config nor --data")
        }
        if listen.listen?.hasPrefix("/") == true {
            throw ValidationError("--demo listens on an address, not on a socket")
        }
    }

    func run() async throws {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw Refusal("the cockpit needs a terminal; run 'berth serve' to serve without one")
        }
        guard let colour = TerminalOptions.ColourUse(rawValue: color) else {
            throw Refusal("--color takes never, auto or always, not \(color)")
        }
        let configuration =
            demo
            ? try Demo.configuration(listen: listen.listen)
            : try source.load(file: config, searches: false, listen: listen)
        let themes = try ThemeFolder.themes(startingWith: theme)
        let ring = LogRing()
        var log = try LogFile(configuration)
        let logger = configuration.log.logger(to: log.descriptor, ring: ring)
        for warning in themes.warnings + configuration.warnings { logger.warning("\(warning)") }
        let assembly = try Assembly(configuration, logger: logger, memory: demo ? try DemoTree.planted() : nil)
        let controller = ServerController(assembly, logger: logger)
        let life = demo ? DemoLife(registry: assembly.registry, collector: assembly.collector, server: controller) : nil

        let mailbox = Mailbox<Message>()
        let runner = EffectRunner(
            registry: LocalRegistry(assembly.registry, assembly.collector), server: controller, log: ring,
            mailbox: mailbox,
            folder: log.folder ?? FileManager.default.currentDirectoryPath)
        let setup = Setup(
            isDemonstration: demo, address: configuration.http.addr,
            access: configuration.http.tls?.clientCAs.isEmpty == false ? .certificates : .anybody,
            isTLS: configuration.http.tls != nil,
            storageRoot: assembly.root ?? (demo ? "in memory, made up" : "in memory"), themes: themes.themes,
            graceSeconds: assembly.collector.settings.graceSeconds,
            sweep: assembly.collector.settings.sweep,
            hasRetention: assembly.collector.settings.retention?.rules.isEmpty == false,
            deletionRefusal: assembly.registry.configuration.deletionEnabled
                ? nil : RegistryError.deletionDisabled.message,
            changeRefusal: assembly.registry.configuration.readOnly ? RegistryError.readOnly.message : nil)
        var options = TerminalOptions()
        options.colour = colour
        options.theme = themes.themes.first ?? .berthDark
        options.logDescriptor = log.descriptor
        options.logPath = log.path
        let terminal = CursesTerminal(
            program: CockpitProgram(setup) { runner.perform($0) }, mailbox: mailbox, options: options)

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: assembly.executor) { await runner.run() }
            group.addTask(executorPreference: assembly.executor) { await assembly.runBackground() }
            group.addTask { await controller.start() }
            if let life { group.addTask(executorPreference: BlockingExecutor(threads: 8)) { await life.run() } }
            defer { group.cancelAll() }
            do throws(TerminalError) {
                _ = try await terminal.run()
                life?.end()
            } catch {
                life?.end()
                await controller.stop()
                throw Refusal("the cockpit cannot use this terminal: \(error); run 'berth serve' to serve without one")
            }
            await controller.stop()
        }
        log.close()
    }
}

/// Where log lines go while the screen is the cockpit's: a file beside the index, or nowhere for a registry in memory and for
/// a directory that may only be read.
private struct LogFile {
    let path: String?
    /// The directory that it lies in; nil where there is no file.
    let folder: String?
    private(set) var descriptor: CInt

    init(_ configuration: Configuration) throws {
        guard case .filesystem(let root, _) = configuration.storage.driver,
            try Store.reasonToLeave(root, configuration, .serving) == nil
        else {
            path = nil
            folder = nil
            descriptor = open("/dev/null", O_WRONLY | O_CLOEXEC)
            return
        }
        let folder = "\(root)/berth"
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw Refusal("cannot write to the data directory \(root); change its owner or choose another with --data")
        }
        let file = "\(folder)/berth.log"
        descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw Refusal("cannot write to \(file); change its owner or choose another directory with --data")
        }
        let owner = DirectoryOwner(of: root)
        owner?.claim(at: folder)
        owner?.claim(descriptor)
        path = file
        self.folder = folder
    }

    mutating func close() {
        Glibc.close(descriptor)
        descriptor = -1
    }
}
