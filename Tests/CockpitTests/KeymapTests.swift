import Drawing
import Testing

@testable import Cockpit

/// The key table itself.
@Suite struct KeymapTests {
    @Test(arguments: Screen.allCases)
    func noKeyMeansTwoThings(_ screen: Screen) {
        var meanings: [Key: Command] = [:]
        for binding in Keymap.bindings(on: screen) {
            for key in binding.keys {
                #expect(meanings[key] == nil, "\(key.label) on \(screen)")
                meanings[key] = binding.command
            }
        }
    }

    @Test(arguments: Screen.allCases)
    func whatMustNotBeLostIsThere(_ screen: Screen) {
        #expect(Keymap.command(for: .character("q"), on: screen) == .quit)
        #expect(Keymap.command(for: .character("?"), on: screen) == .help)
        #expect(Keymap.command(for: .escape, on: screen) == .back)
        #expect(Keymap.command(for: .character("g"), on: screen) == .top)
        #expect(Keymap.command(for: .ctrl("z"), on: screen) == .shell)
    }

    @Test func everyLineHasKeysAndWords() {
        for binding in Keymap.bindings { #expect(!binding.keys.isEmpty && !binding.help.isEmpty) }
        #expect(Set(Keymap.bindings.map(\.command)).count >= 38)
    }

    @Test func nothingDestructiveHappensWithoutADialog() throws {
        for screen in Screen.allCases {
            for binding in Keymap.bindings(on: screen) {
                var session = try Session()
                session.press(.down, .enter, .down, .enter)
                session.type("\(screen.rawValue)")
                for key in binding.keys { session.press(key) }
                let isDestructive = session.asked.contains { effect in
                    switch effect {
                    case .deleteTags, .runSweep, .repair, .putBack, .purge, .setTag: true
                    default: false
                    }
                }
                #expect(!isDestructive, "\(binding.keyText) on \(screen)")
            }
        }
    }
}
