import Testing

@testable import RegistryHTTP

/// Whole exchanges as the connection sees them, event by event, without a connection.
@Suite struct ConnectionStateTests {
    private static let whole = ConnectionState.AnswerAction.send(withBody: true, closes: false, readsOn: false)
    private static let last = ConnectionState.AnswerAction.send(withBody: true, closes: true, readsOn: false)

    // MARK: Without a body

    @Test(arguments: [false, true]) func whatIsAskedIsAnsweredAndTheNextMayCome(isStream: Bool) {
        var connection = ConnectionState(isStream: isStream)
        #expect(connection.requestBegan(.init()) == .awaitEnd)
        #expect(connection.requestEnded() == .answer)
        #expect(connection.answerIsReady(hasLength: true, hasBody: true, isActive: true) == Self.whole)
        #expect(connection.answerIsOut(isUnderWay: false) == .admitNext)
        #expect(connection.state == .idle)
    }

    /// The pipeline's handler holds the next request back; were one let through, it must not take the place of this one.
    @Test func aRequestThatComesTooEarlyIsNotTaken() {
        var connection = ConnectionState(isStream: false)
        for _ in 0..<2 {
            #expect(connection.requestBegan(.init()) == .awaitEnd)
            #expect(connection.requestBegan(.init(isKeepAlive: false)) == .ignore)
            #expect(connection.requestEnded() == .answer)
            #expect(connection.requestBegan(.init(isKeepAlive: false)) == .ignore)
            #expect(connection.requestEnded() == .none)
            #expect(connection.ready() == Self.whole)
            #expect(connection.requestBegan(.init(isKeepAlive: false)) == .ignore)
            #expect(connection.answerIsOut(isUnderWay: false) == .admitNext)
        }
        #expect(connection.state == .idle)
    }

    /// A large blob is with our kernel, not with the peer: the next request is taken meanwhile, and nothing closes.
    @Test func whileAnAnswerIsUnderWayTheNextRequestIsTaken() {
        var connection = ConnectionState(isStream: false)
        #expect(connection.requestBegan(.init()) == .awaitEnd)
        #expect(connection.requestEnded() == .answer)
        #expect(connection.ready() == Self.whole)
        #expect(connection.answerIsOut(isUnderWay: true) == .admitNext)
        #expect(connection.requestBegan(.init()) == .awaitEnd)
        #expect(connection.answerWasDelivered() == .none)
        #expect(connection.requestEnded() == .answer)
    }

    @Test(arguments: [
        // An answer to HEAD says how long its body would be.
        (ConnectionState.Terms(isHead: true), true, true),
        // 304, or nothing in it.
        (ConnectionState.Terms(), true, false),
    ])
    func withoutABodyOnlyAHeadGoesOut(terms: ConnectionState.Terms, hasLength: Bool, hasBody: Bool) {
        var connection = ConnectionState(isStream: false)
        #expect(connection.requestBegan(terms) == .awaitEnd)
        #expect(connection.requestEnded() == .answer)
        let action = connection.answerIsReady(hasLength: hasLength, hasBody: hasBody, isActive: true)
        #expect(action == .send(withBody: false, closes: false, readsOn: false))
        #expect(connection.answerIsOut(isUnderWay: false) == .admitNext)
    }

    // MARK: The last of a connection

    @Test(arguments: [
        (ConnectionState.Terms(isKeepAlive: false), true, true), (.init(hasFault: true), true, true),
        (.init(knowsChunks: false), false, true), (.init(isHead: true, knowsChunks: false), false, true),
        (.init(knowsChunks: false), true, false), (.init(), false, false), (.init(), true, false),
    ])
    func whatEndsAConnection(terms: ConnectionState.Terms, hasLength: Bool, ends: Bool) {
        var connection = ConnectionState(isStream: false)
        #expect(connection.requestBegan(terms) == .awaitEnd)
        #expect(connection.requestEnded() == .answer)
        let action = connection.ready(hasLength: hasLength)
        #expect(action == .send(withBody: !terms.isHead, closes: ends, readsOn: false))
        #expect(connection.answerIsOut(isUnderWay: false) == (ends ? .close : .admitNext))
        #expect(connection.requestBegan(.init()) == (ends ? .ignore : .awaitEnd))
    }

    /// Of a stream only its connection may be closed, and `Connection` means nothing there (RFC 9113 §8.2.2).
    @Test(arguments: [
        ConnectionState.Terms(isKeepAlive: false), .init(hasFault: true), .init(knowsChunks: false),
        .init(hasBody: true), .init(hasBody: true, isKeepAlive: false, hasFault: true, knowsChunks: false),
    ])
    func aStreamClosesNothing(terms: ConnectionState.Terms) {
        var connection = ConnectionState(isStream: true)
        #expect(connection.requestBegan(terms) == (terms.hasBody ? .answerOrTakeBody : .awaitEnd))
        if !terms.hasBody { #expect(connection.requestEnded() == .answer) }
        #expect(connection.ready(hasLength: false) == Self.whole)
        #expect(connection.answerIsOut(isUnderWay: false) == (terms.hasBody ? .awaitRest : .admitNext))
        if terms.hasBody {
            #expect(connection.bodyCame(bytes: 1) == .discard(.body))
            #expect(connection.requestEnded() == .none)
        }
    }

    @Test func aConnectionClosesWhenThePeerHasTheLastOfIt() {
        var connection = ConnectionState(isStream: false)
        #expect(connection.requestBegan(.init(isKeepAlive: false)) == .awaitEnd)
        #expect(connection.requestEnded() == .answer)
        #expect(connection.ready() == Self.last)
        #expect(connection.answerIsOut(isUnderWay: true) == .awaitDelivery)
        #expect(connection.answerWasDelivered() == .close)
        #expect(connection.peerWent() == .init(hadRequest: false, isReadHeld: false, isBroken: false))
        #expect(connection.answerWasDelivered() == .none)
    }

    // MARK: With a body

    @Test(arguments: [false, true]) func aBodyIsWaitedForAndThenTheAnswer(isStream: Bool) {
        var connection = ConnectionState(isStream: isStream)
        #expect(connection.requestBegan(.init(hasBody: true)) == .answerOrTakeBody)
        connection.bodyIsTaken()
        // What is taken knows no such bound.
        for _ in 0..<3 { #expect(connection.bodyCame(bytes: ConnectionState.bytesDiscardedMax) == .append) }
        #expect(connection.requestEnded() == .endBody)
        #expect(connection.ready() == Self.whole)
        #expect(connection.answerIsOut(isUnderWay: false) == .admitNext)
    }

    /// Told once that it holds back, and once that it reads on, whoever asks meanwhile.
    @Test func aBodyThatIsFullHoldsReadsBack() {
        var connection = ConnectionState.at(.taking)
        #expect(connection.readWanted { false } == .read)
        #expect(connection.roomWasMade() == .none)
        #expect(connection.readWanted { true } == .holdRead)
        #expect(connection.readWanted { true } == .none)
        #expect(connection.roomWasMade() == .readOn)
        #expect(connection.roomWasMade() == .none)
        #expect(connection.readWanted { true } == .holdRead)
        #expect(connection.readWanted { false } == .readOn)
        #expect(connection.readWanted { false } == .read)
    }

    /// What was read before it was held back may be the end of it.
    @Test func aHeldBodyMayEndAndReadOn() {
        var connection = ConnectionState.at(.full)
        #expect(connection.bodyCame(bytes: 1) == .append)
        #expect(connection.requestEnded() == .endBody)
        #expect(connection.roomWasMade() == .readOn)
        #expect(connection.ready() == Self.whole)
    }

    /// An answer that comes while reads are held back: what is still owed is read past, so that the client sees it.
    @Test func anAnswerLetsReadOn() {
        var connection = ConnectionState.at(.full)
        #expect(connection.ready() == .send(withBody: true, closes: true, readsOn: true))
        #expect(connection.readWanted { true } == .read)
        #expect(connection.bodyCame(bytes: 1) == .discard(.answer))
        #expect(connection.answerIsOut(isUnderWay: false) == .awaitRest)
    }

    // MARK: A body that is refused

    @Test func theRestOfARefusedBodyIsReadAndThenTheConnectionCloses() {
        var connection = ConnectionState(isStream: false)
        #expect(connection.requestBegan(.init(hasBody: true)) == .answerOrTakeBody)
        #expect(connection.ready() == Self.last)
        #expect(connection.bodyCame(bytes: 1) == .discard(.answer))
        #expect(connection.answerIsOut(isUnderWay: false) == .awaitRest)
        #expect(connection.bodyCame(bytes: 1) == .discard(.body))
        #expect(connection.state == .owed(bytesDiscarded: 2))
        #expect(connection.requestEnded() == .close)
        // What was sent with it in one packet is not done.
        #expect(connection.requestBegan(.init()) == .ignore)
    }

    /// It may end before the answer is out, which is then the end of the connection.
    @Test func aRefusedBodyThatEndsFirstIsNotWaitedFor() {
        var connection = ConnectionState.at(.refusing)
        #expect(connection.bodyCame(bytes: 1) == .discard(.answer))
        #expect(connection.requestEnded() == .none)
        #expect(connection.answerIsOut(isUnderWay: false) == .close)
    }

    /// An answer out of a task that did not want all of the body.
    @Test func aBodyIsReadPastFromTheAnswerOn() {
        var connection = ConnectionState.at(.taking)
        #expect(connection.bodyCame(bytes: ConnectionState.bytesDiscardedMax) == .append)
        #expect(connection.ready() == Self.last)
        #expect(connection.bodyCame(bytes: ConnectionState.bytesDiscardedMax) == .discard(.answer))
        #expect(connection.bodyCame(bytes: 1) == .close)
    }

    /// The bound is of one request, from its head to its end.
    @Test(arguments: [Stage.head, .refusing, .owed, .ending], [false, true])
    func tooMuchThatNobodyWantsIsNotRead(stage: Stage, isStream: Bool) {
        var connection = ConnectionState.at(stage, isStream: isStream)
        let limit = stage == .refusing || stage == .ending ? ConnectionState.Limit.answer : .body
        #expect(connection.bodyCame(bytes: 1) == .discard(limit))
        #expect(connection.bodyCame(bytes: ConnectionState.bytesDiscardedMax - 1) == .discard(limit))
        #expect(connection.bodyCame(bytes: 1) == .close)
        #expect(connection.bodyCame(bytes: 1) == .close)
    }

    @Test func whatWasReadBeforeTheAnswerCountsToo() {
        var connection = ConnectionState.at(.head)
        #expect(connection.bodyCame(bytes: ConnectionState.bytesDiscardedMax) == .discard(.body))
        #expect(connection.ready() == Self.last)
        #expect(connection.bodyCame(bytes: 0) == .discard(.answer))
        #expect(connection.answerIsOut(isUnderWay: false) == .awaitRest)
        #expect(connection.bodyCame(bytes: 1) == .close)
    }
}
