import RegistryCore
import RegistryStorage
import Synchronization

/// Places that a comparison of this process could not read, and that therefore spare what they may hold. Once one of them can be
/// read again they are all compared anew: nobody else says that a disk is back, or that rights were mended.
final class UnreadablePlaces: Sendable {
    /// Beyond it they are mended by the next run or start alone.
    private static let placesMax = 1000

    private let places = Mutex<Set<StoragePath>>([])

    func note(_ place: StoragePath) {
        places.withLock { if $0.count < Self.placesMax { $0.insert(place) } }
    }

    /// All of them; they are forgotten here.
    func take() -> Set<StoragePath> {
        places.withLock { places in
            defer { places = [] }
            return places
        }
    }

    func all() -> Set<StoragePath> { places.withLock { $0 } }
}

extension Collector {
    /// Compares the repositories once more when something can be read by now that could not be. Costs a look at each such
    /// place; nothing where there are none.
    func lookAgainAtUnreadablePlaces() async throws(RegistryError) {
        for place in unreadable.all() where try await isReadable(place) {
            let hold = try await coordination.hold([.comparison], .exclusive)
            try hold.confirm()
            _ = unreadable.take()
            return try await Reconciler(collector: self).compareLinksAndLayers()
        }
    }

    private func isReadable(_ place: StoragePath) async throws(RegistryError) -> Bool {
        do throws(RegistryError) {
            return try await stored {
                guard let status = try await storage.stat(place) else {
                    // Away altogether it is no worse than before, but for the repositories themselves.
                    return storage.obstruction(of: place, isDirectory: true) == nil
                        && place != Layout.repositories
                }
                if status.isDirectory {
                    _ = try await storage.entries(of: place)?.next(1)
                } else {
                    _ = try await storage.open(place)?.read(at: 0, count: 1)
                }
                return true
            }
        } catch {
            guard error.isOfOnePlace else { throw error }
            return false
        }
    }
}
