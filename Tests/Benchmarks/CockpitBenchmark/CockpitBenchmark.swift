import ArgumentParser
import BenchmarkTree
import Foundation
import Glibc

/// What the cockpit costs, and how soon it answers: a built program in a terminal, driven by keys, with real pushes beside it.
///
/// It makes the trees that it needs in DIRECTORY where they are not there yet: at the default sizes 24 GB in six million
/// inodes. Each budget is a line, and the exit status is 1 when one of them is not met. Other work on the machine makes
/// every figure larger.
@main
struct CockpitBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure the cockpit's budgets on a built program, in trees that are made in a directory.")

    enum Budget: String, CaseIterable, ExpressibleByArgument {
        /// An open cockpit that nobody uses, at the large tree: CPU, wake-ups, threads, memory.
        case idle
        /// A repository with many tags opened.
        case tags
        /// Key to paint while clients push, and the memory for all of it.
        case keys
        /// The numbers on the screens at the large tree, against a count of its files.
        case numbers
        /// The CPU of building an index, against `berth serve`.
        case indexing
        /// The CPU of ten pushes a second, against `berth serve`.
        case pushes
    }

    @Argument(help: ArgumentHelp("The program, best as a release build has it.", valueName: "binary")) var binary:
        String
    @Argument(help: "Where the trees are, or are made.") var directory: String
    @Argument(help: "Which budgets; all when none is named.") var budgets: [Budget] = []
    @OptionGroup var sizes: Sizes

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let wanted = Set(budgets.isEmpty ? Budget.allCases : budgets)
        var verdicts = Verdicts()
        if !wanted.isDisjoint(with: [.idle, .tags, .keys, .numbers]) {
            let shapes = [
                TreeShape(repositories: sizes.repositories, blobs: sizes.blobs), TreeShape(tags: sizes.tags),
            ]
            let large = try LargeTree(
                berth: await tree("large", shapes), shapes: shapes, sizes: sizes)
            try large.run(wanted, &verdicts)
        }
        if !wanted.isDisjoint(with: [.indexing, .pushes]) {
            let shape = TreeShape(repositories: sizes.indexed, blobs: sizes.indexed * Sizes.blobsPerIndexed)
            let indexed = IndexedTree(berth: try await tree("indexed", [shape]), shape: shape, sizes: sizes)
            try indexed.run(wanted, &verdicts)
        }
        if !verdicts.areMet { throw ExitCode(1) }
    }

    /// Makes the tree where it is not there, and where its sizes were others.
    private func tree(_ name: String, _ shapes: [TreeShape]) async throws -> Berth {
        let folder = URL(fileURLWithPath: directory, isDirectory: true).appendingPathComponent(name).path
        let note = "\(folder)/shape"
        if (try? String(contentsOfFile: note, encoding: .utf8)) != "\(shapes)" {
            guard !FileManager.default.fileExists(atPath: "\(folder)/docker") else {
                throw ValidationError("\(folder) holds a tree of other sizes; remove it, or choose another directory")
            }
            let began = ContinuousClock.now
            for shape in shapes { await TreeMaker(root: folder, shape: shape).make() }
            try "\(shapes)".write(toFile: note, atomically: true, encoding: .utf8)
            let blobs = shapes.reduce(0) { $0 + $1.blobsMade }
            say("made a tree of \(blobs) blobs in \(Int(milliseconds(.now - began) / 1000)) s")
        }
        return Berth(binary: URL(fileURLWithPath: binary).path, data: folder)
    }
}
