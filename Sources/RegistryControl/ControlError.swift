import RegistryCollector
package import RegistryCore

/// Why something that was asked of the collector was not done. Also the answer of the control socket.
package struct ControlError: Error, Sendable, Equatable {
    package var kind: Kind
    /// What is wrong, as half a sentence.
    package var message: String

    /// The raw value is the status of HTTP that says the same.
    package enum Kind: Int, Sendable, CaseIterable {
        /// What was asked for makes no sense.
        case badRequest = 400
        /// The registry may not be written to, or not by who asks.
        case notAllowed = 403
        /// There is no such run, tag or repository.
        case unknown = 404
        /// Something else is under way; the same may be asked again later.
        case busy = 409
        /// Another registry may be writing to the tree; that none is can be said with the request.
        case othersMayWrite = 412
        case tooLarge = 413
        case failed = 500
        /// The index is still being compared with the tree.
        case tooEarly = 503
    }

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package init(_ error: RegistryError) {
        message = error.message
        switch error {
        case .runUnknown, .nameUnknown, .manifestUnknown, .blobUnknown, .uploadUnknown: kind = .unknown
        case .denied, .readOnly, .deletionDisabled, .nameNotConforming: kind = .notAllowed
        case .otherWriters: kind = .othersMayWrite
        case .notReconciled, .indexBehind: kind = .tooEarly
        case .sweepRunning, .notHeld, .notAlone, .runEnded, .tagConflict, .uploadConflict, .rangeOutOfOrder,
            .tooManyUploads:
            kind = .busy
        case .manifestInvalid, .manifestTooLarge, .manifestReferencesUnknown, .digestMismatch, .planInvalid:
            kind = .badRequest
        case .noRoomForQuarantine, .noRoom, .recordUnreadable, .interrupted, .storage, .unexpected, .index:
            kind = .failed
        }
    }

    /// Any error, where one of ours keeps its kind.
    init(any error: any Error) {
        switch error {
        case let error as ControlError: self = error
        case let error as RegistryError: self.init(error)
        case let error as PlanInvalid: self.init(.badRequest, "the plan cannot be read: \(error.reason)")
        default: self.init(.failed, "\(error)")
        }
    }
}

extension ControlError: Codable {
    private enum CodingKeys: String, CodingKey {
        case message
        case kind = "status"
    }

    /// Takes a kind that it does not know for a failure.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            Kind(rawValue: try fields.decode(Int.self, forKey: .kind)) ?? .failed,
            try fields.decode(String.self, forKey: .message))
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(message, forKey: .message)
        try fields.encode(kind.rawValue, forKey: .kind)
    }
}

/// What was refused before anything was answered.
struct ControlRefusal: Codable {
    var error: String
}
