import Foundation
import GRDB
import OCI

/// A digest as a column: one byte for the algorithm, then the hash.
extension Digest {
    var column: Data { Data([algorithm.rawValue] + bytes) }

    init?(column: Data) {
        let digest = column.withUnsafeBytes { bytes -> Digest? in
            guard let first = bytes.first, let algorithm = Algorithm(rawValue: first) else { return nil }
            return Digest(algorithm: algorithm, raw: UnsafeRawBufferPointer(rebasing: bytes.dropFirst()))
        }
        guard let digest else { return nil }
        self = digest
    }
}

/// What a row cannot be decoded into: the index does not hold what it was given.
struct UnreadableRow: Error {
    let column: String
}

extension Row {
    func digest(_ column: String) throws -> Digest {
        guard let digest = Digest(column: self[column]) else { throw UnreadableRow(column: column) }
        return digest
    }

    func repositoryName(_ column: String) throws -> RepositoryName {
        try RepositoryName(onDisk: self[column] as String)
    }

    func tag(_ column: String) throws -> Tag { try Tag(self[column] as String) }
}
