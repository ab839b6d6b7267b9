/// What a registry is told to do: distribution's `config.yml` with the `REGISTRY_*` variables over it, as plain values.
///
/// Every property has distribution's default, so a value made by hand differs from a loaded one only in what it sets.
/// Nothing here reads a file, the environment or a flag; ``load(text:file:environment:)`` is handed the first two, the
/// command line applies the third afterwards.
///
/// `reference/registry.md` §3.2, which every § in this folder means;
/// <https://distribution.github.io/distribution/about/configuration/>
package struct Configuration: Equatable, Sendable {
    package var log: Log
    package var storage: Storage
    package var http: HTTP
    package var validation = Validation()
    package var limits = Limits()
    package var collection = Collection()
    /// One line for each thing that was asked for and will not happen, in the order the file names them, those of
    /// the environment that nothing recognises first. To be logged once at start.
    package var warnings: [String]

    /// The only version of the format there is; every file must say it, and it has been `0.1` since registry 2.0.
    package static let version = "0.1"

    package init(log: Log = Log(), storage: Storage, http: HTTP = HTTP(), warnings: [String] = []) {
        self.log = log
        self.storage = storage
        self.http = http
        self.warnings = warnings
    }

    /// What the cockpit serves when nobody gave it a file: everything in `root`, reachable from this machine only.
    ///
    /// Deletion is on, unlike in distribution: whoever sits at the cockpit owns the data and came to look after it.
    package static func cockpitDefault(root: String) -> Configuration {
        var storage = Storage(
            driver: .filesystem(rootDirectory: root, maxThreads: Storage.maxThreadsDefault)
        )
        storage.deleteEnabled = true
        var http = HTTP()
        http.addr = "127.0.0.1:5000"
        return Configuration(storage: storage, http: http)
    }
}
