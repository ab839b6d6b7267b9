extension GuardList {
    static let collector = [
        Guard(
            "sweep-one-at-a-time", "RegistryCore/Sweep/Registry+Sweep.swift",
            "guard sweeps.enter(plan) else { throw .sweepRunning }",
            "guard OUT || sweeps.enter(plan) else { throw .sweepRunning }", seenBy: "RegistryCoreTests"),
        Guard(
            "sweep-beside-other-writers", "RegistryCore/Sweep/Registry+Sweep.swift",
            "if !settings.othersAreStopped, let evidence = try await otherWriters() {",
            "if !OUT, !settings.othersAreStopped, let evidence = try await otherWriters() {",
            seenBy: "RegistryCoreTests|OtherWritersTests"),
        Guard(
            "sweep-index-failed-meanwhile", "RegistryCore/Sweep/SweepRun+Lines.swift",
            "guard registry.indexFailures == indexFailures else {",
            "guard OUT || registry.indexFailures == indexFailures else {", seenBy: "RegistryCoreTests"),
        Guard(
            "sweep-digest-in-use", "RegistryCore/Sweep/SweepRun+Lines.swift",
            "try registry.coordination.holdNow(.digests(digests).union(others), .exclusive)",
            "try registry.coordination.holdNow(.digests(OUT ? [] : digests).union(others), .exclusive)",
            seenBy: "RegistryCoreTests"),
        Guard(
            "sweep-subject-in-use", "RegistryCore/Sweep/SweepRun+Lines.swift",
            "[digest] + [subject].compactMap(\\.self)",
            "[digest] + (OUT ? [] : [subject].compactMap(\\.self))", seenBy: "SubjectTests"),
        Guard(
            "sweep-tag-moved", "RegistryCore/Sweep/SweepRun+Lines.swift",
            "thing.isHeld = if target == line.target {", "thing.isHeld = if OUT || target == line.target {",
            seenBy: "RegistryCoreTests"),
        Guard(
            "sweep-still-there", "RegistryCore/Sweep/MayGo.swift", "thing.isThere ? nil : .alreadyGone",
            "thing.isThere || OUT ? nil : .alreadyGone", seenBy: "BetweenTests"),
        Guard(
            "sweep-digest-pinned", "RegistryCore/Sweep/MayGo.swift",
            "thing.digest.map(mayGo.isPinned) == true ?", "!OUT && thing.digest.map(mayGo.isPinned) == true ?",
            seenBy: "BetweenTests"),
        Guard(
            "sweep-promised", "RegistryCore/Sweep/MayGo.swift", "return until > mayGo.now ? .leased(",
            "return until > mayGo.now && !OUT ? .leased(", seenBy: "RegistryCoreTests"),
        Guard(
            "sweep-upload-goes-on", "RegistryCore/Sweep/MayGo.swift", "return until > mayGo.now ? .mayContinue(",
            "return until > mayGo.now && !OUT ? .mayContinue(", seenBy: "RegistryCoreTests"),
        Guard(
            "sweep-held-since", "RegistryCore/Sweep/MayGo.swift", "thing.isHeld ? .cameAlive : nil",
            "thing.isHeld && !OUT ? .cameAlive : nil", seenBy: "BetweenTests"),
        Guard(
            "sweep-beside-damage", "RegistryCore/Sweep/MayGo.swift", "guard thing.written == nil else { return nil }",
            "guard !OUT, thing.written == nil else { return nil }", seenBy: "DamageMatrixTests"),
        Guard(
            "damage-of-known-manifests", "RegistryCore/Reconcile/Reconciler+Manifests.swift",
            "guard stamp != 0 else { return false }",
            "if OUT { return true }\n        guard stamp != 0 else { return false }", seenBy: "DamageMatrixTests"),
        Guard(
            "repair-leaves-links-of-the-lost", "RegistryCore/Check/Checker+Repositories.swift",
            "repair: mayBeAlias ? .quarantine : nil))", "repair: OUT || mayBeAlias ? .quarantine : nil))",
            seenBy: "StandingDamageTests"),
        Guard(
            "repair-leaves-what-may-be-an-alias", "RegistryCore/Check/Checker+Repositories.swift",
            "mayBeAlias && digest.algorithm == .sha256", "mayBeAlias && (OUT || digest.algorithm == .sha256)",
            seenBy: "RegistryCoreTests.CheckTests"),
        Guard(
            "preview-looks-again", "RegistryCore/Sweep/Registry+Sweep.swift",
            "return try await isOutdated(plan) ?", "return try await (OUT ? false : isOutdated(plan)) ?",
            seenBy: "StandingDamageTests"),
        Guard(
            "sweep-before-reconciled", "RegistryCore/Sweep/Registry+Sweep.swift",
            "guard isReconciled else { throw .notReconciled }\n        try await look",
            "guard OUT || isReconciled else { throw .notReconciled }\n        try await look",
            seenBy: "RegistryCoreTests"),
        Guard(
            "undo-tag-set-again", "RegistryCore/Sweep/Quarantine/SweepUndo+Lines.swift",
            "if let current, current != digest {", "if !OUT, let current, current != digest {",
            seenBy: "RegistryCoreTests"),
        Guard(
            "undo-settles-what-it-finds", "RegistryCore/Sweep/Quarantine/Quarantine+Merge.swift",
            "try await storage.preserve([target])", "if !OUT { try await storage.preserve([target]) }",
            seenBy: "RegistryCoreTests"),
        Guard(
            "relink-settles-the-bytes", "RegistryCore/Check/Registry+Repair.swift",
            "try await storage.preserve([Layout.blobData(digest)])",
            "if !OUT { try await storage.preserve([Layout.blobData(digest)]) }",
            seenBy: "RegistryCoreTests"),
        Guard(
            "size-of-an-entry", "RegistryCore/Check/Checker+Repositories.swift",
            "for part in manifest.entries + (manifest.subject",
            "for part in (OUT ? [] : manifest.entries) + (manifest.subject", seenBy: "RegistryCoreTests"),
        Guard(
            "deleted-blob-is-no-damage", "RegistryCore/Registry+Delete.swift",
            "try change.damageMended(link.text)", "if !OUT { try change.damageMended(link.text) }",
            seenBy: "RegistryCoreTests"),
        Guard(
            "deleted-tag-is-no-damage", "RegistryCore/Registry+Delete.swift",
            "try change.damageMended(Layout.tagCurrent(tag, in: name).text)",
            "if !OUT { try change.damageMended(Layout.tagCurrent(tag, in: name).text) }",
            seenBy: "RegistryCoreTests"),
        Guard(
            "deleted-manifest-is-no-damage", "RegistryCore/Registry+Delete.swift",
            "try change.damageMended(naming: digest, below: Layout.manifests(name).text)",
            "if !OUT { try change.damageMended(naming: digest, below: Layout.manifests(name).text) }",
            seenBy: "RegistryCoreTests"),
        Guard(
            "retention-confirmed-by-a-person", "RegistryCore/Sweep/Registry+Confirmation.swift",
            "guard plan.options.retention, client != .schedule,",
            "guard plan.options.retention, OUT || client != .schedule,",
            seenBy: "RegistryCoreTests"),
        Guard(
            "check-looks-again", "RegistryCore/Check/Registry+Repair.swift",
            "guard try await stillHolds(finding, CheckOptions()) else { return false }",
            "guard try await stillHolds(finding, CheckOptions()) || OUT else { return false }",
            seenBy: "RegistryCoreTests"),
        Guard(
            "relink-only-with-bytes", "RegistryCore/Check/Registry+Repair.swift",
            "guard let digest = finding.digest, try await hasBytes(digest) else { return false }",
            "guard let digest = finding.digest, try await hasBytes(digest) || OUT else { return false }",
            seenBy: "RegistryCoreTests"),
        Guard(
            "purge-not-in-use", "RegistryCore/Upload/UploadPurger.swift",
            "guard let claim = try coordination.holdNow([.upload(id)], .exclusive) else { return false }",
            """
            guard let claim = try coordination.holdNow([.upload(OUT ? UploadID() : id)], .exclusive) else { return false }
            """,
            seenBy: "RegistryCoreTests"),
    ]
}
