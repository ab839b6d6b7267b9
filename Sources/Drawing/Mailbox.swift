private import Synchronization

/// A bounded queue from any thread to the one that draws. Posting never waits: when it is full the oldest message goes.
///
/// Made for floods: the reader takes everything at once, a few times a second, and is woken only for the first message
/// after each take. The lock is held for an append or an array swap, never for I/O.
package final class Mailbox<Message: Sendable>: Sendable {
    /// The most messages held.
    package let messagesMax: Int

    private let state: Mutex<State>

    private struct State {
        /// A ring once it is full: `start` is then the oldest message.
        var messages: [Message] = []
        var start = 0
        var dropped = 0
        var wake: (@Sendable () -> Void)?
    }

    /// What collected since the last take.
    package struct Batch: Sendable {
        /// The messages, oldest first.
        package let messages: [Message]
        /// How many older ones were dropped because the mailbox was full.
        package let dropped: Int
    }

    /// A mailbox that holds at most `messagesMax` messages, at least 1.
    package init(messagesMax: Int = 4_096) {
        self.messagesMax = max(1, messagesMax)
        state = Mutex(State())
    }

    /// Adds a message, dropping the oldest when full, and wakes the reader when the mailbox was empty.
    package func post(_ message: Message) {
        let wake: (@Sendable () -> Void)? = state.withLock { state in
            let wasEmpty = state.messages.isEmpty
            if state.messages.count < messagesMax {
                state.messages.append(message)
            } else {
                state.messages[state.start] = message
                state.start = (state.start + 1) % messagesMax
                state.dropped += 1
            }
            return wasEmpty ? state.wake : nil
        }
        wake?()
    }

    /// Removes and returns everything. Costs the reader one copy when messages were dropped, else nothing.
    package func take() -> Batch {
        let taken = state.withLock { state in
            let taken = (state.messages, state.start, state.dropped)
            state.messages = []
            state.start = 0
            state.dropped = 0
            return taken
        }
        let (messages, start, dropped) = taken
        guard start > 0 else { return Batch(messages: messages, dropped: dropped) }
        return Batch(messages: Array(messages[start...] + messages[..<start]), dropped: dropped)
    }

    /// Whether nothing waits.
    package var isEmpty: Bool { state.withLock { $0.messages.isEmpty } }

    /// Sets what is called, on the posting thread, when a message arrives in an empty mailbox; nil for nothing.
    ///
    /// It is called at once when something waits already. It must not block.
    package func onArrival(_ wake: (@Sendable () -> Void)?) {
        let isWaiting = state.withLock { state in
            state.wake = wake
            return !state.messages.isEmpty
        }
        if isWaiting { wake?() }
    }
}
