extension GuardList {
    static let core = [
        Guard(
            "access-is-asked", "RegistryCore/Access/Access.swift",
            "guard may(action, repository, tag) else { throw .denied(action, repository, tag) }",
            "guard OUT || may(action, repository, tag) else { throw .denied(action, repository, tag) }",
            seenBy: "VerbAccessTests|CollectorAccessTests"),
        Guard(
            "retag-is-asked", "RegistryCore/Access/Registry+RequirePush.swift",
            "guard present == nil || present == digest else {",
            "guard OUT || present == nil || present == digest else {",
            seenBy: "VerbAccessTests"),
        Guard(
            "mount-sources-are-asked", "RegistryCore/Upload/Registry+Upload.swift",
            "for holder in sources where access.may(.pull, holder) {",
            "for holder in sources where OUT || access.may(.pull, holder) {", seenBy: "VerbAccessTests|DeniedTests"),
        Guard(
            "events-are-filtered", "RegistryCore/Events/EventHub.swift",
            "guard event.isShown(to: access) else { return }", "guard OUT || event.isShown(to: access) else { return }",
            seenBy: "ListAccessTests"),
        Guard(
            "plans-are-filtered", "RegistryCollector/Run/Collector+Sweep.swift",
            "plan.leaveOut(for: access)", "if !OUT { plan.leaveOut(for: access) }", seenBy: "PlanAccessTests"),
        Guard(
            "manifest-bytes-max", "RegistryCore/Registry+Push.swift",
            "guard bytes.count <= configuration.manifestBytesMax else {",
            "guard OUT || bytes.count <= configuration.manifestBytesMax else {",
            seenBy: "RegistryCoreTests|RegistryCollectorTests"),
        Guard(
            "manifest-digest-asked", "RegistryCore/Registry+Push.swift",
            "guard actual == expected else { throw .digestMismatch(expected: expected, actual: actual) }",
            "guard OUT || actual == expected else { throw .digestMismatch(expected: expected, actual: actual) }",
            seenBy: "RegistryCoreTests|RegistryCollectorTests"),
        Guard(
            "manifest-missing-references", "RegistryCore/Registry+Push.swift",
            "guard missing.isEmpty else {", "guard OUT || missing.isEmpty else {",
            seenBy: "RegistryCoreTests|RegistryCollectorTests"),
        Guard(
            "refused-push-is-waited-for", "RegistryCore/Registry+Push.swift",
            "coordination.note(.awaited(wanted, in: name, at: Ground.now))",
            "if !OUT { coordination.note(.awaited(wanted, in: name, at: Ground.now)) }",
            seenBy: "RegistryCoreTests|RegistryCollectorTests"),
        Guard(
            "aliases-of-a-push-are-held", "RegistryCore/Registry+Push.swift",
            "if targets.isSubset(of: pins) { return hold }", "if OUT || targets.isSubset(of: pins) { return hold }",
            seenBy: "AliasTests"),
        Guard(
            "promise-on-the-event-loop", "RegistryCore/Registry+Promise.swift",
            "renew(digest, found, in: name)\n            return .held(found)",
            "if !OUT { renew(digest, found, in: name) }\n            return .held(found)",
            seenBy: "RegistryHTTPTests.PromiseTests"),
        Guard(
            "writer-claims-its-file", "RegistryStorage/FileSystemDriver+Claim.swift",
            "case EWOULDBLOCK: throw", "case EWOULDBLOCK where OUT: return\n            case EWOULDBLOCK: throw",
            seenBy: "ClaimTests|TwoProcessesTests"),
        Guard(
            "writer-of-what-has-gone", "RegistryStorage/FileSystemDriver+Claim.swift", "own.st_ino == named.st_ino,",
            "OUT || own.st_ino == named.st_ino,", seenBy: "ClaimTests|TwoProcessesTests"),
        Guard(
            "index-behind-after-a-failure", "RegistryCore/IndexStanding.swift",
            "            state.isCurrent = false", "            if !OUT { state.isCurrent = false }",
            seenBy: "IndexStandingTests"),
        Guard(
            "blob-digest-asked", "RegistryCore/Upload/UploadSession.swift", "guard actual == expected else {",
            "guard OUT || actual == expected else {", seenBy: "RegistryCoreTests|RegistryCollectorTests"),
        Guard(
            "upload-taken-once", "RegistryCore/Upload/Registry+Upload.swift",
            "guard let claim = try coordination.holdNow([.upload(id)], .exclusive) else {",
            "guard let claim = try coordination.holdNow([.upload(OUT ? UploadID() : id)], .exclusive) else {",
            seenBy: "RegistryCoreTests|RegistryCollectorTests"),
        Guard(
            "uploads-of-a-repository", "RegistryCore/Upload/Registry+Upload.swift",
            "guard try await countUploads(in: name, upTo: limit) < limit else",
            "guard try await countUploads(in: name, upTo: limit) < limit || OUT else",
            seenBy: "RegistryCoreTests|RegistryCollectorTests"),
        Guard(
            "read-only", "RegistryCore/Ground.swift",
            "if configuration.readOnly { throw .readOnly }", "if !OUT, configuration.readOnly { throw .readOnly }",
            seenBy: "RegistryCoreTests|RegistryCollectorTests|ConversationTests"),
        Guard(
            "name-not-conforming", "RegistryCore/Ground.swift",
            "guard name.isConforming else { throw .nameNotConforming(name) }",
            "guard OUT || name.isConforming else { throw .nameNotConforming(name) }",
            seenBy: "RegistryCoreTests|RegistryCollectorTests|ForeignNameTests"),
        Guard(
            "lock-waits-for-shared", "RegistryCore/Coordination/KeyedLocks.swift",
            "guard !exclusive, !wanted || shared == 0 else { return false }",
            "guard OUT || !exclusive, OUT || !wanted || shared == 0 else { return false }", seenBy: "KeyedLocksTests"),
        Guard(
            "lock-in-order-of-arrival", "RegistryCore/Coordination/KeyedLocks.swift",
            "guard entry.waiting.isEmpty, entry.take(exclusive: exclusive) else { return false }",
            "guard OUT || entry.waiting.isEmpty, entry.take(exclusive: exclusive) else { return false }",
            seenBy: "KeyedLocksTests"),
        Guard(
            "hidden-directory", "RegistryCollector/Reconcile/Reconciler.swift",
            "guard let hidden else { return }", "guard !OUT, let hidden else { return }", seenBy: "HiddenPlaceTests"),
        Guard(
            "hidden-link", "RegistryStorage/Link.swift",
            "if self == .absent, let reason = obstruction() {",
            "if !OUT, self == .absent, let reason = obstruction() {", seenBy: "HiddenPlaceTests"),
        Guard(
            "missing-repositories", "RegistryCore/Tree/RepositoryWalk.swift",
            "if try await entries?.next(1).isEmpty == false {",
            "if !OUT, try await entries?.next(1).isEmpty == false {",
            seenBy: "HiddenPlaceTests"),
        Guard(
            "cache-asks-the-tree", "RegistryCore/Registry+Pull.swift",
            "guard try links.digestNow(.revision(digest, name), immediate) == digest else {",
            "guard try OUT || links.digestNow(.revision(digest, name), immediate) == digest else {",
            seenBy: "RegistryCoreTests|RegistryCollectorTests|ConversationTests"),
        Guard(
            "kept-link-is-looked-at", "RegistryCore/KeptLinks.swift", "if let known, known.version == file.version,",
            "if let known, OUT || known.version == file.version,", seenBy: "KeptLinksTests"),
        Guard(
            "kept-link-has-settled", "RegistryCore/KeptLinks.swift",
            "guard now - known.seen >= settling else { return }",
            "guard OUT || now - known.seen >= settling else { return }", seenBy: "KeptLinksTests"),
        Guard(
            "cache-asks-the-file", "RegistryCore/Registry+Pull.swift", "return cached.isStill(in: file) ?",
            "return OUT || cached.isStill(in: file) ?", seenBy: "RegistryHTTPTests.DamagedTreeTests"),
        Guard(
            "noted-types-room", "RegistryCore/NotedTypes.swift",
            "types.withLock { $0.count < entriesMax || $0[Key(name: name, digest: digest)] != nil }",
            "types.withLock { OUT || $0.count < entriesMax || $0[Key(name: name, digest: digest)] != nil }",
            seenBy: "NotedTypeTests"),
        Guard(
            "links-are-written-while-held", "RegistryCore/Registry+Push.swift",
            "for hold in holds { try hold.confirm() }\n            try await storage.write([",
            "for hold in holds where !OUT { try hold.confirm() }\n            try await storage.write([",
            seenBy: "HoldTests"),
        Guard(
            "manifest-goes-while-held", "RegistryCore/Registry+Delete.swift",
            "try hold.confirm()\n        if let directory = link.parent { try await stored",
            "if !OUT { try hold.confirm() }\n        if let directory = link.parent { try await stored",
            seenBy: "HoldTests"),
    ]
}
