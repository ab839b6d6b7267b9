package import Foundation
import Synchronization

/// The number of something that happens once, such as a request or an event: unlike every other, in this process and in all
/// others.
///
/// As text a UUID of version 8 (RFC 9562 §5.8), the first half of its source and the second the number. Costs no call of the
/// system.
package struct Serial: Hashable, Sendable, Codable, CustomStringConvertible {
    fileprivate let source: UInt64
    /// From 1, without a gap among those of one source.
    package let number: UInt64

    /// The one of what nobody has numbered.
    package static let none = Serial(source: 0, number: 0)

    fileprivate init(source: UInt64, number: UInt64) { (self.source, self.number) = (source, number) }

    package var uuid: UUID {
        var bytes: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        withUnsafeMutableBytes(of: &bytes) { bytes in
            bytes.storeBytes(of: (source & ~0xF000 | 0x8000).bigEndian, toByteOffset: 0, as: UInt64.self)
            bytes.storeBytes(of: (number & Self.numberMask | 1 << 63).bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return UUID(uuid: bytes)
    }

    /// What the two bits of the variant leave.
    private static let numberMask: UInt64 = .max >> 2

    package var description: String { uuid.uuidString.lowercased() }

    package init(from decoder: any Decoder) throws {
        let uuid = try decoder.singleValueContainer().decode(UUID.self).uuid
        let (high, low) = withUnsafeBytes(of: uuid) { bytes in
            (
                bytes.loadUnaligned(as: UInt64.self).bigEndian,
                bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self).bigEndian
            )
        }
        self.init(source: high & ~0xF000, number: low & Self.numberMask)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(uuid)
    }
}

/// Where serials come from, in their order.
package struct Serials: ~Copyable, Sendable {
    private let source = UInt64.random(in: 1...UInt64.max) & ~0xF000
    private let count = Atomic<UInt64>(0)

    package init() {}

    /// The next one. An atomic addition.
    package func next() -> Serial {
        Serial(source: source, number: count.wrappingAdd(1, ordering: .relaxed).newValue)
    }
}
