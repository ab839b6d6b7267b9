import Foundation
import ScreenWords
import SeededRandom

/// The numbers on the screens, read as a person reads them, against a count of the files.
///
/// Images of which a tag has come to mean another one are made first, so that there is something to sweep.
struct NumberCheck {
    let cockpit: CockpitScreen
    let data: String
    /// Every repository, in the order of the list.
    let names: [String]
    /// The repository with many tags.
    let many: String
    private var wrong: [String] = []
    private var compared = 0
    private var generator: SeededGenerator

    /// Repositories that are pushed to, and as many others that are looked at.
    private static let sample = 6
    /// Tags that are looked at where there are many.
    private static let tagsShown = 20
    /// For so long clients push, and seconds until what they did is on the screen for sure.
    private static let (pushing, settling) = (Duration.seconds(10), Duration.seconds(5))
    private static let (columns, rows) = (200, 60)
    /// In which the rest of a frame comes, and what was loaded for it; a dialog hears nothing before.
    private static let frame = Duration.milliseconds(500)
    /// Seconds in which a million blobs are planned for, or checked.
    private static let patience = 1800.0

    init(cockpit: CockpitScreen, data: String, names: [String], many: String, seed: UInt64) {
        (self.cockpit, self.data, self.names, self.many) = (cockpit, data, names, many)
        generator = SeededGenerator(seed: seed)
    }

    /// Returns how many numbers were compared and what was wrong.
    mutating func run(clients: Int, layerBytes: Int, seed: UInt64) throws -> (compared: Int, wrong: [String]) {
        // Nothing is cut there.
        cockpit.terminal.resize(columns: Self.columns, rows: Self.rows)
        try press("g", "the first row") { [first = names[0]] in CockpitScreen.selected($0) == first }
        let shuffled = names.filter { $0 != many }.shuffled(using: &generator)
        let pushed = Array(shuffled.prefix(Self.sample))
        let pushers = Pushers(layerBytes: layerBytes)
        pushers.begin(clients: clients, to: cockpit.address, repositories: pushed, seed: seed)
        try cockpit.terminal.pass(Self.pushing)
        _ = try pushers.end { try cockpit.terminal.pass(.milliseconds(20)) }
        try cockpit.terminal.pass(Self.settling)
        let count = try TreeCount(data: data)
        let listed = lines[1].number(after: "repositories")
        compare("repositories", listed, count.repositories.count)
        for name in shuffled.prefix(2 * Self.sample) + [many] { try read(name, count) }
        try readCheck(count)
        try readSweep(count)
        return (compared, wrong)
    }

    private mutating func compare(_ what: String, _ said: Int?, _ counted: Int) {
        compared += 1
        if said != counted { wrong.append("\(what): \(said.map(String.init) ?? "nothing"), not \(counted)") }
    }

    private mutating func compare(_ what: String, _ said: ShownSize?, _ bytes: Int64) {
        compared += 1
        if said?.stands(for: bytes) != true {
            wrong.append("\(what): \(said?.description ?? "nothing"), not \(bytes) bytes")
        }
    }

    // MARK: Screens

    /// Presses a key and waits for what it changes, all of it.
    private func press(_ keys: String, _ what: String, until isRight: (ScreenText) -> Bool) throws {
        try cockpit.press(keys, what, until: isRight)
        try cockpit.terminal.pass(Self.frame)
    }

    private var lines: [String] { (0..<cockpit.terminal.screen.rows).map(cockpit.terminal.screen.line) }

    /// The lines of the panes on the left, or of those on the right.
    private func pane(left isLeft: Bool) -> [String] {
        let frame = Array(lines[1])
        let border = frame.indices.first { frame[$0...].starts(with: "┐┌") }.map { $0 + 1 } ?? frame.count
        return lines.map { isLeft ? String($0.prefix(border)) : String($0.dropFirst(border)) }
    }

    private func line(left isLeft: Bool, _ word: String) -> String {
        pane(left: isLeft).first { $0.words.contains(Substring(word)) } ?? ""
    }

    private func wait(_ what: String, within seconds: Double = 60, until isRight: (ScreenText) -> Bool) throws {
        _ = try cockpit.terminal.wait(what, within: seconds, until: isRight)
        try cockpit.terminal.pass(Self.frame)
    }

    /// A repository in the list, beside it, what would come back of it, and its tags.
    private mutating func read(_ name: String, _ count: TreeCount) throws {
        let repository = count.repositories[name] ?? TreeCount.Repository()
        try press("/", "the filter") { $0.line($0.rows - 1).hasPrefix(" /") }
        try press("\(name)\r", "what the filter leaves") { $0.line(1).contains("· /\(name) ") }
        try press("g", "\(name) beside the list") {
            CockpitScreen.selected($0) == name && $0.text.contains("┐┌─ \(name) ─")
        }
        try wait("the tags of \(name)") { $0.text.contains("last pull") }
        let row = line(left: true, name)
        compare("\(name): tags", row.number(after: name), repository.tags.count)
        compare("\(name): size", row.sizes.first, repository.bytes)
        compare("\(name): unique", row.sizes.dropFirst().first, repository.bytesUnique)
        let facts = line(left: false, "manifests")
        compare("\(name): tags, in full", facts.number(after: "tags"), repository.tags.count)
        compare("\(name): manifests", facts.number(after: "manifests"), repository.manifests)
        let totals = line(left: false, "unique").sizes
        compare("\(name): unique, in full", totals.first, repository.bytesUnique)
        compare("\(name): shared", totals.last, repository.bytes - repository.bytesUnique)
        try press("w", "what would come back of \(name)") { $0.text.contains("come back") }
        let back = lines.first { $0.contains("come back") } ?? ""
        // Beside it are the sizes of what it covers in part.
        let size = back.range(of: "come back").map { String(back[..<$0.lowerBound]).sizes.last } ?? nil
        compare("\(name): comes back", size, repository.bytesBack)
        compare("\(name): tags that go", back.number(before: "tag"), repository.tags.count)
        try press("\u{1b}", "no dialog") { !$0.text.contains("come back") }
        try press("\r", "the tags of \(name)") {
            $0.line(0).contains("▶ \(name) ") && $0.line(1).contains("tags ") && CockpitScreen.selected($0) != nil
        }
        try readTags(of: name, repository, count)
        try press("\u{7f}", "the repositories") { $0.line(0).contains("▶ repositories ") }
        try press("\u{1b}", "the whole list") { [all = names.count] in
            $0.line(1).contains("repositories \(all) ")
        }
    }

    private mutating func readTags(of name: String, _ repository: TreeCount.Repository, _ count: TreeCount) throws {
        compare("\(name): tags in its title", lines[1].number(after: "tags"), repository.tags.count)
        for row in pane(left: true).dropFirst(3).prefix(Self.tagsShown) {
            guard let tag = row.words.first.map(String.init), let digest = repository.tags[tag] else { continue }
            compare("\(name):\(tag): size", row.sizes.first, try count.bytes(of: digest))
        }
    }

    private mutating func readCheck(_ count: TreeCount) throws {
        try press("7", "the check") { $0.line(0).contains("▶ check") }
        try press("r", "a check that runs") { $0.line(2).contains("checking") || $0.text.contains("checked ") }
        try wait("a check that is done", within: Self.patience) { $0.text.contains("│ checked ") }
        compare(
            "check: repositories", line(left: true, "repositories").number(after: "repositories"),
            count.repositories.count)
        compare("check: tags", line(left: true, "tags").number(after: "tags"), count.tags)
        compare("check: manifests", line(left: true, "manifests").number(after: "manifests"), count.manifests)
        compare("check: blobs", line(left: true, "blobs").number(after: "blobs"), count.blobCount)
        compare("check: size", line(left: true, "size").sizes.first, count.bytes)
    }

    /// What a sweep of untagged manifests without any grace would remove.
    private mutating func readSweep(_ count: TreeCount) throws {
        try press("5", "the sweep") { $0.line(0).contains("▶ sweep") }
        try wait("a plan", within: Self.patience) { $0.text.contains("│ marked ") }
        if !line(left: true, "untagged").contains("[x] untagged") {
            try press("t", "untagged manifests") { $0.text.contains("[x] untagged") }
        }
        while !line(left: true, "grace").contains("grace none") {
            try press("-", "a shorter grace") { [before = line(left: true, "grace")] screen in
                !screen.text.contains(before)
            }
        }
        try wait("a plan", within: Self.patience) { $0.text.contains("│ marked ") }
        compare("what a sweep removes", line(left: true, "remove").sizes.first, count.bytesUnreached)
    }
}
