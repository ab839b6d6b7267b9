package import RegistryStorage

/// Keeps a walk that follows links from going round in circles, and from giving one directory more names than anybody could
/// mean.
///
/// Costs nothing where there are no links; else a look at each directory behind one, and memory for them.
package struct FollowedLinks {
    /// Times that one directory is entered by ways that lead over links. Links to each other's directories could give it
    /// twice as many names with each level.
    private static let waysMax = 16

    private var ways: [FileIdentity: Int] = [:]

    package init() {}

    /// False for a link to a directory above it, and for a directory that enough ways have led to: whatever is in it is met by
    /// another name. To be asked of each directory that a link leads to or through.
    ///
    /// - Parameter top: where the walk began.
    package mutating func mayEnter(
        _ place: StoragePath, isLink: Bool, below top: StoragePath, _ storage: any StorageDriver
    ) async throws(StorageError) -> Bool {
        guard let here = try await storage.stat(place)?.identity else { return true }
        var above = isLink && place != top ? place.parent : nil
        while let directory = above {
            if try await storage.stat(directory)?.identity == here { return false }
            above = directory == top ? nil : directory.parent
        }
        let count = ways[here, default: 0]
        guard count < Self.waysMax else { return false }
        ways[here] = count + 1
        return true
    }
}
