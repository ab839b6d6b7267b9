/// How much of a connection's time and memory one client may take. Every figure of the wire is here; those of what is kept
/// (`manifestBytesMax`, `uploadsPerRepositoryMax`) are in `Registry.Configuration`. `limits` of the configuration sets both.
///
/// Distribution has none of these: a client that sends a byte a minute holds a connection for ever
/// (`registry/registry.go`, `http.Server` without time-outs).
package struct ConnectionLimits: Sendable, Equatable {
    /// Bytes of the names and values of all headers of a request. Tokens of large organisations have been seen at 16 KiB.
    package var headerBytesMax = 64 << 10
    /// Headers of a request.
    package var headersMax = 128
    /// Seconds from the first byte of a request, or from the connection, to the end of its headers; TLS included.
    package var headSecondsMax = 30.0
    /// Seconds without a byte of a body that is still owed. A slow upload that moves is never cut off.
    package var bodySecondsMax = 60.0
    /// Seconds in which the client takes nothing of an answer.
    package var answerSecondsMax = 300.0
    /// Seconds that a connection may stay open between two requests.
    package var idleSecondsMax = 300.0
    /// Connections that are served at once; more wait to be accepted. Each may hold two file descriptors.
    package var connectionsMax = 8192
    /// Files that streams of HTTP/2 may hold open, all together: what the process may open limits it, not the configuration.
    package var streamFilesMax = 8192
    /// Requests that one HTTP/2 connection may have under way: the figure most servers give.
    package var streamsPerConnectionMax = 100
    /// Bytes of bodies and answers that all clients together may keep in memory; beyond it they wait, and the slowest are
    /// cut off. At least four manifests of the largest kind fit, whatever it says.
    package var memoryBytesMax = 48 << 20
    /// Bytes that reading manifests into what they reference may take at once. It is our own work, which ends by itself.
    package var workBytesMax = 48 << 20
    /// Ranges of one request; with more the whole blob is served, as RFC 9110 §14.2 allows.
    package var rangesMax = 32
    /// Repositories of one page of the catalogue: distribution's `catalog.maxentries`.
    package var catalogEntriesMax = 1000
    /// Tags of one page, where the client asks for pages: distribution's `tags.maxtags`.
    package var tagsMax = 1000
    /// Referrers of one page. With a kilobyte of annotations each it stays below what clients take for an index, 4 MiB.
    package var referrersMax = 1000

    package init() {}
}
