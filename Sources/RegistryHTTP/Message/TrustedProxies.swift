import Glibc

/// The peers whose word counts on how a client came to them.
package enum TrustedProxies: Sendable, Equatable {
    /// Whoever connects, as in distribution: right where nobody but the proxy can.
    case everyone
    /// Only peers with an address in one of these; an empty list trusts nobody.
    case networks([IPNetwork])

    func contains(_ peer: IPAddress) -> Bool {
        switch self {
        case .everyone: true
        case .networks(let networks): networks.contains { $0.contains(peer) }
        }
    }
}

/// An address of either family as sixteen bytes, those of IPv4 in their mapped form (RFC 4291 §2.5.5.2).
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    fileprivate let bytes: [UInt8]
    /// As it was written.
    package let description: String

    /// Nil when the text is no address.
    package init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] + withUnsafeBytes(of: four) { Array($0) }
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            bytes = withUnsafeBytes(of: six) { Array($0) }
        } else {
            return nil
        }
        description = text
    }

    package var isIPv6: Bool { description.contains(":") }

    package static func == (left: IPAddress, right: IPAddress) -> Bool { left.bytes == right.bytes }

    package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

/// Addresses that share their first bits: `10.0.0.0/8`, `fd00::/8`, or a single address.
package struct IPNetwork: Sendable, Hashable {
    private let address: IPAddress
    /// Of the sixteen bytes.
    private let bits: Int

    /// Nil when the text is no network.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { return nil }
        let width = address.isIPv6 ? 128 : 32
        var length = width
        if parts.count == 2 {
            guard let given = Int(parts[1]), (0...width).contains(given) else { return nil }
            length = given
        }
        self.address = address
        bits = 128 - width + length
    }

    func contains(_ other: IPAddress) -> Bool {
        let whole = bits / 8
        guard address.bytes[..<whole] == other.bytes[..<whole] else { return false }
        guard bits % 8 != 0 else { return true }
        return (address.bytes[whole] ^ other.bytes[whole]) >> (8 - bits % 8) == 0
    }
}
