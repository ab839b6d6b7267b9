import Drawing
import Foundation
import OCI
import RegistryCore

/// The columns of the tag table, left to right. Dropped in the order digest, pulled, platforms, pushed.
enum TagColumn: CaseIterable {
    case name, same, platforms, bytes, pushed, pulled, digest

    /// The order a click on the title chooses; nil where there is none.
    var sort: TagsScreen.Sort? {
        switch self {
        case .name: .name
        case .bytes: .bytes
        case .pushed: .pushed
        case .pulled: .pulled
        case .same, .platforms, .digest: nil
        }
    }
}

extension Model {
    var tagsTitle: String {
        let list = tags.list
        return filter.isActive && screen == .tags
            ? "tags \(list.rows.count) of \(list.all.count)\(soFar)\(filterNote)" : "tags \(list.all.count)\(soFar)"
    }

    var tagTable: Table {
        let columns = TagColumn.allCases.map { column -> Table.Column in
            let sort: Table.Sort? = column.sort == tags.sort ? (tags.isDescending ? .descending : .ascending) : nil
            return switch column {
            case .name:
                .init(
                    "tag", minimum: 10, ideal: 10, isFlexible: true, wanted: tags.nameColumns, isCutInMiddle: true,
                    sort: sort)
            case .same: .init("=", minimum: 3, ideal: 3, dropPriority: 1)
            case .platforms: .init("platforms", minimum: 11, ideal: 13, dropPriority: 3)
            case .bytes:
                .init(
                    "size", minimum: isReconciled ? 8 : 9, ideal: isReconciled ? 8 : 9, alignment: .trailing, sort: sort
                )
            case .pushed: .init("pushed", minimum: 8, ideal: 12, dropPriority: 2, sort: sort)
            case .pulled: .init("pulled", minimum: 8, ideal: 12, dropPriority: 4, sort: sort)
            case .digest: .init("digest", minimum: 12, ideal: 12, dropPriority: 5)
            }
        }
        return Table(columns: columns)
    }

    func drawTags(isFocused: Bool, on canvas: inout Canvas) {
        let rows = tags.list.rows
        guard !rows.isEmpty else {
            let loaded = tags.repository.flatMap { tagLists[$0] }
            if !drawAbsence(of: loaded, hidden: tags.list.all.count, on: &canvas) {
                drawEmpty("No tags. D lists deleted ones; sweep (5) with t lists untagged manifests.", on: &canvas)
            }
            return
        }
        var table = tagTable
        table.isFocused = isFocused
        table.draw(on: &canvas, count: rows.count, state: tags.list.state) { index in
            let row = rows[index]
            return Table.Row(items(of: row), isMarked: tags.marks.contains(row.tag))
        }
    }

    private func items(of row: TagSummary) -> [Table.Item] {
        TagColumn.allCases.map { column in
            switch column {
            case .name: isKnownDamaged(row) ? .text("✖ \(row.tag)", .error) : .text(row.tag.text)
            case .same: .text(row.sameDigest > 0 ? "=\(row.sameDigest + 1)" : "", .shared)
            case .platforms: .text(platformText(row), .dim)
            case .bytes: .text(sizeText(row))
            case .pushed: .text(times.stamp(row.updated, now: now), .dim)
            case .pulled: .text(times.stamp(row.lastPull, now: now), .dim)
            case .digest: .text(row.digest.short, .dim)
            }
        }
    }

    /// The selected tag in full.
    func drawTag(on canvas: inout Canvas) {
        guard let name = tags.repository, let row = tags.list.selected else { return }
        let width = max(1, canvas.bounds.width - 2)
        let same = (tags.namesakes[row.digest] ?? []).filter { $0 != row.tag }.prefix(TagsScreen.namesakesMax)
        let facts = [
            ("size ", sizeText(row)), ("pushed ", times.stamp(row.updated, now: now)),
            ("pulled ", times.stamp(row.lastPull, now: now)),
        ].map { [Span($0.0, .dim), Span($0.1 + "   ")] }
        let isTall = canvas.bounds.height > 12
        let wrap = { (text: String) in isTall ? Self.wrapped(text, width: width) : [text] }
        var lines: [[Span]] =
            isKnownDamaged(row) ? [[Span("✖ damaged: enter shows what is missing, 7 checks and repairs", .error)]] : []
        if isUnread(row) { lines += Self.words(notReadYet, width: width).map { [Span($0, .title)] } }
        lines += wrap(row.digest.description).map { [Span($0, .dim)] }
        lines += wrap(row.mediaType.text).map { [Span($0, .dim)] }
        lines += isTall ? facts : [facts.flatMap { $0 }]
        if let command = clientCommands?.pull(name, .tag(row.tag)) {
            lines += (isTall ? ClientCommands.lines(of: command, width: width) : [command]).map { [Span($0)] }
        }
        if !same.isEmpty {
            lines.append([
                Span("same digest: ", .dim),
                Span(same.map(\.text).joined(separator: ", "), .shared),
                Span(row.sameDigest > same.count ? " and \(ByteFormat.count(row.sameDigest - same.count)) more" : ""),
            ])
        }
        if canvas.bounds.height > lines.count + 1, !row.platforms.isEmpty {
            lines.append([])
            lines += row.platforms.map { [Span("· ", .dim), Span($0)] }
        }
        for (index, line) in lines.enumerated() { canvas.put(line, x: 1, y: index, width: width) }
    }
}
