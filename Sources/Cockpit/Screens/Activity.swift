import Drawing
import RegistryCore

/// What clients do: transfers in progress, and operations since the cockpit started.
struct ActivityScreen: Sendable {
    /// Which operations are shown.
    enum Kind: CaseIterable, Sendable {
        case all, push, pull, errors

        func includes(_ operation: ClientOperation) -> Bool {
            switch self {
            case .all: true
            case .push: operation.isPush
            case .pull: operation.kind == .pull
            case .errors: operation.kind == .refused || operation.kind == .brokenOff
            }
        }
    }

    var kind = Kind.all
    var list = RowList<ClientOperation>()
    /// The selected operation in progress by its number, and the first of these rows that is seen.
    var running: Int?
    var runningOffset = 0
    /// Columns of the longest target in ``list``; names are ASCII.
    var targetColumns = 0
    /// Whether something has ended that ``list`` does not show; it is made anew when somebody looks.
    var isDue = false
    /// While the list is held still: the number of what had ended last when that began.
    var pausedAfter: Int?
}

extension Model {
    /// Operations that have come while the list is held still.
    var operationsHeldBack: Int {
        activity.pausedAfter.map { paused in activityLog.operations.count { $0.number > paused } } ?? 0
    }

    /// Shows the log as it is now, or as far as it went when the list was held still.
    mutating func arrangeActivity() {
        activity.isDue = false
        let kind = activity.kind
        let paused = activity.pausedAfter ?? Int.max
        let isAtTop = activity.list.state.selection == 0
        let shown = activityLog.operations.filter { $0.number <= paused && kind.includes($0) }
        activity.list.arrange(Array(shown), filter: filters[.activity] ?? Filter())
        activity.targetColumns = shown.reduce(0) { max($0, $1.target.utf8.count) }
        // At the top means "show me the newest"; elsewhere the selection stays on its operation.
        if isAtTop { activity.list.state = ListState() }
    }

    mutating func togglePause() {
        activity.pausedAfter = activity.pausedAfter == nil ? activityLog.numberNext - 1 : nil
        arrangeActivity()
    }

    mutating func cycleKind() {
        let all = ActivityScreen.Kind.allCases
        activity.kind = all[((all.firstIndex(of: activity.kind) ?? 0) + 1) % all.count]
        arrangeActivity()
    }
}
