import RegistryCore

/// What a check should look at.
package struct CheckOptions: Sendable, Equatable {
    /// Reads every byte of the store and compares its hash with its name.
    package var hashesBytes: Bool
    /// Bytes read for hashing per second; nil for as fast as the disk gives them.
    package var bytesPerSecond: Int64?
    /// Files hashed at a time.
    package var filesAtOnce: Int
    /// Reads again what an interrupted run has read already.
    package var startsOver: Bool
    /// Seconds that a temporary file or a half-made upload may be old before it counts as left behind.
    package var strayAge: Int64

    package init(
        hashesBytes: Bool = false, bytesPerSecond: Int64? = nil, filesAtOnce: Int = 4, startsOver: Bool = false,
        strayAge: Int64 = 3600
    ) {
        self.hashesBytes = hashesBytes
        self.bytesPerSecond = bytesPerSecond
        self.filesAtOnce = filesAtOnce
        self.startsOver = startsOver
        self.strayAge = strayAge
    }
}

/// How far a running check has come.
package struct CheckProgress: Sendable, Equatable {
    package enum Phase: String, Sendable, Equatable {
        /// Links, tags, manifests and what they reference, repository by repository.
        case links
        /// Sizes and stray files of the store.
        case blobs
        /// Every byte.
        case hash
    }

    package var phase: Phase
    /// Things looked at in this phase: repositories, blobs; for `hash` bytes.
    package var done: Int64
    /// How many there are; nil while that is not known.
    package var total: Int64?
    /// What is being looked at; nil between two.
    package var place: String?
    package var findings: Int
    /// Seconds since the check began.
    package var seconds: Double

    package init(
        phase: Phase, done: Int64 = 0, total: Int64? = nil, place: String? = nil, findings: Int = 0,
        seconds: Double = 0
    ) {
        self.phase = phase
        self.done = done
        self.total = total
        self.place = place
        self.findings = findings
        self.seconds = seconds
    }
}

/// What a check has found.
package struct CheckReport: Sendable, Equatable {
    /// Findings that a report names; what is more is only counted.
    package static let findingsMax = 10_000

    package var repositories = 0
    package var manifests = 0
    package var tags = 0
    package var blobs = 0
    /// Bytes of the store.
    package var bytes: Int64 = 0
    /// Blobs and bytes that were hashed, by this run and the interrupted one that it continues.
    package var blobsHashed = 0
    package var bytesHashed: Int64 = 0
    /// When the hashing that this run continues was begun, seconds since 1970; nil when it began with this run.
    package var continues: Int64?
    /// In the order of their paths within each phase; at most `findingsMax`.
    package var findings: [CheckFinding] = []
    /// Findings beyond those named.
    package var unnamed = 0
    package var seconds = 0.0
    /// It was stopped before its end.
    package var isPartial = false

    package init() {}

    /// Nothing is wrong with what was looked at.
    package var isSound: Bool { findings.isEmpty && unnamed == 0 }
    package var repairable: Int { findings.count { $0.repair != nil } }
}

/// What a repair did with each finding that it could mend.
package struct RepairReport: Sendable, Equatable {
    /// Where the files went, from the root of the data directory; nil when none did.
    package var quarantine: String?
    package var repaired: [CheckFinding] = []
    /// Not mended, with the reason: it has changed since, or the storage refused.
    package var left: [Left] = []

    package struct Left: Sendable, Equatable {
        package var finding: CheckFinding
        package var reason: String

        package init(finding: CheckFinding, reason: String) {
            self.finding = finding
            self.reason = reason
        }
    }

    package init() {}
}
