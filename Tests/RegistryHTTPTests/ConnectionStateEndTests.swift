import Testing

@testable import RegistryHTTP

/// What ends a connection other than its client's wish, wherever it has come to by then.
@Suite struct ConnectionStateEndTests {
    // MARK: Time

    @Test(arguments: [
        (Stage.idle, ConnectionState.Action.close), (.head, .lookAtPeer), (.taking, .timeOutBody),
        (.full, .timeOutBody),
        (.committing, .timeOutBody), (.working, .lookAtPeer), (.answering, .lookAtPeer), (.answeringLast, .lookAtPeer),
        (.refusing, .lookAtPeer), (.owed, .close), (.ending, .lookAtPeer), (.endingFull, .lookAtPeer),
        (.closing, .close),
        (.gone, .none), (.goneAnswering, .none),
    ])
    func whenTimeIsUp(stage: Stage, action: ConnectionState.Action) {
        for isStream in [false, true] {
            var connection = ConnectionState.at(stage, isStream: isStream)
            let before = connection.state
            #expect(connection.timeIsUp() == action)
            // Whatever that leads to is an event of its own.
            #expect(connection.state == before)
        }
    }

    /// It is told why, as long as it has not gone; then nothing is owed to it.
    @Test func whoSendsNothingIsToldAndThenClosed() {
        var connection = ConnectionState.at(.taking)
        #expect(connection.timeIsUp() == .timeOutBody)
        #expect(connection.ready() == .send(withBody: true, closes: true, readsOn: false))
        #expect(connection.answerIsOut(isUnderWay: false) == .awaitRest)
        #expect(connection.timeIsUp() == .close)
    }

    /// Over all requests of a connection: what it took of one answer is no sign of life in the next.
    @Test func aPeerThatTakesSomethingFromOneLookToTheNextIsOnlySlow() {
        var connection = ConnectionState.at(.answering)
        #expect(connection.timeIsUp() == .lookAtPeer)
        #expect(connection.peerWasSeen(bytesTaken: 1) == .awaitPeer)
        #expect(connection.timeIsUp() == .lookAtPeer)
        #expect(connection.peerWasSeen(bytesTaken: 2) == .awaitPeer)
        #expect(connection.answerIsOut(isUnderWay: false) == .admitNext)
        #expect(connection.requestBegan(.init()) == .awaitEnd)
        #expect(connection.requestEnded() == .answer)
        #expect(connection.ready() == .send(withBody: true, closes: false, readsOn: false))
        #expect(connection.peerWasSeen(bytesTaken: 2) == .close)
    }

    @Test func whereNobodyCanTellThePeerIsNotWaitedFor() {
        var connection = ConnectionState.at(.answering)
        #expect(connection.peerWasSeen(bytesTaken: nil) == .close)
        #expect(connection.peerWasSeen(bytesTaken: 0) == .close)
    }

    // MARK: Memory

    @Test(arguments: [
        (Stage.idle, ConnectionState.Action.none), (.head, .close), (.taking, .displaceBody), (.full, .displaceBody),
        (.committing, .displaceBody), (.working, .close), (.answering, .close), (.answeringLast, .close),
        (.refusing, .close), (.owed, .close), (.ending, .close), (.endingFull, .close), (.closing, .none),
        (.gone, .none), (.goneAnswering, .none),
    ])
    func whenOthersNeedTheMemory(stage: Stage, action: ConnectionState.Action) {
        for isStream in [false, true] {
            var connection = ConnectionState.at(stage, isStream: isStream)
            let before = connection.state
            #expect(connection.wasDisplaced() == action)
            #expect(connection.state == before)
        }
    }

    // MARK: The peer goes

    /// A request that was under way is no longer, and reads that were held back do not hold back those of other streams.
    @Test(arguments: Stage.allCases.filter { $0 != .gone && $0 != .goneAnswering }, [false, true])
    func whenThePeerGoes(stage: Stage, isStream: Bool) {
        var connection = ConnectionState.at(stage, isStream: isStream)
        let isBetween = stage == .idle || stage == .closing
        let departure = connection.peerWent()
        #expect(departure.hadRequest == !isBetween)
        #expect(departure.isReadHeld == (stage == .full || stage == .endingFull))
        #expect(!departure.isBroken)
        let isAnswering = [Stage.answering, .answeringLast, .refusing].contains(stage)
        #expect(connection.state == .gone(isAnswering: isAnswering))
    }

    /// It is seen in what the peer has of an answer that was under way.
    @Test func aConnectionThatBreaksIsToldFromOneThatEnds() {
        var connection = ConnectionState.at(.closing)
        #expect(connection.failed(.other) == .close)
        #expect(connection.failed(.broken) == .close)
        #expect(connection.failed(.other) == .close)
        #expect(connection.peerWent() == .init(hadRequest: false, isReadHeld: false, isBroken: true))
    }

    /// The answer's `ended` is called whoever is there: by abandoning it, or by what ends an answer that was going out.
    @Test(arguments: [Stage.head, .taking, .full, .committing, .working]) func anAnswerIsReadyAfterThePeerIsGone(
        stage: Stage
    ) {
        var connection = ConnectionState.at(stage)
        _ = connection.peerWent()
        #expect(connection.answerIsReady(hasLength: true, hasBody: true, isActive: false) == .abandon)
        #expect(connection.state == .gone(isAnswering: false))
    }

    /// The channel knows before it says so; what it says then is still true.
    @Test(arguments: [Stage.head, .taking, .full, .committing, .working]) func anAnswerIsReadyOnAChannelThatIsGoing(
        stage: Stage
    ) {
        var connection = ConnectionState.at(stage)
        #expect(connection.answerIsReady(hasLength: true, hasBody: true, isActive: false) == .abandon)
        #expect(connection.ready() == .abandon)
        #expect(connection.requestEnded() == .none)
        #expect(connection.peerWent() == .init(hadRequest: true, isReadHeld: stage == .full, isBroken: false))
    }

    /// The line in the log of an answer that was going out is written when it ends, and nothing else is done.
    @Test func anAnswerEndsAfterThePeerIsGone() {
        var connection = ConnectionState.at(.goneAnswering)
        #expect(connection.answerIsOut(isUnderWay: false) == .forget)
        #expect(connection.state == .gone(isAnswering: false))
        connection = .at(.goneAnswering)
        #expect(connection.answerFailed() == .none)
        #expect(connection.state == .gone(isAnswering: false))
    }

    /// A decoder goes on with what it has read.
    @Test(arguments: [Stage.gone, .goneAnswering, .owed, .ending, .closing])
    func nothingIsTakenFromAConnectionThatIsOver(stage: Stage) {
        var connection = ConnectionState.at(stage)
        let before = connection.state
        #expect(connection.requestBegan(.init(hasBody: true)) == .ignore)
        connection.bodyIsTaken()
        #expect(connection.state == before)
        if stage != .owed, stage != .ending { #expect(connection.bodyCame(bytes: 1) == .ignore) }
        #expect(connection.requestEnded() == (stage == .owed ? .close : .none))
        #expect(connection.ready() == .abandon)
        #expect(connection.roomWasMade() == .none)
        #expect(connection.readWanted { true } == .read)
    }

    // MARK: What is no HTTP

    /// Answered where no answer has begun, and closed anyway.
    @Test(arguments: [
        (Stage.idle, ConnectionState.FailureAction.refuse), (.head, .refuse), (.taking, .refuse), (.full, .refuse),
        (.committing, .refuse), (.working, .refuse), (.answering, .close), (.answeringLast, .close),
        (.refusing, .close), (.owed, .close), (.ending, .close), (.endingFull, .close), (.closing, .close),
        (.gone, .close), (.goneAnswering, .close),
    ])
    func whatIsNoHTTP(stage: Stage, action: ConnectionState.FailureAction) {
        var connection = ConnectionState.at(stage)
        #expect(connection.failed(.other) == .close)
        #expect(connection.failed(.broken) == .close)
        #expect(connection.failed(.noHTTP) == action)
        // The refusal was the answer: the task's is none any more.
        if action == .refuse, stage != .idle {
            #expect(connection.failed(.noHTTP) == .close)
            #expect(connection.ready() == .abandon)
            #expect(connection.wasDisplaced() == .close)
            #expect(connection.peerWent().hadRequest)
        }
    }

    /// Held back by a body that nobody takes any more, a connection would never read the peer's goodbye.
    @Test func afterARefusalReadsGoOn() {
        var connection = ConnectionState.at(.endingFull)
        #expect(connection.readWanted { true } == .readOn)
        #expect(connection.readWanted { true } == .read)
        #expect(connection.peerWent() == .init(hadRequest: true, isReadHeld: false, isBroken: false))
    }

    @Test func anAnswerThatBrokeOffClosesEvenAStream() {
        for isStream in [false, true] {
            for stage in [Stage.answering, .refusing] {
                var connection = ConnectionState.at(stage, isStream: isStream)
                #expect(connection.answerFailed() == .close)
                #expect(connection.bodyCame(bytes: 1) == .discard(.answer))
                #expect(connection.peerWent().hadRequest)
            }
        }
    }
}
