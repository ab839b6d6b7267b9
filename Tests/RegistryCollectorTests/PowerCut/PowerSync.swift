/// A sync that a verb relies on, by the name that it has in `Durability.md`: without it a power cut breaks a promise.
struct PowerSync: Sendable {
    let name: String
    /// Verbs, as the chronicle calls them; none for all.
    let steps: Set<String>
    /// What is synchronised, as `PowerPlace` names it.
    let places: Set<String>

    private init(_ name: String, _ steps: Set<String>, _ places: Set<String>) {
        self.name = name
        self.steps = steps
        self.places = places
    }

    private static let push: Set = ["put manifest"]
    private static let sweep: Set = ["sweep", "resume"]
    private static let revision = "_manifests/revisions/<alg>"
    private static let tag = "_manifests/tags/<tag>"
    private static let trash = "berth/trash/<run>"

    static let all: [PowerSync] = [
        PowerSync(
            "new directories", [],
            [
                "above the root", "the root", "docker", "docker/registry", "docker/registry/v2", "repositories",
                "<name>",
                "blobs", "blobs/<alg>", "_layers", "_manifests", "_manifests/revisions", "berth", "berth/trash",
            ]),
        PowerSync("session: bytes", ["append"], ["_uploads/<id>/startedat: bytes"]),
        PowerSync("session: names", ["append"], ["_uploads/<id>", "_uploads"]),
        PowerSync("part: bytes", ["append"], ["_uploads/<id>/data: bytes"]),
        PowerSync("cancelled", ["cancel upload"], ["_uploads"]),
        PowerSync("blob: bytes", ["finish upload"], ["_uploads/<id>/data: bytes"]),
        PowerSync("blob: directories", ["finish upload"], ["blobs/<alg>/<xx>"]),
        PowerSync("blob: session left", ["finish upload"], ["_uploads/<id>"]),
        PowerSync("layer link: bytes", ["finish upload"], ["_layers/<alg>/<hex>/link: bytes"]),
        PowerSync("layer link: names", ["finish upload"], ["_layers/<alg>/<hex>", "_layers/<alg>"]),
        PowerSync("mount: bytes", ["mount"], ["_layers/<alg>/<hex>/link: bytes"]),
        PowerSync("mount: names", ["mount"], ["_layers/<alg>/<hex>", "_layers/<alg>"]),
        PowerSync("found link: bytes", push, ["_layers/<alg>/<hex>/link: bytes"]),
        PowerSync("found link: names", push, ["_layers/<alg>/<hex>", "_layers/<alg>"]),
        PowerSync("manifest: bytes", push, ["blobs/<alg>/<xx>/<hex>/data: bytes"]),
        PowerSync("manifest: names", push, ["blobs/<alg>/<xx>/<hex>", "blobs/<alg>/<xx>"]),
        PowerSync("revision: bytes", push, ["\(revision)/<hex>/link: bytes"]),
        PowerSync("revision: names", push, ["\(revision)/<hex>", revision]),
        PowerSync("history: bytes", push, ["\(tag)/index/<alg>/<hex>/link: bytes"]),
        PowerSync("history: names", push, ["\(tag)/index/<alg>/<hex>", "\(tag)/index/<alg>", "\(tag)/index"]),
        PowerSync("tag: bytes", push, ["\(tag)/current/link: bytes"]),
        PowerSync("tag: names", push, ["\(tag)/current", tag, "_manifests/tags"]),
        PowerSync(
            "set tag: bytes", ["set tag"], ["\(tag)/current/link: bytes", "\(tag)/index/<alg>/<hex>/link: bytes"]),
        PowerSync("set tag: names", ["set tag"], ["\(tag)/current", tag, "\(tag)/index/<alg>/<hex>"]),
        PowerSync("deleted tag", ["delete tag"], ["_manifests/tags"]),
        PowerSync("deleted manifest: its tags", ["delete manifest"], ["_manifests/tags"]),
        PowerSync("deleted manifest", ["delete manifest"], [revision]),
        PowerSync("sweep: everything before", sweep, ["*"]),
        PowerSync("sweep: record", sweep, ["\(trash)/run: bytes"]),
        PowerSync("sweep: ending", sweep, ["\(trash)/done: bytes"]),
        PowerSync("sweep: names of the records", sweep, [trash]),
        PowerSync("sweep: quarantine's directories", sweep, ["\(trash)/…"]),
        PowerSync("sweep: tags", sweep, ["_manifests/tags"]),
        PowerSync("sweep: manifests", sweep, [revision]),
        PowerSync("sweep: links", sweep, ["_layers/<alg>"]),
        PowerSync("sweep: bytes", sweep, ["blobs/<alg>/<xx>"]),
        PowerSync("sweep: uploads", sweep, ["_uploads"]),
        PowerSync("undo: bytes", ["undo"], ["blobs/<alg>/<xx>"]),
        PowerSync("undo: links", ["undo"], ["_layers/<alg>"]),
        PowerSync("undo: manifests", ["undo"], [revision]),
        PowerSync("undo: tags", ["undo"], ["_manifests/tags"]),
        PowerSync("purge", ["purge"], ["berth/trash"]),
        PowerSync("repair: bytes of a link", ["repair"], ["_layers/<alg>/<hex>/link: bytes"]),
        PowerSync("repair: names", ["repair"], ["_layers/<alg>/<hex>"]),
        PowerSync("repair: quarantine's directories", ["repair"], ["berth/quarantine/<time>/…"]),
    ]

    func covers(_ sync: PowerRecord.Sync) -> Bool {
        guard steps.isEmpty || steps.contains(sync.step) else { return false }
        if places.contains(sync.place) { return true }
        return places.contains { $0.hasSuffix("/…") && sync.place.hasPrefix($0 + "/") }
    }
}
