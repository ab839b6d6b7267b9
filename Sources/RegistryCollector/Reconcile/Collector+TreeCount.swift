import OCI
package import RegistryCore
import RegistryStorage

extension Collector {
    /// How many links, tags and blobs the tree has: what a comparison will look at. Costs a listing of every directory that
    /// holds them, without a look at any.
    ///
    /// - Parameters:
    ///   - pace: how much of a core it may take.
    ///   - each: told between two repositories.
    package func countTree(pace: Pace = .full, _ each: () -> Void = {}) async throws(RegistryError) -> Int64 {
        var pacer = Pacer(pace)
        var count: Int64 = 0
        var walk = RepositoryWalk(storage: storage)
        while let place = try await stored({ try await walk.next() }) {
            guard case .repository(let name) = place.kind else { continue }
            each()
            try await pacer.breathe()
            count += try await countEntries(of: Layout.tags(name))
            for directory in [Layout.revisions(name), Layout.layers(name)] {
                for algorithm in Digest.Algorithm.allCases {
                    count += try await countEntries(of: directory.appending(algorithm.name))
                }
            }
        }
        for algorithm in Digest.Algorithm.allCases {
            let place = Layout.blobs.appending(algorithm.name)
            // As many as two digits give, whether or not the directory above them can be listed.
            for prefix in UInt8.min...UInt8.max {
                let digits = String(prefix, radix: 16)
                count += try await countEntries(of: place.appending(digits.count == 1 ? "0" + digits : digits))
            }
        }
        return count
    }

    /// What cannot be read counts for nothing.
    private func countEntries(of directory: StoragePath) async throws(RegistryError) -> Int64 {
        var count: Int64 = 0
        do throws(RegistryError) {
            guard let entries = try await stored({ try await storage.entries(of: directory) }) else { return 0 }
            while case let part = try await stored({ try await entries.next(Reconciler.partMax) }), !part.isEmpty {
                count += Int64(part.count)
            }
        } catch {
            guard error.isOfOnePlace else { throw error }
        }
        return count
    }
}
