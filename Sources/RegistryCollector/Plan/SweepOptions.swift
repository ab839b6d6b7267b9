/// What a sweep should look for. Each of these changes the preview at once.
package struct SweepOptions: Sendable, Hashable {
    /// Also manifests that no tag, no kept index and no kept subject holds.
    package var untagged: Bool
    /// Links to layers that no manifest of their repository needs, while another repository needs the bytes.
    package var layerLinks: Bool
    /// Upload sessions whose last write is this many seconds ago; nil leaves uploads alone.
    package var uploadSeconds: Int?
    /// Untagged manifests whose subject is not in their repository, this many seconds after they came or their subject went;
    /// nil keeps them. A client may push a signature before what it signs.
    package var referrerSeconds: Int?
    /// Seconds for which a promise to a client ("exists", "committed") spares what nothing references. Nothing
    /// depends on it for safety; it saves clients a retry.
    package var graceSeconds: Int
    /// Also the tags that the configured retention does not keep, and what only they hold.
    package var retention: Bool

    /// A week: what distribution gives an upload, and time enough to push what a signature is about.
    package static let longSeconds = 604_800

    package init(
        untagged: Bool = false, layerLinks: Bool = true, uploadSeconds: Int? = longSeconds,
        referrerSeconds: Int? = longSeconds, graceSeconds: Int = 3600, retention: Bool = false
    ) {
        self.untagged = untagged
        self.layerLinks = layerLinks
        self.uploadSeconds = uploadSeconds
        self.referrerSeconds = referrerSeconds
        self.graceSeconds = graceSeconds
        self.retention = retention
    }
}

/// How a plan is run.
package struct SweepRunSettings: Sendable, Hashable {
    /// Seconds that what was taken out stays in the quarantine, from where it can come back; 0 frees it when the run ends.
    package var quarantineSeconds: Int
    /// Lines, and files freed, a second at most; nil for as fast as it goes.
    package var linesPerSecondMax: Int?
    /// The user says that no registry of another kind writes to this tree, whatever it looks like.
    package var othersAreStopped: Bool

    package init(quarantineSeconds: Int = 0, linesPerSecondMax: Int? = nil, othersAreStopped: Bool = false) {
        self.quarantineSeconds = quarantineSeconds
        self.linesPerSecondMax = linesPerSecondMax
        self.othersAreStopped = othersAreStopped
    }
}
