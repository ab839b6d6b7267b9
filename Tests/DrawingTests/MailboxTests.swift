import Drawing
import Synchronization
import Testing

@Suite("Mailbox")
struct MailboxTests {
    @Test("keeps the newest messages in order and counts what it dropped")
    func bounded() {
        let mailbox = Mailbox<Int>(messagesMax: 4)
        for number in 0..<11 { mailbox.post(number) }
        let batch = mailbox.take()
        #expect(batch.messages == [7, 8, 9, 10])
        #expect(batch.dropped == 7)
        #expect(mailbox.isEmpty)
        let next = mailbox.take()
        #expect(next.messages.isEmpty && next.dropped == 0)
    }

    @Test("wakes its reader once per take")
    func wakes() {
        let mailbox = Mailbox<Int>(messagesMax: 4)
        let count = Counter()
        mailbox.post(0)
        mailbox.onArrival { count.add() }
        #expect(count.value == 1)
        for number in 0..<10 { mailbox.post(number) }
        #expect(count.value == 1)
        _ = mailbox.take()
        mailbox.post(1)
        mailbox.post(2)
        #expect(count.value == 2)
        mailbox.onArrival(nil)
        _ = mailbox.take()
        mailbox.post(3)
        #expect(count.value == 2)
    }

    @Test("loses nothing unseen when many threads post")
    func concurrent() async {
        let mailbox = Mailbox<Int>(messagesMax: 64)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask { for number in 0..<1_000 { mailbox.post(task * 1_000 + number) } }
            }
        }
        let batch = mailbox.take()
        #expect(batch.messages.count == 64)
        #expect(batch.messages.count + batch.dropped == 8_000)
        #expect(Set(batch.messages).count == 64)
    }

    private final class Counter: Sendable {
        private let count = Atomic(0)
        func add() { count.add(1, ordering: .relaxed) }
        var value: Int { count.load(ordering: .relaxed) }
    }
}
