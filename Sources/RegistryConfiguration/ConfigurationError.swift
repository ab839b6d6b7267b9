/// Why a configuration cannot be used. The description is one line: where, what is wrong, what to do.
package enum ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file is not YAML. Line and column count from 1.
    case malformed(file: String, line: Int, column: Int, problem: String)
    /// The value of a variable is not YAML; values are parsed as YAML (§3.2, rule 5).
    case malformedVariable(name: String, problem: String)
    case duplicateKey(origin: ConfigurationOrigin, key: String)
    case missingVersion(file: String)
    case unsupportedVersion(origin: ConfigurationOrigin, found: String)
    /// A list where text is needed, text where a mapping is needed.
    case wrongType(origin: ConfigurationOrigin, path: String, found: String, expected: String)
    /// Text, but not one of those that mean something.
    case invalidValue(origin: ConfigurationOrigin, path: String, found: String, expected: String)
    case noStorageDriver(file: String)
    case severalStorageDrivers([Driver])
    /// A driver of distribution's that Berth does not have.
    case storageDriverNotYet(origin: ConfigurationOrigin, name: String)
    case unknownStorageDriver(origin: ConfigurationOrigin, name: String)
    case authenticationNotEnforced(origin: ConfigurationOrigin, method: String)
    /// Without what the key asks for the registry would be another one, or more open. `reason` is half a sentence.
    case notEnforced(origin: ConfigurationOrigin, path: String, reason: String)
    /// A certificate without a key, or the reverse.
    case missingCounterpart(origin: ConfigurationOrigin, path: String, missing: String)
    /// TLS is wanted with certificates that nobody obtains: plain HTTP is not what was meant.
    case certificatesNotObtained(origin: ConfigurationOrigin)
    /// A rule of the retention that would let every tag go.
    case keepsNothing(origin: ConfigurationOrigin, path: String)
    /// A variable names the element `index` of a list that has `count` (§3.2, rule 6).
    case indexOutOfRange(variable: String, path: String, index: String, count: Int)

    /// A storage driver and what asked for it.
    package struct Driver: Equatable, Sendable {
        package var name: String
        package var origin: ConfigurationOrigin

        package init(name: String, origin: ConfigurationOrigin) {
            self.name = name
            self.origin = origin
        }
    }

    package var description: String { sentence.onOneLine }

    private var sentence: String {
        switch self {
        case .malformed(let file, let line, let column, let problem):
            return "\(file):\(line):\(column): not valid YAML: \(problem)"
        case .malformedVariable(let name, let problem):
            return "\(name): the value is not valid YAML: \(problem); put quotes inside the value if it is plain text"
        case .duplicateKey(let origin, let key):
            return "\(origin): the key \(key.quotedForMessage) is given more than once in one mapping; keep one"
        case .missingVersion(let file):
            return "\(file): version is missing; add the line `version: \(Configuration.version)`"
        case .unsupportedVersion(let origin, let found):
            return "\(origin): unsupported version \(found.quotedForMessage); write `version: \(Configuration.version)`"
        case .wrongType(let origin, let path, let found, let expected),
            .invalidValue(let origin, let path, let found, let expected):
            return "\(origin): \(path.isEmpty ? "the configuration" : path) must be \(expected), found \(found)"
        case .noStorageDriver(let file):
            return "\(file): storage names no driver; add one of \(Self.driversAvailable) under storage"
        case .severalStorageDrivers(let drivers):
            let named = drivers.map { "\($0.name.shortenedForMessage) (\($0.origin))" }.joined(separator: " and ")
            return "several storage drivers: \(named); keep one, or set REGISTRY_STORAGE to the name of the one to use"
        case .storageDriverNotYet(let origin, let name):
            return "\(origin): the storage driver \(name) is not available yet; use one of \(Self.driversAvailable)"
        case .unknownStorageDriver(let origin, let name):
            return "\(origin): unknown storage driver storage.\(name.shortenedForMessage); use one of "
                + Self.driversAvailable
        case .authenticationNotEnforced(let origin, let method):
            return
                "\(origin): auth.\(method.shortenedForMessage) asks for authentication, which is not enforced yet, so"
                + " the registry would be open to everyone; set auth to none and put a proxy that authenticates in front"
        case .notEnforced(let origin, let path, let reason):
            return "\(origin): \(path.shortenedForMessage) \(reason)"
        case .missingCounterpart(let origin, let path, let missing):
            return "\(origin): \(path) is set and \(missing) is not; set both, or neither for plain HTTP"
        case .certificatesNotObtained(let origin):
            return
                "\(origin): http.tls.letsencrypt does nothing yet, so the registry would serve plain HTTP; set"
                + " http.tls.certificate and http.tls.key"
        case .keepsNothing(let origin, let path):
            return
                "\(origin): \(path) names nothing that stays, so every tag would go; add newest, within or pulled to it"
        case .indexOutOfRange(let variable, let path, let index, let count):
            return "\(variable): \(path) has no element \(index.shortenedForMessage); the next free index is \(count)"
        }
    }

    private static let driversAvailable = Configuration.Storage.driversAvailable.joined(separator: ", ")
}
