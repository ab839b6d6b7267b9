import Foundation

/// Takes the guards of the list out one at a time, and says which tests see it.
///
///     swift run GuardRemoval              all of them; some minutes to build, then seconds to a minute for each
///     swift run GuardRemoval NAME…        only these
///
/// Works on a copy below the temporary folder (`BERTH_GUARDS_COPY` names another), builds it once, and ends with 1 when a
/// guard's absence was seen by nothing. `BERTH_GUARDS_GREEN` says that the tests have passed with every guard in place, so
/// that they need not be run first.
@main
enum GuardRemoval {
    /// Seconds for the tests of one guard: far more than they take. One that hangs without it is seen, too.
    private static let testSecondsMax = 900
    /// Suites that take as long as all others of their modules: asked only when these see nothing.
    private static let slowSuites = "SweepModelTests|PowerCutTests|DamageMatrixTests|FaultTests|FloodTests"
    private static let buildSecondsMax = 5400
    private static let witnessesMax = 3

    static func main() {
        do {
            exit(try run(Array(CommandLine.arguments.dropFirst())) ? 0 : 1)
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(2)
        }
    }

    private static func run(_ names: [String]) throws -> Bool {
        for name in names where !GuardList.all.contains(where: { $0.name == name }) { throw GuardError.unknown(name) }
        let guards = names.isEmpty ? GuardList.all : GuardList.all.filter { names.contains($0.name) }
        let here = URL(filePath: FileManager.default.currentDirectoryPath, directoryHint: .isDirectory)
        let place = ProcessInfo.processInfo.environment["BERTH_GUARDS_COPY"].map { URL(filePath: $0) }
        let copy = RemovableCopy(
            source: here, target: place ?? FileManager.default.temporaryDirectory.appending(path: "berth-guards"))
        // All of them, so that the copy is the same whatever is asked for.
        try copy.update(GuardList.all)
        try build(in: copy.target)
        if ProcessInfo.processInfo.environment["BERTH_GUARDS_GREEN"] == nil {
            try requireGreen(guards, in: copy.target)
        }
        var unseen: [String] = []
        for one in guards {
            let witnesses = try witnesses(of: one, in: copy.target)
            if witnesses.isEmpty { unseen.append(one.name) }
            let seen = witnesses.isEmpty ? "SEEN BY NOTHING" : "seen by \(witnesses.joined(separator: ", "))"
            say("\(one.name): \(seen)")
        }
        say("\(guards.count - unseen.count) of \(guards.count) guards are seen")
        return unseen.isEmpty
    }

    private static func build(in folder: URL) throws {
        say("building the copy")
        let built = try Command(folder: folder, arguments: ["swift", "build", "--build-tests"])
            .run(secondsMax: buildSecondsMax)
        guard built.code == 0 else {
            say(String(built.output.suffix(4000)))
            throw GuardError.command("swift build", built.code ?? -1)
        }
    }

    /// With every guard in its place the tests pass: else they would see anything.
    private static func requireGreen(_ guards: [Guard], in folder: URL) throws {
        let filters = Set(guards.map(\.filter)).sorted()
        say("the tests with every guard in place")
        let outcome = try tests(filters, in: folder, out: "", secondsMax: testSecondsMax * filters.count)
        guard outcome.code == 0 else {
            say(String(outcome.output.suffix(4000)))
            throw GuardError.command("swift test", outcome.code ?? -1)
        }
    }

    /// The first tests that fall without the guard; none when nothing does.
    private static func witnesses(of one: Guard, in folder: URL) throws -> [String] {
        let quick = try witnesses(of: one, in: folder, ["--skip", slowSuites])
        return quick.isEmpty ? try witnesses(of: one, in: folder, []) : quick
    }

    private static func witnesses(of one: Guard, in folder: URL, _ choice: [String]) throws -> [String] {
        let outcome = try tests(
            [one.filter], choice, in: folder, out: one.name, secondsMax: testSecondsMax
        ) { !fallen($0).isEmpty }
        let names = fallen(outcome.output)
        if !names.isEmpty { return Array(names.prefix(witnessesMax)) }
        guard let code = outcome.code else { return ["a test that hangs"] }
        return code == 0 ? [] : ["a crash"]
    }

    private static func fallen(_ output: String) -> [String] {
        output.matches(of: /Test (?!run)"?([^"\n]*?)"?(?: with \d+ test cases?)? failed after/).map { String($0.1) }
    }

    private static func tests(
        _ filters: [String], _ choice: [String] = [], in folder: URL, out: String, secondsMax: Int,
        until isEnough: (String) -> Bool = { _ in false }
    ) throws -> Command.Outcome {
        let chosen = filters.flatMap { ["--filter", $0] }
        // The bundle itself: `swift test` has it in a group of its own, where it outlives its end.
        let built = folder.appending(path: ".build/debug")
        let names = try FileManager.default.contentsOfDirectory(atPath: built.path(percentEncoded: false))
        guard let bundle = names.first(where: { $0.hasSuffix("PackageTests.xctest") }) else {
            throw GuardError.noTests(built.path(percentEncoded: false))
        }
        let program = built.appending(path: bundle).path(percentEncoded: false)
        return try Command(
            folder: folder,
            arguments: [program, "--testing-library", "swift-testing", "--no-parallel"] + chosen + choice,
            environment: [RemovableCopy.variable: out]
        ).run(secondsMax: secondsMax, until: isEnough)
    }

    private static func say(_ text: String) { FileHandle.standardOutput.write(Data("\(text)\n".utf8)) }
}
