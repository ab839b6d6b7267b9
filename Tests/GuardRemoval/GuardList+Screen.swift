extension GuardList {
    static let screen = [
        Guard(
            "hostile-characters", "Drawing/Canvas/CellText.swift",
            "if CharacterWidth.isHostile(scalar) { return plain(Glyphs.replacement) }",
            "if !OUT, CharacterWidth.isHostile(scalar) { return plain(Glyphs.replacement) }", seenBy: "DrawingTests"),
        Guard(
            "text-length", "Drawing/Canvas/CellText.swift", "if pending == nil, budget > 0 {",
            "if pending == nil, OUT || budget > 0 {", seenBy: "DrawingTests"),
        Guard(
            "leave-while-something-runs", "Cockpit/Update/Update.swift",
            "guard !isLeaving, !transfers.isEmpty || isSweeping || isRepairing else { return [.terminal(.quit)] }",
            "guard !OUT, !isLeaving, !transfers.isEmpty || isSweeping || isRepairing else { return [.terminal(.quit)] }",
            seenBy: "CockpitTests"),
        Guard(
            "leave-when-the-sweep-has-ended", "Cockpit/Update/Update.swift",
            "guard isLeaving, !sweep.isRunning, !check.session.isRepairing else { return [] }",
            "guard isLeaving, OUT || (!sweep.isRunning && !check.session.isRepairing) else { return [] }",
            seenBy: "CockpitTests"),
    ]
}
