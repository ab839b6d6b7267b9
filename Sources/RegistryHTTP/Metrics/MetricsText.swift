import RegistryCore

/// What a registry counts, in the text format of Prometheus (version 0.0.4).
///
/// The names begin with `berth_`, not with distribution's `registry_`: what is counted is not the same, and a graph must
/// not go on under a name that has another meaning.
enum MetricsText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private enum Kind: String {
        case counter, gauge
    }

    /// Costs one look at the counters and at the transfers that are going on, of which each download asks the system how far
    /// it is, and asks the medium for its free room.
    static func text(_ registry: Registry) async -> String {
        await registry.transfers.refresh()
        let counters = registry.counters()
        var lines: [String] = []
        func add(_ name: String, _ kind: Kind, _ help: String, _ value: some BinaryInteger) {
            lines.append("# HELP berth_\(name) \(help)")
            lines.append("# TYPE berth_\(name) \(kind.rawValue)")
            lines.append("berth_\(name) \(value)")
        }
        add("http_requests_total", .counter, "Answers under /v2/.", counters.requests)
        add(
            "http_errors_total", .counter, "Answers with a status of 400 or more, without HEAD of what is not there.",
            counters.errors)
        add("pulls_total", .counter, "Pulls: one for the manifests of an image.", counters.pulls)
        add("pushes_total", .counter, "Pushes: one for the manifests of an image.", counters.pushes)
        add("received_bytes_total", .counter, "Bytes of blobs and manifests, as they come in.", counters.bytesIn)
        add("sent_bytes_total", .counter, "Bytes of blobs and manifests, as clients take them.", counters.bytesOut)
        add("transfers", .gauge, "Transfers of blobs that are going on.", registry.transfers.count)
        add("sweeps_total", .counter, "Sweeps that came to an end.", counters.sweeps)
        add("swept_lines_total", .counter, "Lines of plans that sweeps took out.", counters.linesSwept)
        add("freed_bytes_total", .counter, "Room that sweeps and purges gave back.", counters.bytesFreed)
        add(
            "index_complete", .gauge, "1 once the index was compared with the tree.",
            registry.ground.isReconciled ? 1 : 0)
        if let capacity = registry.capacity {
            add("storage_free_bytes", .gauge, "Free room on the medium.", capacity.bytesFree)
            add("storage_size_bytes", .gauge, "Size of the medium.", capacity.bytesTotal)
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
