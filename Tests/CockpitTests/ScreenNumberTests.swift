import SeededRandom
import Testing

/// The numbers on the screens, read as a person reads them, against a walk over the files of ten stores: images of several
/// platforms, shared manifests and layers, referrers, untagged manifests; the last ones damaged.
@Suite struct ScreenNumberTests {
    @Test(arguments: 0..<10) func whatTheScreensSayIsWhatTheFilesAre(run: Int) async throws {
        let seed = SeededGenerator().seed &+ UInt64(run)
        print("BERTH_SEED=\(seed &- UInt64(run)) run \(run), its store \(seed)")
        var look = try await CountedLook(seed: seed, isDamaged: run > 7)
        await look.readAll()
        let first = look.wrong.prefix(8).joined(separator: "\n")
        #expect(look.wrong.isEmpty, "\(look.wrong.count) of \(look.compared) numbers:\n\(first)")
        #expect(look.compared > 40)
    }
}
