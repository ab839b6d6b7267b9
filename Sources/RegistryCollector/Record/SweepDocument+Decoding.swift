import Foundation
import OCI
import RegistryCore

extension SweepDocument {
    /// The plan that was written. What is spared and damaged is for its reader and not read back.
    ///
    /// Throws `PlanInvalid` for anything that no plan of ours says.
    package func decoded() throws(PlanInvalid) -> SweepPlan {
        var made: [SweepPlan.Line] = []
        made.reserveCapacity(lines.count)
        for line in lines { made.append(try line.decoded()) }
        try Bounds.date(self.made, "made")
        return SweepPlan(
            id: plan, options: try options.decoded(), generation: generation, made: self.made, lines: made,
            bytesShared: Bounds.clamped(bytes: totals.bytesShared), isPart: totals.isPart ?? false)
    }
}

extension SweepPlan.Line {
    /// A line from its JSON. Throws `PlanInvalid` for anything that no line of ours says.
    package init(json: some Sequence<UInt8>) throws(PlanInvalid) {
        let document: SweepDocument.Line
        do {
            document = try CollectorJSON.decode(SweepDocument.Line.self, from: Data(json))
        } catch {
            throw PlanInvalid(reason: "a line is none: \(CollectorJSON.text(of: error))")
        }
        self = try document.decoded()
    }
}

extension SweepDocument.Line {
    package func decoded() throws(PlanInvalid) -> SweepPlan.Line {
        try Bounds.bytes(bytes, "bytes")
        if let since { try Bounds.date(since, "since") }
        if let lastTag { try Bounds.date(lastTag.until, "until") }
        do {
            return SweepPlan.Line(
                try item.decoded(), bytes: bytes, mediaType: mediaType.map { MediaType($0) },
                repositories: try repositories.map { try RepositoryName(onDisk: $0) }, reason: try reason.decoded(),
                since: since,
                lastTag: try lastTag.map { last in
                    SweepPlan.LastTag(
                        repository: try RepositoryName(onDisk: last.repository), tag: try Tag(last.tag),
                        until: last.until, by: last.by, how: TagDeparture.Cause(word: last.how) ?? .deleted)
                }, target: try target.map { try Digest($0) })
        } catch let invalid as PlanInvalid {
            throw invalid
        } catch {
            throw PlanInvalid(reason: "\(error)")
        }
    }
}

extension SweepDocument.Item {
    /// Throws `PlanInvalid`, or what a name, a tag or a digest has against its text.
    package func decoded() throws -> SweepPlan.Item {
        guard let kind = SweepPlan.Kind(rawValue: kind) else {
            throw PlanInvalid(reason: "there is no line of kind \(kind)")
        }
        func given<Value>(_ value: Value?, _ field: String) throws -> Value {
            guard let value else { throw PlanInvalid(reason: "a \(kind.rawValue) without \(field)") }
            return value
        }
        func place() throws -> RepositoryName { try RepositoryName(onDisk: given(repository, "a repository")) }
        func content() throws -> Digest { try Digest(given(digest, "a digest")) }
        switch kind {
        case .tag: return .tag(try Tag(given(tag, "a tag")), try place())
        case .revision: return .revision(try content(), try place())
        case .layerLink: return .layerLink(try content(), try place())
        case .blob: return .blob(try content())
        case .upload: return .upload(try given(upload.flatMap { UploadID($0) }, "an upload"), try place())
        case .repository: return .repository(try place())
        }
    }
}

extension SweepDocument.Reason {
    fileprivate func decoded() throws -> SweepPlan.Reason {
        func digest() throws -> Digest { try Digest(about ?? "") }
        switch code {
        case "not_retained": return .notRetained(about ?? "")
        case "fallback_of": return .fallbackOf(try digest())
        case "untagged": return .untagged
        case "subject_removed": return .subjectRemoved(try digest())
        case "subject_missing": return .subjectMissing(try digest())
        case "index_removed": return .indexRemoved(try digest())
        case "unneeded": return .unneeded
        case "unreferenced": return .unreferenced
        case "only_removed_references": return .onlyRemovedReferences
        case "abandoned": return .abandoned
        case "empty": return .empty
        default: throw PlanInvalid(reason: "there is no reason \(code)")
        }
    }
}
