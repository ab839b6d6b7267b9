import Foundation
import Logging
import OCI
package import RegistryCore
import RegistryStorage

/// Tags go by themselves only under a retention that a person has seen at work once. The storage keeps the fingerprint of
/// that very policy: another word in it, and it is asked for again.
extension Collector {
    private static let fingerprintBytesMax = 1024

    /// True when a person has run a plan under the configured retention; false too where none is configured.
    package func isRetentionConfirmed(by access: Access) async throws(RegistryError) -> Bool {
        try access.require(.administer, nil)
        guard let fingerprint = settings.retention?.fingerprint else { return false }
        let confirmed = try await stored {
            try await storage.read(Layout.retentionConfirmed, limit: Self.fingerprintBytesMax)
        }
        return confirmed == Array(fingerprint.utf8)
    }

    /// Writes down that a person has run a plan under the configured retention; nothing where none is configured.
    package func confirmRetention(by access: Access) async throws(RegistryError) {
        try access.require(.administer, nil)
        guard let fingerprint = settings.retention?.fingerprint else { return }
        try ground.requireWritable()
        try await stored { try await storage.write(Layout.retentionConfirmed, Array(fingerprint.utf8)) }
    }

    /// The same for a plan that is about to run. One that was made before this registry was opened may be about another
    /// policy, and confirms nothing.
    func confirm(_ plan: PlannedSweep, by access: Access) async {
        guard plan.options.retention, access.client != .schedule,
            plan.made.timeIntervalSince1970 >= Double(ground.opened)
        else {
            return
        }
        do throws(RegistryError) {
            try await confirmRetention(by: access)
        } catch {
            logger.warning(
                "cannot write down that the retention was confirmed", metadata: ["error": "\(error.message)"])
        }
    }
}

extension RetentionPolicy {
    /// The digest of the policy as JSON with sorted keys: the same for the same rules, and for no others.
    var fingerprint: String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(self) else { return nil }
        return Digest.of(Array(json)).description
    }
}
