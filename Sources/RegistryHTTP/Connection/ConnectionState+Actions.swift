/// What `ConnectionHandler` is to do. Where it brings something of its own to it, such as the bytes of a part, what can be
/// done with that is an enum of its own.
extension ConnectionState {
    enum Action: Equatable {
        case none
        case close
        /// Lets the channel read.
        case read
        /// Keeps the channel from reading: it is we who do not read, and no time of the peer's passes.
        case holdRead
        /// Lets the channel read again what was held back. The peer owes again, and has its time for the body.
        case readOn
        /// Makes the answer: at once, or in a task.
        case answer
        /// Tells the task that its body is whole.
        case endBody
        /// Tells the task that the peer let its time go by. It has its time for the body once more, to take the answer.
        case timeOutBody
        /// Tells the task that its room is needed by others.
        case displaceBody
        /// Finds out what the peer has taken, and tells `peerWasSeen`.
        case lookAtPeer
        /// The peer has its time for the answer once more.
        case awaitPeer
    }

    /// What is done with the head of a request.
    enum HeadAction: Equatable {
        case ignore
        /// The end follows at once.
        case awaitEnd
        /// An answer that needs no body is given before it; else the body is taken, which `bodyIsTaken` is told.
        case answerOrTakeBody
    }

    /// What is done with a part of a body.
    enum PartAction: Equatable {
        case ignore
        /// Goes to the task; the peer has its time for the body once more.
        case append
        /// Nobody takes it; the peer has its time for what it owes once more.
        case discard(Limit)
        /// Nobody takes it, and it is too much.
        case close
    }

    /// Which of the peer's times runs.
    enum Limit: Equatable {
        case body, answer
    }

    /// What is done with an answer.
    enum AnswerAction: Equatable {
        /// Nobody waits for it any more.
        case abandon
        /// - Parameters:
        ///   - closes: its head says that no other request follows.
        ///   - readsOn: reads were held back and are so no longer, as in `Action.readOn`.
        case send(withBody: Bool, closes: Bool, readsOn: Bool)
    }

    /// What is done when an answer is out.
    enum OutAction: Equatable {
        /// The request is over. Its end lets in the next.
        case admitNext
        /// The answer is over, the request is not: the client owes the rest of its body, and has its time for it.
        case awaitRest
        /// The request is over, and the connection.
        case close
        /// The request is over; the connection is when the peer has all of the answer.
        case awaitDelivery
        /// The request is over, on a connection that is so already.
        case forget
    }

    /// What is done when the channel failed.
    enum FailureAction: Equatable {
        case close
        /// Says that this is no HTTP, and closes.
        case refuse
    }

    /// What went wrong on a channel.
    enum Failure: Equatable {
        /// What came cannot be read as a request, or is more than is taken of one.
        case noHTTP
        /// The system says that the connection is no more.
        case broken
        case other
    }

    /// What was true of a connection when it went.
    struct Departure: Equatable {
        /// A request was under way.
        var hadRequest: Bool
        /// Reads were held back, and must not be for the others of the connection.
        var isReadHeld: Bool
        /// The peer has not all that was on its way.
        var isBroken: Bool
    }
}
