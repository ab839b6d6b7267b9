/// What a disk may hold after a power cut, by the rules of POSIX: every name in a directory is one of those that it had since
/// the directory was last synchronised, whatever became of other names; content that was not synchronised is as it was, as
/// it is, cut short, or zeros of its length.
///
/// One rule is the file system's and not POSIX's: `rename` loses nothing. Where the old name is gone the new one is there;
/// until the directory that it left is synchronised, both may be.
///
/// On an ordered disk, as a file system with a journal makes it, changes of names are there up to one of them, and none after
/// it. A sync of anything has those there that were made before its own last change, and that change.
package struct DiskHistory {
    package typealias Node = DiskJournal.Node
    package typealias Entry = DiskJournal.Entry

    private struct Version<Value> {
        /// The record that made it so; -1 for what was there before the first.
        var at: Int
        var value: Value
    }

    private struct Move {
        var at: Int
        var source: Entry
        var target: Entry
    }

    /// Of each name the versions that may be on the disk, the oldest first; a name that is not here is not there.
    private var names: [Node: [String: [Version<Node?>]]] = [0: [:]]
    /// The same of the content of files.
    private var contents: [Node: [Version<[UInt8]>]] = [:]
    /// Renames whose old name may be there still.
    private var moves: [Move] = []
    private var count = 0
    private let isOrdered: Bool
    /// The last record that changed a file or a directory.
    private var changed: [Node: Int] = [:]

    package init(isOrdered: Bool = false) { self.isOrdered = isOrdered }

    /// - Parameter isDropped: a sync that is not to count.
    package mutating func apply(_ record: DiskJournal.Record, isDropped: Bool = false) {
        let at = count
        count += 1
        switch record {
        case .create(let node, let entry):
            changed[node] = at
            contents[node] = [Version(at: -1, value: [])]
            set(entry, node, at)
        case .makeDirectory(let node, let entry):
            changed[node] = at
            names[node] = [:]
            set(entry, node, at)
        case .write(let node, let offset, let bytes):
            guard var content = contents[node]?.last?.value else { return }
            changed[node] = at
            if content.count < offset { content += [UInt8](repeating: 0, count: offset - content.count) }
            content.replaceSubrange(offset..<min(content.count, offset + bytes.count), with: bytes)
            contents[node]?.append(Version(at: at, value: content))
        case .truncate(let node, let length):
            guard let content = contents[node]?.last?.value else { return }
            changed[node] = at
            contents[node]?.append(Version(at: at, value: Array(content.prefix(length))))
        case .rename(let node, let source, let target):
            set(target, node, at)
            set(source, nil, at)
            changed[node] = at
            moves.append(Move(at: at, source: source, target: target))
        case .remove(let entry): set(entry, nil, at)
        case .synchronize(let node, let limit, _):
            guard !isDropped else { return }
            synchronize(node, limit)
            guard isOrdered, let last = changed[node], last < limit else { return }
            for directory in names.keys { synchronize(directory, last + 1) }
        case .synchronizeAll(let limit):
            guard !isDropped else { return }
            for node in contents.keys { synchronize(node, limit) }
            for node in names.keys { synchronize(node, limit) }
        }
    }

    private mutating func set(_ entry: Entry, _ node: Node?, _ at: Int) {
        changed[entry.directory] = at
        names[entry.directory]?[entry.name, default: [Version(at: -1, value: nil)]].append(
            Version(at: at, value: node))
    }

    private mutating func synchronize(_ node: Node, _ limit: Int) {
        if let versions = contents[node] {
            contents[node] = Self.kept(versions, since: limit)
        }
        for (name, versions) in names[node] ?? [:] {
            let kept = Self.kept(versions, since: limit)
            names[node]?[name] = kept.count == 1 && kept[0].value == nil ? nil : kept
        }
        // What is known to have left is known to have arrived.
        for move in moves where move.source.directory == node && move.at < limit {
            guard let versions = names[move.target.directory]?[move.target.name] else { continue }
            let kept = versions.filter { $0.at >= move.at }
            if !kept.isEmpty { names[move.target.directory]?[move.target.name] = kept }
        }
        moves.removeAll { $0.source.directory == node && $0.at < limit }
    }

    private static func kept<Value>(_ versions: [Version<Value>], since limit: Int) -> [Version<Value>] {
        guard let base = versions.lastIndex(where: { $0.at < limit }) else { return versions }
        return Array(versions[base...])
    }
}

// MARK: States

/// A disk as a power cut left it: paths from the top.
package struct DiskState: Hashable {
    package var files: [String: [UInt8]] = [:]
    /// Those with nothing in them.
    package var emptyDirectories: Set<String> = []
    /// What is not as it was when the power went.
    package var lost: [String] = []

    package static func == (left: DiskState, right: DiskState) -> Bool {
        left.files == right.files && left.emptyDirectories == right.emptyDirectories
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(files)
        hasher.combine(emptyDirectories)
    }
}

extension DiskHistory {
    /// Something of which more than one version may be on the disk.
    private enum Doubt: Hashable {
        case name(Entry)
        case content(Node)
    }

    /// What may be on the disk now: all of it where that is no more than `limit` states, else the two ends, each doubt alone
    /// at either end, and a choice by `dice`. No state twice.
    package func states(limit: Int, using dice: inout some RandomNumberGenerator) -> [DiskState] {
        if isOrdered { return orderedStates(limit: limit, using: &dice) }
        let doubts = reachableDoubts()
        let options = doubts.map { optionCount($0) }
        var seen: Set<DiskState> = []
        var states: [DiskState] = []
        func take(_ choice: [Int]) {
            let state = state(Dictionary(uniqueKeysWithValues: zip(doubts, choice)))
            if seen.insert(state).inserted { states.append(state) }
        }
        let last = options.map { $0 - 1 }
        if options.reduce(1, { $0 > limit ? $0 : $0 * $1 }) <= limit {
            var choice = options.map { _ in 0 }
            while true {
                take(choice)
                guard let digit = choice.indices.first(where: { choice[$0] < last[$0] }) else { break }
                choice[digit] += 1
                for lower in 0..<digit { choice[lower] = 0 }
            }
            return states
        }
        let first = options.map { _ in 0 }
        var choices = [first, last]
        for index in options.indices {
            var (kept, lost) = (first, last)
            kept[index] = last[index]
            lost[index] = 0
            choices += [kept, lost]
        }
        choices = Array(choices.prefix(2) + choices.dropFirst(2).shuffled(using: &dice).prefix(limit / 2))
        while choices.count < limit { choices.append(options.map { Int.random(in: 0..<$0, using: &dice) }) }
        for choice in choices { take(choice) }
        return states
    }

    /// Names up to one change and none after it, with content that was not synchronised at its ends and by `dice`.
    private func orderedStates(limit: Int, using dice: inout some RandomNumberGenerator) -> [DiskState] {
        let versions = names.values.flatMap { $0.values.flatMap { $0.map(\.at) } }
        var cuts = Array(Set(versions)).sorted()
        let first = 1 + (names.values.flatMap { $0.values.compactMap { $0.first?.at } }.max() ?? -1)
        cuts.removeAll { $0 + 1 < first }
        if cuts.count > limit / 3 {
            cuts = [cuts[0], cuts[cuts.count - 1]] + cuts.shuffled(using: &dice).prefix(limit / 3)
        }
        let doubts = reachableDoubts()
        var seen: Set<DiskState> = []
        var states: [DiskState] = []
        for cut in cuts.isEmpty ? [-1] : cuts {
            for option in [0, 3, nil] as [Int?] {
                var choice: [Doubt: Int] = [:]
                for doubt in doubts {
                    switch doubt {
                    case .name(let entry):
                        choice[doubt] = names[entry.directory]?[entry.name]?.lastIndex { $0.at <= cut } ?? 0
                    case .content: choice[doubt] = option ?? Int.random(in: 0..<4, using: &dice)
                    }
                }
                var state = DiskState()
                fill(&state, 0, "", choice)
                if seen.insert(state).inserted { states.append(state) }
            }
        }
        return states
    }

    /// Those that matter: what no name leads to is nowhere.
    private func reachableDoubts() -> [Doubt] {
        var doubts: [Doubt] = []
        var seen: Set<Node> = [0]
        var pending: [Node] = [0]
        while let node = pending.popLast() {
            if let versions = contents[node], versions.count > 1 { doubts.append(.content(node)) }
            for (name, versions) in (names[node] ?? [:]).sorted(by: { $0.key < $1.key }) {
                if versions.count > 1 { doubts.append(.name(Entry(directory: node, name: name))) }
                for version in versions {
                    if let child = version.value, seen.insert(child).inserted { pending.append(child) }
                }
            }
        }
        return doubts
    }

    private func optionCount(_ doubt: Doubt) -> Int {
        switch doubt {
        case .name(let entry): names[entry.directory]?[entry.name]?.count ?? 1
        // As it was, cut in the middle, zeros, as it is.
        case .content: 4
        }
    }

    private func content(_ node: Node, _ option: Int) -> [UInt8] {
        guard let first = contents[node]?.first?.value, let last = contents[node]?.last?.value else { return [] }
        // What was synchronised and not written over is as it was.
        let kept = last.starts(with: first) ? first.count : 0
        return switch option {
        case 0: first
        case 1: Array(last.prefix((kept + last.count) / 2))
        case 2: last.prefix(kept) + [UInt8](repeating: 0, count: last.count - kept)
        default: last
        }
    }

    private func state(_ wanted: [Doubt: Int]) -> DiskState {
        var choice = wanted
        // Where the old name is gone, the new one is there.
        var isSettled = false
        while !isSettled {
            isSettled = true
            for move in moves {
                guard let source = chosen(move.source, choice), source.at >= move.at,
                    let target = chosen(move.target, choice), target.at < move.at,
                    let arrival = names[move.target.directory]?[move.target.name]?.firstIndex(where: {
                        $0.at >= move.at
                    })
                else { continue }
                choice[.name(move.target)] = arrival
                isSettled = false
            }
        }
        var state = DiskState()
        fill(&state, 0, "", choice)
        return state
    }

    private func chosen(_ entry: Entry, _ choice: [Doubt: Int]) -> Version<Node?>? {
        guard let versions = names[entry.directory]?[entry.name] else { return nil }
        return versions[choice[.name(entry)] ?? versions.count - 1]
    }

    private func fill(_ state: inout DiskState, _ directory: Node, _ path: String, _ choice: [Doubt: Int]) {
        var isEmpty = true
        for (name, versions) in names[directory] ?? [:] {
            let place = path.isEmpty ? name : "\(path)/\(name)"
            let option = choice[.name(Entry(directory: directory, name: name))] ?? versions.count - 1
            if option < versions.count - 1 { state.lost.append(place) }
            guard let node = versions[option].value else { continue }
            isEmpty = false
            if contents[node] == nil {
                fill(&state, node, place, choice)
            } else {
                let part = choice[.content(node)]
                if let part, part < 3 { state.lost.append("\(place) \(["before", "cut", "zeros"][part])") }
                state.files[place] = contents[node].map { part.map { content(node, $0) } ?? $0.last?.value ?? [] } ?? []
            }
        }
        if isEmpty, !path.isEmpty { state.emptyDirectories.insert(path) }
    }
}
