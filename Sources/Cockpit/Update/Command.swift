/// What a key, a click on a hint or a word of the palette asks for.
enum Command: Hashable, Sendable {
    // Moving about
    case up, down, top, bottom, pageUp, pageDown
    case left, right, nextPane, previousPane
    /// The selected row in full.
    case open, detail, back
    case screen(Screen)
    case backward, forward
    // On top of every screen
    case filter, nextMatch, previousMatch
    case palette, help, themes
    case ticker, mouse, redraw, refresh, shell
    case quit, interrupt
    // Lists
    case sort, reverseSort
    case toggleMark, copy, copyByDigest, clientTool, delete, reclaim
    /// Back to what was: deleted tags, lines of the quarantine.
    case undo
    // Tags
    case history, deletedTags
    // Graph
    case usedBy, expandAll
    // Activity
    case pause, cycleKind
    // Sweep
    case preview, untagged, layerLinks, uploads, referrers, retention, longerGrace, shorterGrace, freeAtOnce
    case keep, export, holdSweep, purge, resume
    // Server
    case startStop, restart, logLevel
    // Check
    case checkLinks, checkBytes, repair
}
