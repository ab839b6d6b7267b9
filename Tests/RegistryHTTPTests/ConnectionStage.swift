@testable import RegistryHTTP

/// A place in the life of a connection, and the events that lead there.
enum Stage: CaseIterable {
    /// Between two requests.
    case idle
    /// The head of a request is there, its end is not.
    case head
    /// A body is taken.
    case taking
    /// And has no room, so that nothing is read.
    case full
    /// A body was taken to its end, and a task works on the answer.
    case committing
    /// A task works on the answer to a request without a body.
    case working
    case answering
    /// What is answered is the last of the connection.
    case answeringLast
    /// A body is refused, which is still coming.
    case refusing
    /// The refusal is out, the body is still coming.
    case owed
    /// The answer broke off.
    case ending
    /// What came is no HTTP, while reads were held back.
    case endingFull
    /// The last answer is out.
    case closing
    case gone
    case goneAnswering
}

extension ConnectionState {
    static func at(_ stage: Stage, isStream: Bool = false) -> ConnectionState {
        var connection = ConnectionState(isStream: isStream)
        switch stage {
        case .idle: break
        case .head: _ = connection.requestBegan(.init())
        case .taking:
            _ = connection.requestBegan(.init(hasBody: true))
            connection.bodyIsTaken()
        case .full:
            connection = at(.taking, isStream: isStream)
            _ = connection.readWanted { true }
        case .committing:
            connection = at(.taking, isStream: isStream)
            _ = connection.requestEnded()
        case .working:
            connection = at(.head, isStream: isStream)
            _ = connection.requestEnded()
        case .answering:
            connection = at(.working, isStream: isStream)
            _ = connection.ready()
        case .answeringLast:
            _ = connection.requestBegan(.init(isKeepAlive: false))
            _ = connection.requestEnded()
            _ = connection.ready()
        case .refusing:
            _ = connection.requestBegan(.init(hasBody: true))
            _ = connection.ready()
        case .owed:
            connection = at(.refusing, isStream: isStream)
            _ = connection.answerIsOut(isUnderWay: false)
        case .ending:
            connection = at(.answering, isStream: isStream)
            _ = connection.answerFailed()
        case .endingFull:
            connection = at(.full, isStream: isStream)
            _ = connection.failed(.noHTTP)
        case .closing:
            connection = at(.answeringLast, isStream: isStream)
            _ = connection.answerIsOut(isUnderWay: false)
        case .gone: _ = connection.peerWent()
        case .goneAnswering:
            connection = at(.answering, isStream: isStream)
            _ = connection.peerWent()
        }
        return connection
    }

    /// An answer with a body is there, on a channel that lives.
    mutating func ready(hasLength: Bool = true) -> AnswerAction {
        answerIsReady(hasLength: hasLength, hasBody: true, isActive: true)
    }
}
