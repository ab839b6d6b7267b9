import RegistryHTTP

/// The access log on standard output: records are put into words by whoever writes them, so that no request waits for that.
struct AccessLogWriter: Sendable {
    private let lines: LineWriter<AccessRecord>

    /// - Parameter dropped: told how many lines were lost because nobody read them, once somebody does again.
    init(to descriptor: CInt, dropped: @escaping @Sendable (Int) -> Void) {
        lines = LineWriter(to: descriptor, text: { $0.combined + "\n" }, dropped: dropped)
    }

    func append(_ record: AccessRecord) {
        lines.append(record, bytes: record.uri.utf8.count + record.userAgent.utf8.count + record.referer.utf8.count)
    }

    /// Writes what is left, for a second at most. Gives the number of lines that nobody was told are lost.
    func end() -> Int { lines.end() }
}
