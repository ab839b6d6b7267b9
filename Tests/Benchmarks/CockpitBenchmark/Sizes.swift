import ArgumentParser

/// How large everything is; the defaults are those of the budgets.
struct Sizes: ParsableArguments {
    @Option(help: "Repositories of the large tree.") var repositories = 100_000
    @Option(help: "Blobs of the large tree.") var blobs = 1_000_000
    @Option(help: "Tags of one repository in the large tree.") var tags = 30_000
    @Option(help: "Repositories of the tree that is indexed and pushed to ten times a second.") var indexed = 20_000
    @Option(help: "Clients that push while keys are pressed.") var clients = 8
    @Option(help: "Keys that are pressed.") var keys = 4_000
    @Option(help: "Seconds for which the cockpit is left alone, and is pushed to.") var seconds = 60
    @Option(help: "Bytes of the layer of an image that is pushed while keys are pressed.") var layerBytes = 262_144
    @Flag(help: "Begin while the start still compares its index with the tree, and leave out what needs it done.")
    var early = false
    @Option(help: "The seed of what is random.") var seed: UInt64 = 1

    /// Blobs of a repository in the tree that is indexed.
    static let blobsPerIndexed = 10
}
