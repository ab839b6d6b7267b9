import Foundation
package import OCI
import RegistryIndex

/// An image by its repository and its tag or digest.
package struct RepositoryReference: Sendable, Equatable {
    package var name: RepositoryName
    package var reference: Reference

    package init(_ name: RepositoryName, _ reference: Reference) {
        self.name = name
        self.reference = reference
    }
}

extension Registry {
    /// What somebody who names only the repository would mean, of what may be pulled: its tag `latest`, else the tag that was
    /// set last, else the manifest that was pushed last. Nil when it holds neither. Costs time in proportion to its tags.
    package func pullable(
        in name: RepositoryName, by access: Access
    ) throws(RegistryError) -> RepositoryReference? {
        try access.require(.pull, name)
        let reference = try indexed {
            try index.read { view -> Reference? in
                let tags = try view.tags(in: name) { $0 }.filter { access.may(.pull, name, $0.tag) }
                if let tag = tags.first(where: { $0.tag.text == "latest" }) ?? tags.max(by: { $0.updated < $1.updated })
                {
                    return .tag(tag.tag)
                }
                return try view.newestRevision(in: name).map { .digest($0) }
            }
        }
        return reference.map { RepositoryReference(name, $0) }
    }
}
