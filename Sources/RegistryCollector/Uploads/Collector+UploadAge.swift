import RegistryCore
import RegistryIndex

extension Collector {
    /// The index's word for uploads whose files say that they were written in the future, and when each was first met.
    private static let metKey = "uploads.met"
    /// Of these; beyond it those that were met first are forgotten, and are met anew.
    private static let metMax = 1000

    /// When an upload of the future was first met, in seconds since 1970: from then on it is abandoned like any other. Now
    /// where this is the first time.
    func firstMet(_ id: UploadID) throws(RegistryError) -> Int64 {
        let now = Ground.now
        let text = try indexed { try index.read { try $0.state(Self.metKey) } } ?? ""
        var met: [Substring: Int64] = [:]
        for word in text.split(separator: " ") {
            let parts = word.split(separator: "=")
            if parts.count == 2, let time = Int64(parts[1]), time <= now { met[parts[0]] = time }
        }
        if let time = met[id.text[...]] { return time }
        met[id.text[...]] = now
        let newest = met.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.metMax)
        let line = newest.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        try indexed { try index.write { try $0.setState(line, for: Self.metKey) } }
        return now
    }
}
