/// What an index entry runs on (image-spec, `image-index.md`, `platform`).
package struct Platform: Hashable, Sendable, Codable {
    package var architecture: String
    package var os: String
    package var variant: String?
    package var osVersion: String?

    package init(os: String, architecture: String, variant: String? = nil, osVersion: String? = nil) {
        self.os = os
        self.architecture = architecture
        self.variant = variant
        self.osVersion = osVersion
    }

    private enum CodingKeys: String, CodingKey {
        case architecture, os, variant
        case osVersion = "os.version"
    }

    /// As people write it: `linux/arm/v7`.
    package var label: String {
        variant.map { "\(os)/\(architecture)/\($0)" } ?? "\(os)/\(architecture)"
    }
}
