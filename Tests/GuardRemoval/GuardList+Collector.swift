extension GuardList {
    static let collector = [
        Guard(
            "sweep-one-at-a-time", "RegistryCollector/Run/Collector+Sweep.swift",
            "guard let hold = try coordination.holdNow([.sweep], .exclusive) else { throw .sweepRunning }",
            "guard let hold = try coordination.holdNow(OUT ? [] : [.sweep], .exclusive) else { throw .sweepRunning }",
            seenBy: "RegistryCollectorTests"),
        Guard(
            "sweep-beside-other-writers", "RegistryCollector/Run/Collector+Sweep.swift",
            "if !settings.othersAreStopped, let evidence = try await otherWriters() {",
            "if !OUT, !settings.othersAreStopped, let evidence = try await otherWriters() {",
            seenBy: "RegistryCollectorTests|OtherWritersTests"),
        Guard(
            "sweep-index-failed-meanwhile", "RegistryCollector/Run/SweepRun+Lines.swift",
            "guard ground.standing.additionsLost == indexFailures else {",
            "guard OUT || ground.standing.additionsLost == indexFailures else {", seenBy: "RegistryCollectorTests"),
        Guard(
            "sweep-digest-in-use", "RegistryCollector/Run/SweepRun+Lines.swift",
            "try ground.coordination.holdNow(.digests(digests).union(others), .exclusive)",
            "try ground.coordination.holdNow(.digests(OUT ? [] : digests).union(others), .exclusive)",
            seenBy: "RegistryCollectorTests"),
        Guard(
            "sweep-subject-in-use", "RegistryCollector/Run/SweepRun+Lines.swift",
            "[digest] + [subject].compactMap(\\.self)",
            "[digest] + (OUT ? [] : [subject].compactMap(\\.self))", seenBy: "SubjectTests"),
        Guard(
            "sweep-tag-moved", "RegistryCollector/Run/SweepRun+Lines.swift",
            "thing.isHeld = if target == line.target {", "thing.isHeld = if OUT || target == line.target {",
            seenBy: "RegistryCollectorTests"),
        Guard(
            "sweep-still-there", "RegistryCollector/MayGo.swift", "thing.isThere ? nil : .alreadyGone",
            "thing.isThere || OUT ? nil : .alreadyGone", seenBy: "BetweenTests"),
        Guard(
            "sweep-digest-pinned", "RegistryCollector/MayGo.swift",
            "thing.digest.map(mayGo.isPinned) == true ?", "!OUT && thing.digest.map(mayGo.isPinned) == true ?",
            seenBy: "BetweenTests"),
        Guard(
            "sweep-promised", "RegistryCollector/MayGo.swift", "return until > mayGo.now ? .leased(",
            "return until > mayGo.now && !OUT ? .leased(", seenBy: "RegistryCollectorTests"),
        Guard(
            "sweep-upload-goes-on", "RegistryCollector/MayGo.swift", "return until > mayGo.now ? .mayContinue(",
            "return until > mayGo.now && !OUT ? .mayContinue(", seenBy: "RegistryCollectorTests"),
        Guard(
            "sweep-held-since", "RegistryCollector/MayGo.swift", "thing.isHeld ? .cameAlive : nil",
            "thing.isHeld && !OUT ? .cameAlive : nil", seenBy: "BetweenTests"),
        Guard(
            "sweep-beside-damage", "RegistryCollector/MayGo.swift", "guard thing.written == nil else { return nil }",
            "guard !OUT, thing.written == nil else { return nil }", seenBy: "DamageMatrixTests"),
        Guard(
            "damage-of-known-manifests", "RegistryCollector/Reconcile/Reconciler+Manifests.swift",
            "guard stamp != 0 else { return false }",
            "if OUT { return true }\n        guard stamp != 0 else { return false }", seenBy: "DamageMatrixTests"),
        Guard(
            "repair-leaves-links-of-the-lost", "RegistryCollector/Check/Checker+Repositories.swift",
            "repair: mayBeAlias ? .quarantine : nil))", "repair: OUT || mayBeAlias ? .quarantine : nil))",
            seenBy: "StandingDamageTests"),
        Guard(
            "repair-leaves-what-may-be-an-alias", "RegistryCollector/Check/Checker+Repositories.swift",
            "mayBeAlias && digest.algorithm == .sha256", "mayBeAlias && (OUT || digest.algorithm == .sha256)",
            seenBy: "RegistryCoreTests.CheckTests"),
        Guard(
            "preview-looks-again", "RegistryCollector/Run/Collector+Sweep.swift",
            "return try await isOutdated(plan) ?", "return try await (OUT ? false : isOutdated(plan)) ?",
            seenBy: "StandingDamageTests"),
        Guard(
            "sweep-before-reconciled", "RegistryCollector/Run/Collector+Sweep.swift",
            "guard ground.isReconciled else { throw .notReconciled }\n        try await look",
            "guard OUT || ground.isReconciled else { throw .notReconciled }\n        try await look",
            seenBy: "RegistryCollectorTests"),
        Guard(
            "undo-tag-set-again", "RegistryCollector/Quarantine/SweepUndo+Lines.swift",
            "if let current, current != digest {", "if !OUT, let current, current != digest {",
            seenBy: "RegistryCollectorTests"),
        Guard(
            "undo-settles-what-it-finds", "RegistryStorage/RenamingStorage.swift",
            "try await settle(.files([target]))", "if !OUT { try await settle(.files([target])) }",
            seenBy: "RegistryCollectorTests"),
        Guard(
            "relink-settles-the-bytes", "RegistryCollector/Check/Collector+Repair.swift",
            "try await storage.settle(.files([Layout.blobData(digest)]))",
            "if !OUT { try await storage.settle(.files([Layout.blobData(digest)])) }",
            seenBy: "RegistryCollectorTests"),
        Guard(
            "size-of-an-entry", "RegistryCollector/Check/Checker+Repositories.swift",
            "for part in manifest.entries + (manifest.subject",
            "for part in (OUT ? [] : manifest.entries) + (manifest.subject", seenBy: "RegistryCollectorTests"),
        Guard(
            "deleted-blob-is-no-damage", "RegistryCore/Registry+Delete.swift",
            "try change.damageMended(link.text)", "if !OUT { try change.damageMended(link.text) }",
            seenBy: "RegistryCollectorTests"),
        Guard(
            "deleted-tag-is-no-damage", "RegistryCore/Registry+Delete.swift",
            "try change.damageMended(Layout.tagCurrent(tag, in: name).text)",
            "if !OUT { try change.damageMended(Layout.tagCurrent(tag, in: name).text) }",
            seenBy: "RegistryCollectorTests"),
        Guard(
            "deleted-manifest-is-no-damage", "RegistryCore/Tree/Ground+Tree.swift",
            "try change.damageMended(naming: digest, below: Layout.manifests(name).text)",
            "if !OUT { try change.damageMended(naming: digest, below: Layout.manifests(name).text) }",
            seenBy: "RegistryCollectorTests"),
        Guard(
            "retention-confirmed-by-a-person", "RegistryCollector/Retention/Collector+Confirmation.swift",
            "guard plan.options.retention, access.client != .schedule,",
            "guard plan.options.retention, OUT || access.client != .schedule,",
            seenBy: "RegistryCollectorTests"),
        Guard(
            "check-looks-again", "RegistryCollector/Check/Collector+Repair.swift",
            "guard try await stillHolds(finding, CheckOptions()) else { return false }",
            "guard try await stillHolds(finding, CheckOptions()) || OUT else { return false }",
            seenBy: "RegistryCollectorTests"),
        Guard(
            "relink-only-with-bytes", "RegistryCollector/Check/Collector+Repair.swift",
            "guard let digest = finding.digest, try await ground.hasBytes(digest) else { return false }",
            "guard let digest = finding.digest, try await ground.hasBytes(digest) || OUT else { return false }",
            seenBy: "RegistryCollectorTests"),
        Guard(
            "purge-not-in-use", "RegistryCollector/Uploads/Collector+Uploads.swift",
            "guard let claim = try coordination.holdNow([.upload(id)], .exclusive), try",
            "guard let claim = try coordination.holdNow([.upload(OUT ? UploadID() : id)], .exclusive), try",
            seenBy: "RegistryCollectorTests"),
        Guard(
            "what-goes-is-held", "RegistryStorage/RenamingStorage.swift",
            "try mayGoOn()\n            do throws(StorageError) {",
            "if !OUT { try mayGoOn() }\n            do throws(StorageError) {",
            seenBy: "HoldTests"),
        Guard(
            "sweep-has-its-place", "RegistryCollector/Quarantine/SweepUndo.swift",
            "try collector.sweeps.confirm()\n            if unsettled",
            "if !OUT { try collector.sweeps.confirm() }\n            if unsettled", seenBy: "HoldTests"),
    ]
}
