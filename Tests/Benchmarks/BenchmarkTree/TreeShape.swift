/// How large a tree is, how it is divided, and how much of it is garbage.
package struct TreeShape: Sendable {
    /// Layers of an image; with its config and its manifest it has two blobs more.
    package let layersPerImage: Int
    package let imagesPerRepository: Int
    package let images: Int
    /// Images without a link to their manifest: all their blobs are garbage.
    package let imagesDead: Int
    /// What the names of its repositories begin with. Trees of several shapes may lie in one directory.
    package let prefix: String

    /// A tree for sweeps: few repositories of many images.
    package init(blobs: Int, garbage: Int) {
        layersPerImage = 18
        imagesPerRepository = 250
        images = max(1, blobs / (layersPerImage + 2))
        imagesDead = max(1, garbage / (layersPerImage + 2))
        prefix = "team"
    }

    /// Many repositories of one image each.
    package init(repositories: Int, blobs: Int) {
        images = max(1, repositories)
        layersPerImage = max(1, blobs / images - 2)
        (imagesPerRepository, imagesDead) = (1, 0)
        prefix = "team"
    }

    /// One repository of many tags, each of an image of its own.
    package init(tags: Int) {
        images = max(1, tags)
        (layersPerImage, imagesPerRepository, imagesDead) = (1, images, 0)
        prefix = "many"
    }

    package var blobsMade: Int { images * (layersPerImage + 2) }

    package var repositories: Int { (images + imagesPerRepository - 1) / imagesPerRepository }

    /// The name of a repository by its number.
    package func name(_ repository: Int) -> String { "\(prefix)\(repository % 20)/app\(repository)" }
}
