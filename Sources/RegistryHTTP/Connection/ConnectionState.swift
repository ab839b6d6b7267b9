/// What is true of one connection of HTTP/1, or of one stream of HTTP/2: a value without a channel, a clock or a request.
/// It is told what came in and says what is to be done; `ConnectionHandler` does it.
///
/// Nothing in it is on the heap, and no method makes anything that is: it is asked several times for each request. What is
/// told at a time when it cannot be so changes nothing: of a connection that is closing, the decoder may still have more.
struct ConnectionState {
    enum State: Equatable {
        /// No request is under way; of the answer before, the peer may not have all.
        case idle
        /// The head of a request has come, and no answer to it has begun.
        case asked(Terms, Body)
        /// An answer is going out. Of a body that it refused, so many bytes were read past; nil when the request has come
        /// to its end.
        case answering(closes: Bool, bytesDiscarded: Int?)
        /// The answer is out, and the client still owes the end of the body that it refused.
        case owed(bytesDiscarded: Int)
        /// The request will not be answered to its end: it is no HTTP, nobody is there to read, or the answer broke off. The
        /// connection is being closed, which takes a while where TLS says goodbye.
        case ending(bytesDiscarded: Int, isReadHeld: Bool)
        /// The last answer is out to its last byte: the connection closes, or does when the peer has all of it.
        case closing
        /// The peer went. An answer that was going out still comes to an end, for the log.
        case gone(isAnswering: Bool)
    }

    /// What a request says of itself and of the connection it came on.
    struct Terms: Equatable {
        /// A body is announced that is worth taking.
        var hasBody = false
        var isHead = false
        /// The client wants to ask for more on this connection.
        var isKeepAlive = true
        /// It may be written so that the next request is the end of this one.
        var hasFault = false
        /// A list of unknown length can be sent with its end marked; in HTTP/1.0 the end of the connection marks it.
        var knowsChunks = true
    }

    /// How far the body of a request has come before an answer has begun.
    enum Body: Equatable {
        /// Nobody takes it; it has not come to its end, so many bytes were read past.
        case unwanted(bytesDiscarded: Int)
        /// It goes to the task that makes the answer.
        case taken(hasEnded: Bool, isReadHeld: Bool)
        /// The request is there as a whole; what there was of a body nobody took.
        case ended
    }

    /// Bytes of a body nobody wants that are still read, so that the client sees the answer and not a reset.
    static let bytesDiscardedMax = 8 << 20

    private(set) var state = State.idle
    /// HTTP/2 ends a stream by itself when both sides have said all, and `Connection` means nothing there.
    private let isStream: Bool
    /// The peer has ended the connection with something left in it.
    private var isBroken = false
    /// Bytes that the peer had acknowledged when time was up last, of all requests.
    private var bytesTaken: UInt64 = 0

    init(isStream: Bool) { self.isStream = isStream }

    // MARK: Requests

    /// The head of a request is whole.
    mutating func requestBegan(_ terms: Terms) -> HeadAction {
        // Nothing follows a request that closes (RFC 9112 §9.6), whatever the decoder has read with it.
        guard case .idle = state else { return .ignore }
        state = .asked(terms, .unwanted(bytesDiscarded: 0))
        return terms.hasBody ? .answerOrTakeBody : .awaitEnd
    }

    /// There is no answer before the body: a task is to make one of it.
    mutating func bodyIsTaken() {
        guard case .asked(let terms, .unwanted) = state else { return }
        state = .asked(terms, .taken(hasEnded: false, isReadHeld: false))
    }

    /// A part of a body has come.
    mutating func bodyCame(bytes: Int) -> PartAction {
        switch state {
        case .asked(_, .taken): return .append
        case .asked(let terms, .unwanted(let discarded)):
            state = .asked(terms, .unwanted(bytesDiscarded: discarded + bytes))
            return Self.discard(discarded + bytes, .body)
        case .answering(let closes, let discarded?):
            state = .answering(closes: closes, bytesDiscarded: discarded + bytes)
            return Self.discard(discarded + bytes, .answer)
        case .owed(let discarded):
            state = .owed(bytesDiscarded: discarded + bytes)
            return Self.discard(discarded + bytes, .body)
        case .ending(let discarded, let isReadHeld):
            state = .ending(bytesDiscarded: discarded + bytes, isReadHeld: isReadHeld)
            return Self.discard(discarded + bytes, .answer)
        case .idle, .asked(_, .ended), .answering(_, nil), .closing, .gone: return .ignore
        }
    }

    private static func discard(_ bytes: Int, _ limit: Limit) -> PartAction {
        if bytes > bytesDiscardedMax { return .close }
        return .discard(limit)
    }

    /// The request is there to its last byte.
    mutating func requestEnded() -> Action {
        switch state {
        case .asked(let terms, .unwanted):
            state = .asked(terms, .ended)
            return .answer
        case .asked(let terms, .taken(_, let isReadHeld)):
            state = .asked(terms, .taken(hasEnded: true, isReadHeld: isReadHeld))
            return .endBody
        case .answering(let closes, _):
            state = .answering(closes: closes, bytesDiscarded: nil)
            return .none
        // The answer was out before all of what it refused; no other request follows it.
        case .owed: return isStream ? .none : .close
        case .idle, .asked(_, .ended), .ending, .closing, .gone: return .none
        }
    }

    // MARK: Answers

    /// An answer was made.
    ///
    /// - Parameters:
    ///   - hasLength: how long its body is is known before its end.
    ///   - hasBody: a body goes with it, unless the request was HEAD.
    ///   - isActive: the channel is; it says so before `peerWent` is called.
    mutating func answerIsReady(hasLength: Bool, hasBody: Bool, isActive: Bool) -> AnswerAction {
        guard case .asked(let terms, let body) = state else { return .abandon }
        let isReadHeld = body.isReadHeld
        guard isActive else {
            state = .ending(bytesDiscarded: body.bytesDiscarded ?? 0, isReadHeld: isReadHeld)
            return .abandon
        }
        // A client that is still sending what nobody will read cannot use the connection again, nor one whose next
        // request may be the end of this one.
        // A list of unknown length ends with the connection for a client that knows no chunks.
        let closes =
            !isStream
            && (!terms.isKeepAlive || body.bytesDiscarded != nil || terms.hasFault
                || (!hasLength && !terms.knowsChunks))
        state = .answering(closes: closes, bytesDiscarded: body.bytesDiscarded)
        return .send(withBody: hasBody && !terms.isHead, closes: closes, readsOn: isReadHeld)
    }

    /// Every byte of the answer is with the socket.
    ///
    /// - Parameter isUnderWay: much of it is not with the peer yet; `answerWasDelivered` follows.
    mutating func answerIsOut(isUnderWay: Bool) -> OutAction {
        switch state {
        case .answering(let closes, nil):
            state = closes ? .closing : .idle
            guard closes else { return .admitNext }
            return isUnderWay ? .awaitDelivery : .close
        case .answering(_, let discarded?):
            state = .owed(bytesDiscarded: discarded)
            return .awaitRest
        case .gone(isAnswering: true):
            state = .gone(isAnswering: false)
            return .forget
        case .idle, .asked, .owed, .ending, .closing, .gone: return .forget
        }
    }

    /// The peer has all of an answer that was under way, or nobody waits for that any longer.
    mutating func answerWasDelivered() -> Action {
        if case .closing = state { return .close }
        return .none
    }

    /// The answer broke off: what was promised in its head cannot be kept.
    mutating func answerFailed() -> Action {
        switch state {
        case .answering(_, let discarded):
            state = .ending(bytesDiscarded: discarded ?? 0, isReadHeld: false)
            return .close
        case .gone:
            state = .gone(isAnswering: false)
            return .none
        case .idle, .asked, .owed, .ending, .closing: return .close
        }
    }

    // MARK: Backpressure

    /// The channel wants to read.
    ///
    /// - Parameter isFull: whether the body that is taken has no room; asked only when one is.
    mutating func readWanted(isFull: () -> Bool) -> Action {
        guard case .asked(let terms, .taken(let hasEnded, let isReadHeld)) = state, isFull() else {
            return roomWasMade() == .readOn ? .readOn : .read
        }
        guard !isReadHeld else { return .none }
        state = .asked(terms, .taken(hasEnded: hasEnded, isReadHeld: true))
        return .holdRead
    }

    /// There is room in the body again.
    mutating func roomWasMade() -> Action {
        switch state {
        case .asked(let terms, .taken(let hasEnded, isReadHeld: true)):
            state = .asked(terms, .taken(hasEnded: hasEnded, isReadHeld: false))
            return .readOn
        case .ending(let discarded, isReadHeld: true):
            state = .ending(bytesDiscarded: discarded, isReadHeld: false)
            return .readOn
        case .idle, .asked, .answering, .owed, .ending, .closing, .gone: return .none
        }
    }

    // MARK: Limits

    /// The client has sent nothing of its body, or taken nothing of the answer, for too long.
    mutating func timeIsUp() -> Action {
        switch state {
        // The task ends with what came, and tells the client why; if it does not listen, the next time is the last.
        case .asked(_, .taken): return .timeOutBody
        case .asked, .answering, .ending: return .lookAtPeer
        case .idle, .owed, .closing: return .close
        case .gone: return .none
        }
    }

    /// Somebody looked at what the peer has acknowledged since the connection began: nil where nobody can tell. As long as it
    /// is more from one look to the next the peer is only slow.
    mutating func peerWasSeen(bytesTaken bytes: UInt64?) -> Action {
        switch state {
        case .asked, .answering, .ending: break
        // What was asked for has come to its end while somebody looked.
        case .idle, .owed, .closing, .gone: return .none
        }
        guard let bytes, bytes > bytesTaken else { return .close }
        bytesTaken = bytes
        return .awaitPeer
    }

    /// Others need the memory that is held for this one.
    mutating func wasDisplaced() -> Action {
        switch state {
        // A body that is waited for ends with an answer that says why, anything else at once.
        case .asked(_, .taken): return .displaceBody
        case .asked, .answering, .owed, .ending: return .close
        case .idle, .closing, .gone: return .none
        }
    }

    // MARK: Ends

    /// Something went wrong on the channel. The decoder closes the connection when it has said so: what is to be said is to
    /// be said at once.
    mutating func failed(_ failure: Failure) -> FailureAction {
        isBroken = isBroken || failure == .broken
        guard failure == .noHTTP else { return .close }
        switch state {
        case .idle: return .refuse
        case .asked(_, let body):
            state = .ending(bytesDiscarded: body.bytesDiscarded ?? 0, isReadHeld: body.isReadHeld)
            return .refuse
        case .answering, .owed, .ending, .closing, .gone: return .close
        }
    }

    /// The channel is no more.
    mutating func peerWent() -> Departure {
        var departure = Departure(hadRequest: true, isReadHeld: false, isBroken: isBroken)
        switch state {
        case .asked(_, let body): departure.isReadHeld = body.isReadHeld
        case .ending(_, let isReadHeld): departure.isReadHeld = isReadHeld
        case .answering, .owed: break
        case .idle, .closing, .gone: departure.hadRequest = false
        }
        if case .answering = state { state = .gone(isAnswering: true) } else { state = .gone(isAnswering: false) }
        return departure
    }
}

extension ConnectionState.Body {
    /// Nil once it has come to its end. Of a body that is taken, what comes from now on is the first that is not.
    var bytesDiscarded: Int? {
        switch self {
        case .unwanted(let bytes): bytes
        case .taken(let hasEnded, _): hasEnded ? nil : 0
        case .ended: nil
        }
    }

    /// The client's reads are held back, for the body is full.
    var isReadHeld: Bool { if case .taken(_, isReadHeld: true) = self { true } else { false } }
}
