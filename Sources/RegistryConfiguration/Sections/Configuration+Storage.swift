extension Configuration {
    /// Where the bytes are and what may be done to them: the section `storage`.
    package struct Storage: Equatable, Sendable {
        package var driver: Driver
        /// Whether clients may delete manifests and blobs; distribution's default is no.
        package var deleteEnabled = false
        /// Whether everything that changes something is refused.
        package var readOnly = false
        package var uploadPurging = UploadPurging()

        package enum Driver: Equatable, Sendable {
            /// `maxThreads` bounds the file operations in flight.
            case filesystem(rootDirectory: String, maxThreads: Int)
            case inMemory
        }

        /// The removal of uploads nobody finished: `storage.maintenance.uploadpurging`.
        package struct UploadPurging: Equatable, Sendable {
            package var enabled = true
            /// How long after its start an upload is taken for abandoned: one week.
            package var age = Duration.seconds(168 * 3600)
            /// How long from one walk over the uploads to the next: one day.
            package var interval = Duration.seconds(24 * 3600)
            /// Whether a walk only reports what it would remove.
            package var dryRun = false

            package init() {}

            /// Every key may be absent. Distribution panics at start unless all are there (§3.2, Traps).
            init(_ purging: ConfigurationReader) throws(ConfigurationError) {
                enabled = try purging.field("enabled").flag() ?? enabled
                age = try purging.field("age").duration(atLeast: .seconds(1)) ?? age
                interval = try purging.field("interval").durationAboveZero(atLeast: .seconds(1)) ?? interval
                dryRun = try purging.field("dryrun").flag() ?? dryRun
            }
        }

        /// Where the filesystem driver of distribution keeps its tree when it is not told.
        package static let rootDirectoryDefault = "/var/lib/registry"
        /// The default of `maxthreads` (§3.2).
        package static let maxThreadsDefault = 100
        /// What a smaller `maxthreads` is raised to, zero and negative numbers included (§3.2).
        package static let maxThreadsMin = 25
        /// What a larger one is lowered to: a thread for each may be at work.
        package static let maxThreadsMax = 1024

        /// The keys of `storage` that are not the name of a driver.
        static let options: Set<String> = ["delete", "redirect", "tag", "cache", "maintenance"]
        static let driversAvailable = ["filesystem", "inmemory"]
        static let driversPlanned: Set<String> = ["s3", "azure", "gcs", "swift", "oss"]

        package init(driver: Driver) {
            self.driver = driver
        }

        /// - Parameter file: what the message calls the file in which there is no driver to point at.
        init(_ storage: ConfigurationReader, file: String) throws(ConfigurationError) {
            let storage = storage.spelledOut
            let drivers = try storage.entries().filter { !Storage.options.contains($0.key) }
            guard let driver = drivers.first else { throw .noStorageDriver(file: file) }
            guard drivers.count == 1 else {
                throw .severalStorageDrivers(drivers.map { .init(name: $0.key, origin: $0.origin) })
            }
            self.driver = try Driver(driver)
            deleteEnabled = try storage.field("delete").field("enabled").flag() ?? deleteEnabled
            let maintenance = try storage.field("maintenance")
            readOnly = try maintenance.field("readonly").field("enabled").flag() ?? readOnly
            uploadPurging = try UploadPurging(maintenance.field("uploadpurging"))
        }
    }
}

extension Configuration.Storage.Driver {
    fileprivate init(_ driver: ConfigurationReader.Entry) throws(ConfigurationError) {
        switch driver.key {
        case "filesystem":
            let threads = try driver.value.field("maxthreads").integer()
            self = .filesystem(
                rootDirectory: try driver.value.field("rootdirectory").nonEmptyText()
                    ?? Configuration.Storage.rootDirectoryDefault,
                maxThreads: min(
                    max(threads ?? Configuration.Storage.maxThreadsDefault, Configuration.Storage.maxThreadsMin),
                    Configuration.Storage.maxThreadsMax)
            )
        case "inmemory":
            _ = try driver.value.entries()
            self = .inMemory
        case let name where Configuration.Storage.driversPlanned.contains(name):
            throw .storageDriverNotYet(origin: driver.origin, name: name)
        default:
            throw .unknownStorageDriver(origin: driver.origin, name: driver.key)
        }
    }
}
