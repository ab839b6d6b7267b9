/// Who asked: what the wire knows of a client. Texts are as the client sent them; whoever shows them strips controls.
package struct Client: Sendable, Equatable {
    /// `10.0.0.4:51234`, or a word such as `cockpit` where no socket is involved.
    package var address: String
    package var userAgent: String
    /// What it asked with; nil where no request was made. Each has another.
    package var request: Serial?
    package var principal: Principal

    package init(
        address: String, userAgent: String = "", request: Serial? = nil, principal: Principal = .anonymous
    ) {
        self.address = address
        self.userAgent = userAgent
        self.request = request
        self.principal = principal
    }

    /// The address without its port: each connection has another. A word stays as it is.
    package var host: Substring {
        guard let colon = address.lastIndex(of: ":") else { return address[...] }
        let port = address[address.index(after: colon)...]
        return !port.isEmpty && port.utf8.allSatisfy({ (48...57).contains($0) }) ? address[..<colon] : address[...]
    }

    package static let cockpit = Client(address: "cockpit")
    package static let commandLine = Client(address: "command line")
    /// The registry itself, when its time has come.
    package static let schedule = Client(address: "schedule")
    /// The registry itself, when it looks whether its index is up to the tree.
    package static let reconciler = Client(address: "reconciler")
}

/// As JSON an anonymous client has no word of its principal.
extension Client: Codable {
    private enum CodingKeys: String, CodingKey {
        case address, userAgent, request, principal
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        address = try container.decode(String.self, forKey: .address)
        userAgent = try container.decode(String.self, forKey: .userAgent)
        request = try container.decodeIfPresent(Serial.self, forKey: .request)
        let user = try container.decodeIfPresent(Principal.User.self, forKey: .principal)
        principal = user.map { .user($0) } ?? .anonymous
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(address, forKey: .address)
        try container.encode(userAgent, forKey: .userAgent)
        try container.encodeIfPresent(request, forKey: .request)
        try container.encodeIfPresent(principal.user, forKey: .principal)
    }
}
