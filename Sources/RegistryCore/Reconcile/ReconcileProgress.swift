/// How far the comparison of the index with the tree has come.
package struct ReconcileProgress: Sendable, Equatable {
    package var repositories = 0
    package var manifests = 0
    package var blobs = 0
    /// Rows that were added or taken away because the tree said otherwise.
    package var corrections = 0
    package var damaged = 0
    /// From 0 to 1; nil while that is not known.
    package var fraction: Double?
    /// Seconds since it began.
    package var seconds = 0.0

    package init() {}
}
