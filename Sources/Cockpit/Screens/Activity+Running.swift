import Drawing
import Foundation
import RegistryCore

/// What is in progress as a list: one of it is selected by what it is and not by its place, for those above it end.
extension Model {
    /// Selection and scroll of what is in progress.
    var runningList: ListState {
        let row = activityLog.inProgress.firstIndex { $0.id == activity.running } ?? 0
        return ListState(selection: row, offset: activity.runningOffset)
    }

    mutating func selectRunning(_ state: ListState) {
        let open = activityLog.inProgress
        activity.runningOffset = state.offset
        activity.running = state.selection(count: open.count).map { open[$0].id }
    }

    /// The operation that is shown in full: the one selected in the pane that has the keyboard. One that was selected in progress
    /// stays when it has ended.
    var operationShown: ClientOperation? {
        guard focuses[.activity] == .transfers, let id = activity.running else {
            return activity.list.selected ?? (focus == .transfers ? activityLog.inProgress.first : nil)
        }
        return activityLog.inProgress.first { $0.id == id } ?? activityLog.operations.first { $0.id == id }
            ?? activity.list.selected
    }
}
