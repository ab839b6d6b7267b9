import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore

/// Everything the cockpit knows and shows, as one value: no terminal, no registry, no clock.
///
/// ``update(_:)`` is the only way it changes; ``view(on:)`` draws it. Times come with messages.
struct Model: Sendable {
    let setup: Setup
    let times: Times

    // The world, as the last sample told it.
    var now: Date
    var size = Size(columns: 80, rows: 24)
    /// Before the first sample it is about to serve.
    var server = ServerState.starting
    /// The registry's; nil before the first sample.
    var generation: UInt64?
    var transfers: [LiveTransfer] = []
    var counters = RegistryCounters()
    var capacity: StorageCapacity?
    /// How far the comparison of the index with the tree has come; nil while none runs.
    var reconciling: ReconcileProgress?
    /// Whether a comparison has come to its end since the registry was opened; before the first sample nobody doubts it.
    var isReconciled = true
    /// Whether another process serves the same directory: then nothing is swept, put back or repaired.
    var isAccompanied = false
    var rates = RateHistory()
    var activityLog = ActivityLog()
    var logLines: [LogLine] = []

    // Where the user is, and what they set.
    var navigation = Navigation()
    var filters: [Screen: Filter] = [:]
    var filterHistory: [String] = []
    var paletteHistory: [String] = []
    var focuses: [Screen: Pane] = [:]
    var themeIndex = 0
    var isMouseOn: Bool
    var isTickerShown = true
    /// Whose commands are shown and copied.
    var clientTool = ClientTool.docker

    // What each screen holds.
    var repositories = RepositoriesScreen()
    var tagLists: [RepositoryName: Loaded<TagListing>] = [:]
    /// Repositories that were pulled from since their list of tags was read.
    var pulledSince: Set<RepositoryName> = []
    var tags = TagsScreen()
    /// What was deleted last, for as long as one key puts it back.
    var tagUndo: TagUndo?
    var graph = GraphScreen()
    var activity = ActivityScreen()
    var sweep: SweepScreen
    var serverScreen = ServerScreen()
    var check = CheckScreen()

    // On top of the screen.
    var overlay: Overlay?
    var toast: Toast?
    var isLeaving = false
    var lastInterrupt: Date?
    /// What was last handed to a clipboard, in case that fails.
    var lastCopy = ""

    init(_ setup: Setup, now: Date) {
        self.setup = setup
        self.now = now
        times = Times(setup.timeZone)
        isMouseOn = setup.isMouseOn
        sweep = SweepScreen(session: SweepSession(graceSeconds: setup.graceSeconds, settings: setup.sweep))
        if setup.isDemonstration {
            say(.note, "a demonstration: all of it is made up, in memory, and gone when you leave")
        }
    }

    var place: Place { navigation.place }
    var screen: Screen { navigation.place.screen }
    var filter: Filter { filters[screen] ?? Filter() }

    /// What the server is bound to: where it serves, else where it would.
    var address: String {
        if case .serving(let address, _) = server { address } else { setup.address }
    }

    /// Why nothing can be swept, put back, freed or repaired now, as half a sentence; nil when it can.
    var upkeepRefusal: String? {
        setup.changeRefusal ?? (isAccompanied ? "another Berth has this directory open; close one of the two" : nil)
    }

    /// The registry as a client on this machine would name it in an image reference.
    var imageHost: String {
        guard let colon = address.lastIndex(of: ":") else { return address }
        let isEverywhere = exposure.reach == .allInterfaces
        let isLocal = isEverywhere || ["127.0.0.1", "[::1]", "localhost"].contains(address[..<colon])
        return isLocal ? "localhost\(address[colon...])" : address
    }

    /// Whether something on the screen changes with time alone, so that a tick a second is worth waking for.
    var isTicking: Bool {
        if toast != nil || !transfers.isEmpty || !activityLog.open.isEmpty || !repositories.flashes.isEmpty
            || rates.isMoving
        {
            return true
        }
        if sweep.session.state == .marking || sweep.session.isRunning || isLeaving { return true }
        if check.session.isRunning || check.session.isRepairing { return true }
        if case .serving = server, screen == .server { return true }
        return isWaiting
    }

    /// Whether a list on this screen is still to come.
    private var isWaiting: Bool {
        switch place {
        case .repositories: repositories.loaded.value == nil && repositories.loaded.requested != nil
        case .tags(let name): tagLists[name]?.value == nil && tagLists[name]?.requested != nil
        case .graph: graph.loaded.value == nil && graph.loaded.requested != nil
        case .check: check.damage.value == nil && check.damage.requested != nil
        case .activity, .sweep, .server: false
        }
    }
}

/// One line that comes and goes by itself.
struct Toast: Sendable, Equatable {
    enum Kind: Sendable {
        case done, note, trouble
    }

    /// How long it stays.
    static let seconds = 5.0

    var kind: Kind
    var text: String
    var until: Date
}

extension Model {
    mutating func say(_ kind: Toast.Kind, _ text: String) {
        toast = Toast(kind: kind, text: text, until: now.addingTimeInterval(Toast.seconds))
    }
}
