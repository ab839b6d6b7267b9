/// What is wrong with one line of a theme file.
package struct ThemeProblem: Hashable, Sendable {
    /// The line, from 1; 0 for the file as a whole.
    package let line: Int
    /// What is wrong, without a full stop.
    package let message: String

    /// A problem.
    package init(line: Int, message: String) {
        self.line = line
        self.message = message
    }
}

/// Why a text is no theme: every problem in it, not only the first.
package struct ThemeError: Error, Equatable, CustomStringConvertible {
    /// The theme's name, as it was asked for.
    package let name: String
    /// The problems, by line; at least one.
    package let problems: [ThemeProblem]

    /// An error; `problems` is not empty.
    package init(name: String, problems: [ThemeProblem]) {
        self.name = name
        self.problems = problems
    }

    /// One line per problem: `nord:7: unknown role 'selektion'`.
    package var description: String {
        problems.map { problem in
            problem.line == 0 ? "\(name): \(problem.message)" : "\(name):\(problem.line): \(problem.message)"
        }.joined(separator: "\n")
    }
}
