extension Configuration {
    /// What is asked of a manifest before it is taken: the section `validation`.
    package struct Validation: Equatable, Sendable {
        /// Whether config and layers must be there; `validation.disabled` turns it off together with the entries.
        package var requiresBlobs = true
        /// Whether the entries of an index must be there; off where `manifests.indexes.platforms` is `none`.
        package var requiresIndexEntries = true

        private enum Platforms: String, CaseIterable {
            case all, none
            /// Only those listed; as strict as `all` here, which refuses more and loses nothing.
            case list
        }

        package init() {}

        init(_ validation: ConfigurationReader) throws(ConfigurationError) {
            let disabled = try validation.field("disabled").flag() ?? false
            let platforms = try validation.field("manifests").field("indexes").field("platforms").word(Platforms.self)
            requiresBlobs = !disabled
            requiresIndexEntries = !disabled && platforms != Platforms.none
        }
    }
}
