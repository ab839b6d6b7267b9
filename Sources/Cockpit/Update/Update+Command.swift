import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore

/// What commands do.
extension Model {
    mutating func perform(_ command: Command) -> [Effect] {
        switch command {
        case .up: move(by: -1)
        case .down: move(by: 1)
        case .top: move(by: -Int(Int32.max))
        case .bottom: move(by: Int(Int32.max))
        case .pageUp: move(by: -pageRows)
        case .pageDown: move(by: pageRows)
        case .left: sideways(-1)
        case .right: sideways(1)
        case .nextPane: changeFocus(by: 1)
        case .previousPane: changeFocus(by: -1)
        case .open: openSelected()
        case .detail: showDetail()
        case .back: return back()
        case .screen(let screen): go(to: screen)
        case .backward: step(-1)
        case .forward: step(1)
        case .filter: overlay = .filter(Prompt(label: "/", text: filter.text, history: filterHistory))
        case .nextMatch: match(1)
        case .previousMatch: match(-1)
        case .palette: overlay = .palette(Palette(history: paletteHistory))
        case .help: overlay = .help(Help())
        case .themes: overlay = .themes(ThemeChoice(reverting: themeIndex))
        case .ticker: isTickerShown.toggle()
        case .mouse: return toggleMouse()
        case .redraw: return [.terminal(.redraw)]
        case .refresh: refresh()
        case .shell: return [.terminal(.shell(notice: "The registry keeps serving; exit returns to it."))]
        case .quit: return quit()
        case .interrupt: return interrupt()
        default: return performOnScreen(command)
        }
        return []
    }

    /// Commands of single screens.
    private mutating func performOnScreen(_ command: Command) -> [Effect] {
        switch command {
        case .sort: screen == .tags ? sortTags(reversing: false) : sortRepositories(reversing: false)
        case .reverseSort: screen == .tags ? sortTags(reversing: true) : sortRepositories(reversing: true)
        case .toggleMark: screen == .tags ? toggleMark() : toggleRepositoryMark()
        case .delete: return askToDelete()
        case .copy where screen == .check: return copy(selectedPath)
        case .copy where screen == .sweep: return copy(sweepText)
        case .copy: return copyPull(byDigest: false)
        case .copyByDigest: return copyPull(byDigest: true)
        case .clientTool: changeClientTool()
        case .usedBy: toggleUsedBy()
        case .expandAll: toggleFolds()
        case .pause: togglePause()
        case .cycleKind: cycleKind()
        case .preview: return markForSweep()
        case .untagged: return markForSweep { $0.untagged.toggle() }
        case .layerLinks: return markForSweep { $0.layerLinks.toggle() }
        case .uploads: return changeAge(\.uploadSeconds)
        case .referrers: return changeAge(\.referrerSeconds)
        case .retention: return toggleRetention()
        case .freeAtOnce: toggleQuarantine()
        case .keep: toggleKept()
        case .export: return exportSweep()
        case .holdSweep: return toggleSweepPause()
        case .purge: askToPurge()
        case .resume: askToResume()
        case .undo:
            if screen == .tags { return putTagsBack() }
            askToPutBack()
        case .reclaim: return askForReclaim()
        case .history: return showHistory()
        case .deletedTags: return showDeleted()
        case .longerGrace: return changeGrace(by: 1)
        case .shorterGrace: return changeGrace(by: -1)
        case .startStop: return startOrStop()
        case .restart: return restart()
        case .logLevel: cycleLogLevel()
        case .checkLinks: return beginCheck(hashesBytes: false)
        case .checkBytes: return beginCheck(hashesBytes: true)
        case .repair: askToRepair()
        default: break
        }
        return []
    }

    /// Shows `place`.
    mutating func open(_ place: Place) {
        navigation.open(place)
        arrive()
    }

    private mutating func step(_ step: Int) {
        if navigation.step(step) { arrive() }
    }

    /// Makes ready what the place shows, from what is known already.
    private mutating func arrive() {
        switch place {
        case .tags(let name): showTags(of: name)
        case .graph: showGraph(place)
        case .repositories, .activity, .sweep, .server, .check: break
        }
    }

    /// Goes to a screen by number: the repository and tag at hand, else those last looked at.
    private mutating func go(to screen: Screen) {
        switch screen {
        case .repositories: open(.repositories)
        case .tags:
            if let name = currentRepository { open(.tags(name)) } else { say(.note, "no repository is selected") }
        case .graph:
            if case .tags(let name) = place, let tag = tags.list.selected?.tag {
                open(.graph(name, .tag(tag)))
            } else if let latest = navigation.latest(.graph) {
                open(latest)
            } else {
                say(.note, "choose a tag first: enter on a repository, then enter on a tag")
            }
        case .activity: open(.activity)
        case .sweep: open(.sweep)
        case .server: open(.server)
        case .check: open(.check)
        }
    }

    private mutating func openSelected() {
        switch place {
        case .repositories:
            if let name = repositories.list.selected?.name { open(.tags(name)) }
        case .tags(let name):
            if let tag = tags.list.selected?.tag { open(.graph(name, .tag(tag))) }
        case .graph:
            if focus == .users { openUser() } else { fold(graphLineIsOpen) }
        case .sweep: if sweep.category == .quarantine { toggleRun() } else { confirmSweep() }
        case .activity, .server, .check: break
        }
    }

    private var graphLineIsOpen: Bool {
        graph.tree.selection(count: graph.lines.count).map { graph.lines[$0].fold == .open } ?? false
    }

    /// Clears the filter, else stops a sweep or a check, else leaves the users' list, else goes up.
    private mutating func back() -> [Effect] {
        if filter.isActive {
            setFilter("")
        } else if screen == .sweep, sweep.session.isRunning {
            return sweep.session.stop().map { [$0] } ?? []
        } else if screen == .check, check.session.isRunning {
            return check.session.stop().map { [$0] } ?? []
        } else if screen == .graph, focus == .users {
            toggleUsedBy()
        } else if let parent = place.parent {
            open(parent)
        }
        return []
    }

    private mutating func sideways(_ step: Int) {
        switch screen {
        case .graph where focus == .graph: fold(step < 0)
        case .sweep: changeSweepList(by: step)
        default: changeFocus(by: step)
        }
    }

    private mutating func toggleMouse() -> [Effect] {
        isMouseOn.toggle()
        say(.note, isMouseOn ? "mouse on; shift-drag also selects text" : "mouse off: drag selects text; m turns it on")
        return [.terminal(.mouse(isMouseOn))]
    }

    /// Forgets how old the lists on this screen are, so that they are asked for again.
    private mutating func refreshTags(of name: RepositoryName) {
        tagLists[name]?.expire()
        pulledSince.insert(name)
    }

    private mutating func refresh() {
        switch place {
        case .repositories:
            repositories.loaded.expire()
            repositories.isReadWhole = true
            if let name = currentRepository { refreshTags(of: name) }
        case .tags(let name): refreshTags(of: name)
        case .graph:
            graph.loaded.expire()
            graph.users.expire()
        case .server, .check: check.damage.expire()
        case .sweep: sweep.quarantine.expire()
        case .activity: break
        }
    }
}
