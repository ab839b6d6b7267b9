/// Who can reach a listener, read from the address it was bound to.
struct Exposure: Sendable, Equatable {
    enum Reach: Sendable, Equatable {
        /// A loopback address, or a socket in the file system.
        case thisMachine
        case allInterfaces
        /// One address or one name; only the network knows who reaches it.
        case address
    }

    let reach: Reach
    /// As people write it: `127.0.0.1:5000`, `:5000`, the path of a socket.
    let address: String
    /// `:5000`; empty for a socket.
    let port: String

    init(_ address: String) {
        self.address = address
        // A name cannot hold a slash; the path of a socket always does.
        guard !address.contains("/"), let colon = address.lastIndex(of: ":") else {
            (reach, port) = (address.contains("/") ? .thisMachine : Self.reach(ofHost: address[...]), "")
            return
        }
        port = String(address[colon...])
        reach = Self.reach(ofHost: address[..<colon])
    }

    private static func reach(ofHost text: Substring) -> Reach {
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        var host = (isBracketed ? text.dropFirst().dropLast() : text).lowercased()
        if host.hasSuffix("."), host.count > 1 { host.removeLast() }
        // IPv4 written as IPv6 is the same interface.
        if host.hasPrefix("::ffff:") { host.removeFirst("::ffff:".count) }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let isIPv4 = parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
        if host.isEmpty || host == "0.0.0.0" || host == "*" { return .allInterfaces }
        if isIPv4 { return parts[0] == "127" ? .thisMachine : .address }
        if host.contains(":") {
            // However many zeros are written: `::` and `0:0:0:0:0:0:0:0` are all of them, `::1` is this machine.
            let digits = host.split(separator: ":").map { $0.drop { $0 == "0" } }.filter { !$0.isEmpty }
            if digits.isEmpty { return .allInterfaces }
            return digits == ["1"] && host.hasSuffix("1") ? .thisMachine : .address
        }
        return host == "localhost" || host.hasSuffix(".localhost") ? .thisMachine : .address
    }

    /// `this machine only`, `all interfaces`, or the address itself.
    var words: String {
        switch reach {
        case .thisMachine: "this machine only"
        case .allInterfaces: "all interfaces"
        case .address: address
        }
    }

    /// The words with the port, where that is all they leave out: `all interfaces :5000`.
    var wordsWithPort: String { reach == .address || port.isEmpty ? words : "\(words) \(port)" }

    /// The address and who reaches it.
    var full: String { reach == .address ? address : "\(address), \(words)" }
}

extension Setup {
    /// What a client must bring to be let in.
    package enum Access: Sendable {
        case anybody, passwords, certificates
    }

    /// `no passwords, insecure`: what stands between the registry and who reaches it.
    var guardWords: String {
        let access =
            switch access {
            case .anybody: "no passwords"
            case .passwords: "passwords"
            case .certificates: "client certificates"
            }
        return "\(access), \(isTLS ? "TLS" : "insecure")"
    }
}

extension Model {
    var exposure: Exposure { Exposure(address) }

    /// Whether others than this machine are let in with less than a password and TLS.
    var isWideOpen: Bool { exposure.reach != .thisMachine && (!setup.isTLS || setup.access == .anybody) }

    /// The words of a server that serves, longest first: where, for whom, and behind what.
    var servingTexts: [(where: String, guards: String)] {
        let (exposure, guards) = (exposure, ", \(setup.guardWords)")
        return [
            ("● serving \(exposure.full)", guards), ("● serving \(exposure.wordsWithPort)", guards),
            ("● \(exposure.wordsWithPort)", guards), ("● serving \(exposure.wordsWithPort)", ""),
            ("● \(exposure.wordsWithPort)", ""), ("● \(exposure.words)", ""),
        ]
    }
}
