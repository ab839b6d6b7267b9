import Drawing
import Foundation
import OCI
import RegistryCore

/// The columns of the repository table, left to right.
enum RepositoryColumn: CaseIterable {
    case name, tags, live, bytes, unique, pushed

    /// The order a click on the title chooses; nil where there is none.
    var sort: RepositoriesScreen.Sort? {
        switch self {
        case .name: .name
        case .tags: .tags
        case .live: nil
        case .bytes: .bytes
        case .unique: .unique
        case .pushed: .pushed
        }
    }
}

extension Model {
    var repositoriesTitle: String {
        let list = repositories.list
        // Where the filter's own words are short of room, the time that is left is said above them.
        let part = indexParts.dropFirst().first ?? ""
        let end = isReconciled || filter.isActive || part.isEmpty ? soFar : "\(soFar): index\(part)"
        return filter.isActive && screen == .repositories
            ? "repositories \(list.rows.count) of \(list.all.count)\(end)\(filterNote)"
            : "repositories \(list.all.count)\(end)"
    }

    var repositoryTable: Table {
        let bytes = isReconciled ? 8 : 9
        let tags = max(5, ByteFormat.count(repositories.tagsMost).columns) + growing.columns
        let columns = RepositoryColumn.allCases.map { column -> Table.Column in
            let sort: Table.Sort? =
                column.sort == repositories.sort ? (repositories.isDescending ? .descending : .ascending) : nil
            return switch column {
            case .name:
                .init(
                    "name", minimum: 12, ideal: 16, isFlexible: true, wanted: repositories.nameColumns,
                    isCutInMiddle: true, sort: sort)
            case .tags:
                .init(
                    "tags", minimum: tags, ideal: tags, dropPriority: 1, alignment: .trailing, sort: sort)
            case .live:
                .init(
                    transfers.isEmpty ? "" : "live", minimum: transfers.isEmpty ? 1 : 6,
                    ideal: transfers.isEmpty ? 1 : 8)
            case .bytes: .init("size", minimum: bytes, ideal: bytes, alignment: .trailing, sort: sort)
            case .unique:
                .init("unique", minimum: bytes, ideal: bytes, dropPriority: 3, alignment: .trailing, sort: sort)
            case .pushed: .init("pushed", minimum: 8, ideal: 12, dropPriority: 4, sort: sort)
            }
        }
        return Table(columns: columns)
    }

    func drawRepositories(isFocused: Bool, on canvas: inout Canvas) {
        let rows = repositories.list.rows
        guard !rows.isEmpty else { return drawNoRepositories(on: &canvas) }
        var table = repositoryTable
        table.isFocused = isFocused
        table.draw(on: &canvas, count: rows.count, state: repositories.list.state) { index in
            Table.Row(items(of: rows[index]), isMarked: repositories.marks.contains(rows[index].name))
        }
    }

    private func items(of row: RepositorySummary) -> [Table.Item] {
        let name: Style = repositories.flashes[row.name] == nil ? .text : .push.bold
        return RepositoryColumn.allCases.map { column in
            switch column {
            case .name: .text(row.name.text, name)
            case .tags: .text(ByteFormat.count(row.tagCount) + growing)
            case .live: live(row)
            case .bytes: .text(ByteFormat.size(row.bytes) + growing)
            case .unique: .text(unsettled + ByteFormat.size(row.bytesUnique), .unique)
            case .pushed: .text(times.stamp(row.lastPush, now: now), .dim)
            }
        }
    }

    /// The transfers of a repository as one bar: how much of what is moving has moved.
    private func live(_ row: RepositorySummary) -> Table.Item {
        let moving = transfers.filter { $0.transfer.repository == row.name }
        guard let first = moving.first else { return "" }
        let style: Style = first.transfer.direction == .push ? .push : .pull
        let known = moving.filter { $0.fraction != nil }
        let total = known.sumClamped { $0.transfer.bytesTotal ?? 0 }
        guard total > 0 else { return .text(first.transfer.direction == .push ? "⇡ …" : "⇣ …", style) }
        let done = known.sumClamped(\.transfer.bytesDone)
        return .bar(Bar(Double(done) / Double(total), style: style))
    }

    private func drawNoRepositories(on canvas: inout Canvas) {
        if drawAbsence(of: repositories.loaded, hidden: repositories.list.all.count, on: &canvas) { return }
        guard isReconciled else {
            let part = indexParts[0]
            return drawEmpty("the index is not up to the tree yet\(part.isEmpty ? "" : ":\(part)")", on: &canvas)
        }
        drawFirstStart(on: &canvas)
    }

    /// What to type first, whole: for every program where there is room, else for the chosen one.
    private func drawFirstStart(on canvas: inout Canvas) {
        let (width, height) = (canvas.bounds.width - 1, canvas.bounds.height)
        guard let commands = clientCommands else {
            for (y, line) in Self.words(
                "No images yet. It listens on a socket: clients need an address with a port.", width: width
            ).enumerated() {
                canvas.put(line, x: 1, y: y, width: width)
            }
            return
        }
        func lines(_ tool: ClientTool) -> [[Span]] {
            ClientCommands(tool: tool, host: commands.host, isTLS: commands.isTLS).first
                .flatMap { ClientCommands.lines(of: $0, width: width) }.map { [Span($0)] }
        }
        let title: [[Span]] = [[Span("No images yet. Push a first one:", .title)]]
        var all = title + [[]]
        for tool in ClientTool.allCases {
            let isChosen = tool == clientTool
            all.append([
                Span("with \(tool)", isChosen ? .title : .dim), Span(isChosen ? "   y" : "", .hintKey),
                Span(isChosen ? " copies these lines   " : "", .hintText), Span(isChosen ? "c" : "", .hintKey),
                Span(isChosen ? " other" : "", .hintText),
            ])
            all += lines(tool) + [[]]
        }
        if commands.mustBeToldToDocker {
            all += Self.words(Self.dockerNote(commands.host), width: width).map { [Span($0, .warn)] }
        }
        var shown = all.count <= height + 1 ? all : title + lines(clientTool)
        if shown.count > height { shown.removeFirst() }
        for (y, line) in shown.enumerated() { canvas.put(line, x: 1, y: y, width: width) }
    }

    private static func dockerNote(_ host: String) -> String {
        "docker refuses \(host) until it is among the insecure-registries of its daemon.json"
    }

    // MARK: The repository beside the list

    func drawRepository(on canvas: inout Canvas) {
        guard let row = repositories.list.selected else { return }
        let width = canvas.bounds.width - 2
        let facts: [[Span]] = [
            [
                Span("tags ", .dim), Span(ByteFormat.count(row.tagCount) + growing), Span("   manifests ", .dim),
                Span(ByteFormat.count(row.manifestCount) + growing),
            ],
            [
                Span("unique ", .dim), Span(unsettled + ByteFormat.size(row.bytesUnique), .unique),
                Span("  shared ", .dim),
                Span(unsettled + ByteFormat.size(row.bytes - row.bytesUnique), .shared),
            ],
            [Span("last push ", .dim), Span(times.stamp(row.lastPush, now: now))],
            [Span("last pull ", .dim), Span(times.stamp(row.lastPull, now: now))],
        ]
        for (index, fact) in facts.enumerated() { canvas.put(fact, x: 1, y: index, width: width) }
        let moving = transfers.filter { $0.transfer.repository == row.name }
        var y = facts.count + 1
        for live in moving.prefix(4) {
            drawMoving(live, y: y, on: &canvas)
            y += 1
        }
        if !moving.isEmpty { y += 1 }
        drawTagsBeside(row, from: y, on: &canvas)
    }

    private func drawMoving(_ live: LiveTransfer, y: Int, on canvas: inout Canvas) {
        let isPush = live.transfer.direction == .push
        let x = canvas.put(isPush ? "⇡ " : "⇣ ", x: 1, y: y, style: isPush ? .push : .pull)
        let rate = ByteFormat.rate(bytesPerSecond: live.bytesPerSecond)
        let room = max(0, canvas.bounds.width - 1 - x - 12)
        if let fraction = live.fraction {
            canvas.within(Rect(x: x, y: y, width: room, height: 1)) { canvas in
                Bar(fraction, style: isPush ? .push : .pull).draw(on: &canvas)
            }
        } else {
            canvas.put(ByteFormat.size(live.transfer.bytesDone), x: x, y: y, width: room)
        }
        canvas.put(rate, x: x + room, y: y, width: 11, align: .trailing)
    }

    private func drawTagsBeside(_ row: RepositorySummary, from y: Int, on canvas: inout Canvas) {
        let room = canvas.bounds.height - y
        guard room > 0, let all = tagLists[row.name]?.value?.tags, !all.isEmpty else { return }
        let table = Table(
            columns: [
                .init(
                    "tag", minimum: 8, ideal: 8, isFlexible: true,
                    wanted: all.suffix(max(0, room)).reduce(0) { max($0, $1.tag.text.utf8.count) }),
                .init("platforms", minimum: 9, ideal: 13, dropPriority: 2),
                .init(
                    "size", minimum: isReconciled ? 8 : 9, ideal: isReconciled ? 8 : 9, alignment: .trailing),
            ], hasHeader: false, isFocused: false)
        canvas.within(Rect(x: 0, y: y, width: canvas.bounds.width - 1, height: room)) { canvas in
            let shown = all.count > room ? room - 1 : all.count
            for (index, tag) in all.suffix(shown).reversed().enumerated() {
                canvas.within(Rect(x: 0, y: index, width: canvas.bounds.width, height: 1)) { line in
                    let slots = table.layout(width: line.bounds.width)
                    let texts = [tag.tag.text, platformText(tag), sizeText(tag)]
                    for slot in slots {
                        let text = texts[slot.column]
                        line.put(
                            slot.column == 0 ? text.cutMiddle(to: slot.width) : text, x: slot.x, y: 0,
                            style: slot.column == 1 ? .dim : .text,
                            width: slot.width, align: table.columns[slot.column].alignment)
                    }
                }
            }
            if shown < all.count {
                canvas.put(
                    "… \(ByteFormat.count(all.count - shown)) more", x: Table.gutterColumns, y: shown, style: .dim)
            }
        }
    }

    /// The platforms of a tag: named when few, counted when many.
    func platformText(_ tag: TagSummary) -> String {
        // Nobody has seen its manifest.
        if isUnread(tag), tag.mediaType.text.isEmpty { return "not read" }
        return switch tag.platforms.count {
        case 0: "single"
        case 1, 2:
            tag.platforms.map { $0.hasPrefix("linux/") ? String($0.dropFirst("linux/".count)) : $0 }
                .joined(separator: " ")
        default: "\(tag.platforms.count) platforms"
        }
    }
}
