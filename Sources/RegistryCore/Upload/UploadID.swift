package import Foundation

/// The name of an upload session: a UUID in its canonical lower-case form.
///
/// Always a real UUID, for distribution's purger looks for one in the path and removes the wrong directory without it.
package struct UploadID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init() { text = UUID().uuidString.lowercased() }

    /// Nil for anything but the 36-character form.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 36, UUID(uuidString: String(text)) != nil else { return nil }
        self.text = String(text)
    }

    package var description: String { text }
}

/// Where an upload stands.
package struct UploadStatus: Sendable, Equatable {
    package var id: UploadID
    /// Bytes that have arrived and are on the disk.
    package var offset: Int64
    package var started: Date
}
