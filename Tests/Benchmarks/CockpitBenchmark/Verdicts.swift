import Glibc

/// What was measured against what it may be.
struct Verdicts {
    private(set) var areMet = true

    /// Prints a budget; `measured` and `most` are in `unit`.
    mutating func judge(_ what: String, _ measured: Double, atMost most: Double, _ unit: String, note: String = "") {
        let isMet = measured <= most
        areMet = areMet && isMet
        let budget = "\(Self.text(measured)) \(unit), budget \(Self.text(most)) \(unit)"
        say("\(isMet ? "met    " : "NOT MET") \(what): \(budget)\(note.isEmpty ? "" : " (\(note))")")
    }

    /// Prints a figure that has no budget.
    func tell(_ what: String, _ measured: String) { say("        \(what): \(measured)") }

    /// Without digits that mean nothing.
    static func text(_ number: Double) -> String {
        let rounded = (number * 100).rounded() / 100
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
    }
}

/// Times of the same kind, in milliseconds.
struct Times {
    private var times: [Double] = []

    mutating func add(_ time: Double) { times.append(time) }
    mutating func add(_ others: Times) { times += others.times }

    var count: Int { times.count }
    var worst: Double { times.max() ?? 0 }

    /// The time that so many of a hundred do not exceed.
    func percentile(_ part: Int) -> Double {
        times.isEmpty ? 0 : times.sorted()[min(times.count - 1, times.count * part / 100)]
    }

    var summary: String {
        let parts = ["p50 \(Verdicts.text(percentile(50)))", "p99 \(Verdicts.text(percentile(99)))"]
        return parts.joined(separator: ", ") + ", worst \(Verdicts.text(worst)) ms of \(count)"
    }
}

/// Prints a line at once, also where nobody sits at a terminal.
func say(_ line: String) {
    print(line)
    fflush(nil)
}
