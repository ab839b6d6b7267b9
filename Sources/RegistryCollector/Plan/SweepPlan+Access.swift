import OCI
import RegistryCore
import RegistryStorage

/// What of a plan is for whom to see: what belongs to a repository is for who may pull from it. What is left out is not run
/// either, for a run takes the lines of its plan and no others.
extension SweepPlan {
    /// Costs a question for each line and each repository that it names.
    mutating func leaveOut(for access: Access) {
        lines.removeAll { !$0.isShown(to: access) }
        spared.removeAll { !$0.isShown(to: access) }
        damaged.removeAll { !$0.isShown(to: access) }
        for place in lines.indices {
            guard let last = lines[place].lastTag, !access.may(.pull, last.repository, last.tag) else { continue }
            lines[place].lastTag = nil
        }
        for place in spared.indices {
            guard case .mayBeReferenced(let path) = spared[place].reason,
                !Damage(path: path, reason: "").isShown(to: access)
            else { continue }
            spared[place].reason = .mayBeReferenced(by: "something else")
        }
    }
}

extension SweepPlan.Line {
    /// True where all the repositories that hold it, and its tag, may be pulled from.
    func isShown(to access: Access) -> Bool { item.isShown(to: access, repositories) }
}

extension SweepPlan.Spared {
    fileprivate func isShown(to access: Access) -> Bool { item.isShown(to: access, repositories) }
}

extension SweepPlan.Item {
    fileprivate func isShown(to access: Access, _ repositories: [RepositoryName]) -> Bool {
        if case .tag(let tag, let name) = self, !access.may(.pull, name, tag) { return false }
        if let repository, !access.may(.pull, repository) { return false }
        return repositories.allSatisfy { access.may(.pull, $0) }
    }
}

extension SweepPlan.Damage {
    /// True for a place of a repository that may be pulled from, and for one of none.
    func isShown(to access: Access) -> Bool {
        let top = "\(Layout.repositories.text)/"
        guard path.hasPrefix(top) else { return true }
        // The parts of a repository begin with what no name does.
        let parts = path.dropFirst(top.count).split(separator: "/").prefix { !$0.hasPrefix("_") }
        guard let name = try? RepositoryName(onDisk: parts.joined(separator: "/")) else {
            return access.may(.pull, nil)
        }
        return access.may(.pull, name)
    }
}
