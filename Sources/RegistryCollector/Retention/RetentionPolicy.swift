import RegistryCore

/// Which tags are kept: rules for tags of repositories, the first that fits a tag decides. A tag that no rule is about stays.
package struct RetentionPolicy: Sendable, Hashable, Codable {
    package struct Rule: Sendable, Hashable, Codable {
        /// Patterns for names of repositories; `*` stands for any run of characters.
        package var repositories: [String]
        /// Patterns for the tags that the rule is about.
        package var tags: [String]
        /// Patterns for tags that stay whatever else is said.
        package var keepTags: [String]
        /// As many of the tags that were set last stay; nil says nothing of it.
        package var keepNewest: Int?
        /// Tags that were set within this many seconds stay.
        package var keepSeconds: Int?
        /// Tags that were pulled within this many seconds stay. A tag counts as pulled when it was set, and when this registry
        /// began to write down pulls.
        package var keepPulledSeconds: Int?

        package init(
            repositories: [String] = ["*"], tags: [String] = ["*"], keepTags: [String] = [], keepNewest: Int? = nil,
            keepSeconds: Int? = nil, keepPulledSeconds: Int? = nil
        ) {
            self.repositories = repositories
            self.tags = tags
            self.keepTags = keepTags
            self.keepNewest = keepNewest
            self.keepSeconds = keepSeconds
            self.keepPulledSeconds = keepPulledSeconds
        }

        /// What does not stay, as half a sentence.
        var text: String {
            var parts: [String] = []
            if let keepNewest { parts.append("not among the newest \(keepNewest)") }
            if let keepSeconds { parts.append("set more than \(Self.time(keepSeconds)) ago") }
            if let keepPulledSeconds { parts.append("not pulled for \(Self.time(keepPulledSeconds))") }
            return parts.joined(separator: ", ")
        }

        private static func time(_ seconds: Int) -> String {
            switch seconds {
            case _ where seconds % 86_400 == 0: "\(seconds / 86_400) d"
            case _ where seconds % 3600 == 0: "\(seconds / 3600) h"
            default: "\(seconds) s"
            }
        }
    }

    package var rules: [Rule]

    /// Whether any rule keeps what was pulled.
    var heedsPulls: Bool { rules.contains { $0.keepPulledSeconds != nil } }

    package init(rules: [Rule]) { self.rules = rules }
}

/// A pattern in which `*` stands for any run of characters, and everything else for itself.
struct Glob {
    private let parts: [Substring]

    init(_ pattern: String) { parts = pattern.split(separator: "*", omittingEmptySubsequences: false) }

    /// Costs time in proportion to the text for each star.
    func matches(_ text: String) -> Bool {
        guard parts.count > 1, let first = parts.first, let last = parts.last else {
            return parts.first.map { $0 == text } ?? false
        }
        guard text.hasPrefix(first), text.hasSuffix(last), text.utf8.count >= first.utf8.count + last.utf8.count else {
            return false
        }
        var rest = text.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.range(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}

extension [String] {
    func matches(_ text: String) -> Bool { contains { Glob($0).matches(text) } }
}

extension Substring {
    /// The first place of a text; nil when there is none.
    fileprivate func range(of text: Substring) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            formIndex(after: &start)
        }
        return nil
    }
}
