import OCI

/// Who may be told of it.
extension RegistryEvent {
    /// True where its repository may be pulled from, and its tag and the source of a mount too; what is of no one repository
    /// is for who administers.
    func isShown(to access: Access) -> Bool {
        guard let repository else { return access.may(.administer, nil) }
        guard access.may(.pull, repository, tag) else { return false }
        if case .blobMounted(_, _, let source) = action { return access.may(.pull, source) }
        return true
    }

    /// The tag that it names; nil where it names none.
    private var tag: Tag? {
        switch action {
        case .manifestPushed(_, _, let tag, _), .manifestPulled(_, _, let tag, _): tag
        case .manifestMissed(_, let reference): reference.tag
        case .tagDeleted(_, let tag, _), .tagRolledBack(_, let tag, _), .tagRestored(_, let tag, _): tag
        case .blobPushed, .blobPulled, .blobAsked, .blobMounted, .blobDeleted, .uploadStarted, .uploadPaused,
            .manifestDeleted, .refused, .sweepFinished, .sweepUndone, .quarantinePurged, .reconciled:
            nil
        }
    }
}
