import OCI
import RegistryIndex
import RegistryStorage

extension Registry {
    /// Looks whether everything is as it should be: links, references, sizes; with `hashesBytes` every byte. Changes
    /// nothing but the index. Runs while the registry serves.
    ///
    /// - Parameter progress: called now and then; false ends the check, and its report is partial.
    package func check(
        _ options: CheckOptions, progress: @escaping @Sendable (CheckProgress) -> Bool
    ) async throws(RegistryError) -> CheckReport {
        CheckReport()
    }

    /// Mends what can be mended without guessing. Each finding is looked at once more under its lock; what has changed is
    /// left alone.
    package func repair(_ findings: [CheckFinding]) async throws(RegistryError) -> RepairReport {
        RepairReport()
    }
}
