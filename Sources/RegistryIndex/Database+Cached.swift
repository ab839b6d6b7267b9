import GRDB

extension Database {
    /// Runs a statement that is compiled once for each connection: compiling costs more than most of ours take to run.
    func executeCached(sql: String, arguments: StatementArguments = StatementArguments()) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }
}
