package import Drawing

/// How to use the terminal; read once at the start of a run.
package struct TerminalOptions: Sendable {
    /// When to use colours.
    package enum ColourUse: String, Sendable, CaseIterable {
        case never
        /// Unless the environment variable `NO_COLOR` says no. Source: https://no-color.org
        case auto
        case always
    }

    /// When to use colours.
    package var colour: ColourUse = .auto
    /// Whether to take mouse events from the start.
    package var mouse = true
    /// The glyph set; nil takes Unicode where the terminal takes UTF-8, else ASCII.
    package var glyphs: Glyphs?
    /// The theme of the first frame.
    package var theme: Theme = .berthDark
    /// The file descriptor that takes what the process writes to standard output and error meanwhile; -1 discards it.
    package var logDescriptor: Int32 = -1
    /// The log's path, printed when the process crashes; nil for none.
    package var logPath: String?

    package init() {}
}
