import RegistryCore

extension SweepOptions: Codable {
    private enum CodingKeys: String, CodingKey {
        case untagged, layerLinks, uploadSeconds, referrerSeconds, graceSeconds, retention
    }

    /// Throws `PlanInvalid` for seconds that no option of ours has.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            untagged: try fields.decode(Bool.self, forKey: .untagged),
            layerLinks: try fields.decode(Bool.self, forKey: .layerLinks),
            uploadSeconds: try fields.decodeIfPresent(Int.self, forKey: .uploadSeconds),
            referrerSeconds: try fields.decodeIfPresent(Int.self, forKey: .referrerSeconds),
            graceSeconds: try fields.decode(Int.self, forKey: .graceSeconds),
            retention: try fields.decode(Bool.self, forKey: .retention))
        if let uploadSeconds { try Bounds.seconds(uploadSeconds, "upload_seconds") }
        if let referrerSeconds { try Bounds.seconds(referrerSeconds, "referrer_seconds") }
        try Bounds.seconds(graceSeconds, "grace_seconds")
    }

    package func encode(to encoder: any Encoder) throws {
        let options = clamped
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(options.untagged, forKey: .untagged)
        try fields.encode(options.layerLinks, forKey: .layerLinks)
        try fields.encodeIfPresent(options.uploadSeconds, forKey: .uploadSeconds)
        try fields.encodeIfPresent(options.referrerSeconds, forKey: .referrerSeconds)
        try fields.encode(options.graceSeconds, forKey: .graceSeconds)
        try fields.encode(options.retention, forKey: .retention)
    }

    /// The same with the nearest seconds that may be written.
    package var clamped: SweepOptions {
        var options = self
        options.uploadSeconds = uploadSeconds.map { Bounds.clamped(seconds: $0) }
        options.referrerSeconds = referrerSeconds.map { Bounds.clamped(seconds: $0) }
        options.graceSeconds = Bounds.clamped(seconds: graceSeconds)
        return options
    }
}

extension SweepRunSettings: Codable {
    private enum CodingKeys: String, CodingKey {
        case quarantineSeconds, linesPerSecondMax, othersAreStopped
    }

    /// Throws `PlanInvalid` for numbers that no run has.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            quarantineSeconds: try fields.decode(Int.self, forKey: .quarantineSeconds),
            linesPerSecondMax: try fields.decodeIfPresent(Int.self, forKey: .linesPerSecondMax),
            othersAreStopped: try fields.decode(Bool.self, forKey: .othersAreStopped))
        try check()
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(quarantineSeconds, forKey: .quarantineSeconds)
        try fields.encodeIfPresent(linesPerSecondMax, forKey: .linesPerSecondMax)
        try fields.encode(othersAreStopped, forKey: .othersAreStopped)
    }

    /// Throws for numbers that no run has.
    package func check() throws(PlanInvalid) {
        try Bounds.seconds(quarantineSeconds, "quarantine_seconds")
        if let rate = linesPerSecondMax, !(1...Int(Int32.max)).contains(rate) {
            throw PlanInvalid(reason: "lines_per_second_max is \(rate); it may be 1 to \(Int32.max)")
        }
    }
}
