package import Drawing
package import Foundation
package import RegistryCollector
import RegistryCore

/// What the cockpit is told once, when it starts.
package struct Setup: Sendable {
    /// The first breadcrumb: what this registry is called.
    package var title: String
    /// Everything shown is made up and gone with the program: said on every screen, and nothing to wait for.
    package var isDemonstration: Bool
    /// Where the server listens or will, such as `127.0.0.1:5000`, or `:5000` for all interfaces; for commands to copy
    /// while it is stopped.
    package var address: String
    /// What a client must bring to be let in.
    package var access: Access
    /// Whether clients speak TLS with it.
    package var isTLS: Bool
    /// Where the data lies, as text for people.
    package var storageRoot: String
    /// Every theme there is, the one to begin with first. Never empty: a theme without colours is there at least.
    package var themes: [Theme]
    /// For times of day.
    package var timeZone: TimeZone
    package var isMouseOn: Bool
    /// The grace a sweep begins with; the registry's own configuration.
    package var graceSeconds: Int
    /// How a sweep is run unless the user says otherwise; the registry's own configuration.
    package var sweep: SweepRunSettings
    /// Why nothing can be deleted, as half a sentence; nil where it can.
    package var deletionRefusal: String?
    /// Why nothing at all can be changed; nil where it can.
    package var changeRefusal: String?
    /// Whether a retention is configured, so that a sweep can ask what it does not keep.
    package var hasRetention: Bool

    package init(
        title: String = "berth", isDemonstration: Bool = false, address: String, access: Access = .anybody,
        isTLS: Bool = false,
        storageRoot: String, themes: [Theme] = [],
        timeZone: TimeZone = .current, isMouseOn: Bool = true, graceSeconds: Int = 3600,
        sweep: SweepRunSettings = SweepRunSettings(), hasRetention: Bool = false, deletionRefusal: String? = nil,
        changeRefusal: String? = nil
    ) {
        self.title = isDemonstration ? "\(title) demo" : title
        self.isDemonstration = isDemonstration
        self.address = address
        self.access = access
        self.isTLS = isTLS
        self.storageRoot = storageRoot
        self.themes = themes.isEmpty ? [Theme(name: "plain", appearance: .dark)] : themes
        self.timeZone = timeZone
        self.isMouseOn = isMouseOn
        self.graceSeconds = graceSeconds
        self.sweep = sweep
        self.hasRetention = hasRetention
        self.deletionRefusal = changeRefusal ?? deletionRefusal
        self.changeRefusal = changeRefusal
    }
}
