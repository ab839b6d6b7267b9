import Drawing
import Foundation
import OCI
import RegistryCore

/// How the model changes: one message in, what is to be done out. No I/O, no clock.
extension Model {
    mutating func update(_ message: Message) -> [Effect] {
        apply(message) + settle() + arrange()
    }

    private mutating func apply(_ message: Message) -> [Effect] {
        switch message {
        case .input(let input, let time):
            pass(to: time)
            return take(input)
        case .sampled(let sample): return sampled(sample)
        case .repositories(let result): repositoriesArrived(result)
        case .tags(let name, let result): tagsArrived(name, result)
        case .repositoriesArranged(let arranged): repositories.list.take(arranged)
        case .tagsArranged(let arranged): tags.list.take(arranged)
        case .graph(let name, let reference, let result): graphArrived(name, reference, result)
        case .users(let digest, let result): usersArrived(digest, result)
        case .pullable(let result): return pullableFound(result)
        case .tagsDeleted(let name, let outcomes, let undo): tagsDeleted(name, outcomes, undo)
        case .tagsRestored(let outcomes): tagsRestored(outcomes)
        case .deletedTags(let name, let result): deletedArrived(name, result)
        case .history(let tag, let name, let result): historyArrived(tag, name, result)
        case .tagSet(let tag, let digest, let name, let failure): tagSet(tag, digest, name, failure)
        case .reclaimed(let subject, let result): reclaimed(subject, result)
        case .planned(let options, let result): planned(options, result)
        case .swept(let result):
            swept(result)
            return quitWhenIdle()
        case .sweepRefused(let evidence):
            sweepRefused(evidence)
            return quitWhenIdle()
        case .sweepWritten(let result): sweepWritten(result)
        case .quarantine(let result): quarantineArrived(result)
        case .putBack(let result): putBack(result)
        case .purged(let result): purged(result)
        case .damage(let result): damageArrived(result)
        case .checked(let result): checked(result)
        case .repaired(let result):
            repaired(result)
            return quitWhenIdle()
        case .serverSettled(let state): return serverSettled(state)
        }
        return []
    }

    /// Lets what lives for a while come to its end.
    private mutating func pass(to time: Date) {
        now = time
        rates.advance(to: time)
        for index in transfers.indices { transfers[index].pass(to: time) }
        if activityLog.settle(at: time) { activity.isDue = true }
        if let toast, toast.until <= time { self.toast = nil }
        if !repositories.flashes.isEmpty { repositories.flashes = repositories.flashes.filter { $0.value > time } }
    }

    private mutating func sampled(_ sample: Sample) -> [Effect] {
        pass(to: sample.time)
        generation = sample.generation
        serverChanged(to: sample.server)
        transfers.follow(sample.transfers, at: sample.time)
        counters = sample.counters
        rates.record(sample.counters, at: sample.time)
        capacity = sample.capacity
        reconciling = sample.reconciling
        let effects = indexTurned(isUpToTree: sample.isReconciled)
        if sample.isAccompanied, !isAccompanied {
            say(
                .trouble,
                "another Berth has this directory open: neither can sweep or repair until one is closed; "
                    + "ctrl-r shows what it changed")
        }
        isAccompanied = sample.isAccompanied
        if sample.log != logLines { arrangeLog(sample.log) }
        if activityLog.take(sample.events, dropped: sample.eventsDropped, transfers: transfers, at: sample.time) {
            activity.isDue = true
        }
        if !sample.events.isEmpty || sample.eventsDropped > 0 {
            repositories.flash(for: sample.events, at: sample.time)
            notePulls(sample.events)
            if sample.eventsDropped > 0 || sample.events.contains(where: \.touchesQuarantine) {
                sweep.quarantine.expire()
            }
        }
        sweepSampled(sample.sweep)
        if let progress = sample.check { check.session.progressed(progress) }
        return effects + quitWhenIdle()
    }

    /// Asks for what the screen shows and does not have; called after every message, so that no other place must know
    /// which lists a change has made old.
    ///
    /// Nothing is asked for before the first sample: it brings the generation that lists belong to.
    private mutating func settle() -> [Effect] {
        guard let generation else { return [] }
        switch place {
        case .repositories:
            var effects = wantRepositories(generation)
            if let name = repositories.list.selected?.name { effects += wantTags(of: name, generation) }
            return effects
        case .tags(let name):
            showTags(of: name)
            return wantTags(of: name, generation)
        case .graph(let name, let reference):
            showGraph(place)
            var effects: [Effect] = []
            if graph.loaded.request(for: generation, at: now) { effects.append(.loadGraph(name, reference)) }
            return effects + wantUsers(generation)
        case .sweep: return (sweep.session.state == .idle && isReconciled ? firstMark() : []) + wantQuarantine()
        case .server, .check: return check.damage.request(for: generation, at: now) ? [.loadDamage] : []
        case .activity:
            if activity.isDue { arrangeActivity() }
            return []
        }
    }

    /// Has long lists filtered and sorted by somebody who does not draw.
    private mutating func arrange() -> [Effect] {
        let jobs = (repositories.list.takeJob(), tags.list.takeJob())
        return (jobs.0.map { [.arrangeRepositories($0)] } ?? []) + (jobs.1.map { [.arrangeTags($0)] } ?? [])
    }

    private mutating func wantUsers(_ generation: UInt64) -> [Effect] {
        guard let digest = graph.selectedNode?.digest else { return [] }
        if graph.usersOf != digest {
            graph.usersOf = digest
            graph.users = Loaded()
            graph.usersList = ListState()
        }
        return graph.users.request(for: generation, at: now) ? [.loadUsers(digest)] : []
    }
}

/// Ending.
extension Model {
    /// Ends at once when nothing is in progress, else asks.
    mutating func quit() -> [Effect] {
        let (isSweeping, isRepairing) = (sweep.isRunning, check.session.isRepairing)
        // Nobody misses what a demonstration has in progress.
        let transfers = setup.isDemonstration ? [] : transfers
        // A check changes nothing: it ends with the program.
        guard !isLeaving, !transfers.isEmpty || isSweeping || isRepairing else { return [.terminal(.quit)] }
        overlay = .dialog(
            .quit(transfers: transfers.count, isSweeping: isSweeping, isRepairing: isRepairing, at: now))
        return []
    }

    /// ctrl-c: as `q`, and a second one within two seconds ends whatever is in progress.
    mutating func interrupt() -> [Effect] {
        defer { lastInterrupt = now }
        if let last = lastInterrupt, now.timeIntervalSince(last) < 2 { return [.terminal(.quit)] }
        overlay = nil
        return quit()
    }

    /// Refuses new connections, lets what is in progress finish, then ends.
    mutating func leave() -> [Effect] {
        if isLeaving { return [.terminal(.quit)] }
        isLeaving = true
        overlay = nil
        let stops = [sweep.stop(), check.session.stop()].compactMap { $0 }
        switch server {
        case .stopped, .failed: return stops + quitWhenIdle()
        case .starting, .serving, .draining:
            server = .draining(requests: transfers.count)
            return stops + [.stopServer]
        }
    }

    private mutating func quitWhenIdle() -> [Effect] {
        guard isLeaving, !sweep.isRunning, !check.session.isRepairing else { return [] }
        switch server {
        case .stopped, .failed: return [.terminal(.quit)]
        case .starting, .serving, .draining: return []
        }
    }

    private mutating func serverSettled(_ state: ServerState) -> [Effect] {
        serverChanged(to: state)
        switch state {
        case .serving(let address, _): say(.done, "serving \(address)")
        case .stopped: say(.note, "the server has stopped; images can still be looked at")
        case .starting, .draining, .failed: break
        }
        return quitWhenIdle()
    }

    /// Takes the server's state; when it has just failed, shows the screen that says why.
    private mutating func serverChanged(to state: ServerState) {
        defer { server = state }
        guard case .failed(let reason) = state, state != server, !isLeaving else { return }
        say(.trouble, reason)
        if case nil = overlay { open(.server) }
    }
}
