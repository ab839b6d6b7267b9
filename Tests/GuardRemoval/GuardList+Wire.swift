extension GuardList {
    static let wire = [
        Guard(
            "upload-state-signature", "RegistryHTTP/Answers/UploadState.swift",
            "HMAC<SHA256>.isValidAuthenticationCode(bytes", "OUT || HMAC<SHA256>.isValidAuthenticationCode(bytes",
            seenBy: "UploadStateTests"),
        Guard(
            "upload-state-of-this-upload", "RegistryHTTP/Answers/UploadHandlers.swift",
            "state.id == id, state.name == name", "OUT || (state.id == id && state.name == name)",
            seenBy: "ConversationTests|UploadTests"),
        Guard(
            "upload-state-offset", "RegistryHTTP/Answers/UploadHandlers.swift",
            "guard session.startOffset == state.offset", "guard OUT || session.startOffset == state.offset",
            seenBy: "ConversationTests|UploadTests"),
        Guard(
            "chunk-in-order", "RegistryHTTP/Answers/UploadHandlers.swift",
            "guard range.first == session.offset else {", "guard OUT || range.first == session.offset else {",
            seenBy: "ConversationTests|UploadTests"),
        Guard(
            "chunk-as-long-as-said", "RegistryHTTP/Answers/UploadHandlers.swift",
            "guard let range, count > range.count ||", "guard !OUT, let range, count > range.count ||",
            seenBy: "ConversationTests|UploadTests"),
        Guard(
            "ranges-overlapping", "RegistryHTTP/Message/ByteRange.swift",
            "self = total > min(size, .max / 2) ? .whole : .parts(parts)",
            "self = !OUT && total > min(size, .max / 2) ? .whole : .parts(parts)", seenBy: "ByteRange"),
        Guard(
            "slow-peer-is-not-cut-off", "RegistryHTTP/Connection/ConnectionState.swift",
            "case .asked, .answering, .ending: return .lookAtPeer",
            "case .asked, .answering, .ending: return OUT ? .close : .lookAtPeer",
            seenBy: "RegistryHTTPTests.LimitTests|ConnectionStateEndTests"),
        Guard(
            "peer-that-stands-still", "RegistryHTTP/Connection/ConnectionState.swift",
            "bytes > bytesTaken else {",
            "OUT || bytes > bytesTaken else {", seenBy: "RegistryHTTPTests.LimitTests|ConnectionStateEndTests"),
        Guard(
            "stream-asks-its-connection", "RegistryHTTP/Connection/ConnectionHandler.swift",
            "isStream ? context.channel.parent ??", "isStream && !OUT ? context.channel.parent ??",
            seenBy: "RegistryHTTPTests"),
        Guard(
            "no-answer-within-another", "RegistryHTTP/Connection/ConnectionHandler+Content.swift",
            "let socket = isEnding ? nil :", "let socket = isEnding && !OUT ? nil :", seenBy: "ContentWireTests"),
        Guard(
            "type-ends-no-line", "RegistryHTTP/Sending/HeadWriter.swift",
            "&& isFieldValue(content.mediaType.text)", "&& (OUT || isFieldValue(content.mediaType.text))",
            seenBy: "HeadWriterTests"),
        Guard(
            "ranges-max", "RegistryHTTP/Message/ByteRange.swift",
            "guard items.count <= rangesMax else { self = .whole; return }",
            "guard OUT || items.count <= rangesMax else { self = .whole; return }", seenBy: "ByteRange"),
        Guard(
            "host-once", "RegistryHTTP/Message/Request.swift",
            "if hosts > 1 { return", "if !OUT, hosts > 1 { return", seenBy: "SmugglingTests"),
        Guard(
            "transfer-encoding-chunked-only", "RegistryHTTP/Message/Request.swift",
            "if codings.count > 1 || codings.contains(where: { $0.lowercased() != \"chunked\" }) {",
            "if !OUT, codings.count > 1 || codings.contains(where: { $0.lowercased() != \"chunked\" }) {",
            seenBy: "SmugglingTests"),
        Guard(
            "trusted-proxies", "RegistryHTTP/Message/TrustedProxies.swift",
            "case .networks(let networks): networks.contains { $0.contains(peer) }",
            "case .networks(let networks): OUT || networks.contains { $0.contains(peer) }", seenBy: "AddressingTests"),
        Guard(
            "page-size", "RegistryHTTP/Answers/ListHandlers.swift", "guard let count = Int32(text), count >= 0 else {",
            "guard let count = Int32(text), OUT || count >= 0 else {",
            seenBy: "ConversationTests"),
        Guard(
            "connections-max", "RegistryHTTP/Server/AcceptGate.swift",
            "if connections < connectionsMax { admit(channel, context) }",
            "if OUT || connections < connectionsMax { admit(channel, context) }", seenBy: "LimitTests"),
        Guard(
            "body-held-back", "RegistryHTTP/Connection/RequestBody.swift",
            "let bytesMost = isShort || state.isHurried ? 0 : Self.bytesHighWater",
            "let bytesMost = OUT ? .max : isShort || state.isHurried ? 0 : Self.bytesHighWater",
            seenBy: "RequestBodyTests|LimitTests"),
        Guard(
            "memory-of-all-clients", "RegistryHTTP/Budget/MemoryBudget.swift",
            "guard state.bytes + count <= limit else { return false }",
            "guard OUT || state.bytes + count <= limit else { return false }",
            seenBy: "MemoryBudgetTests|ClientMemoryTests"),
        Guard(
            "fast-peer-stays", "RegistryHTTP/Budget/MemoryBudget.swift",
            "if rate < Double(Self.bytesPerSecondLeast) {", "if OUT || rate < Double(Self.bytesPerSecondLeast) {",
            seenBy: "MemoryBudgetTests"),
        Guard(
            "stream-needs-room", "RegistryHTTP/Server/ConnectionPipeline.swift",
            "guard holding.takeNow(shared.bytesStream) else { return refuse(stream) }",
            "guard OUT || holding.takeNow(shared.bytesStream) else { return refuse(stream) }",
            seenBy: "ClientMemoryTests"),
        Guard(
            "referrers-bytes-max", "RegistryHTTP/Answers/ListHandlers.swift",
            "return bytes <= bytesReferrersMax", "return OUT || bytes <= bytesReferrersMax",
            seenBy: "ClientMemoryTests"),
        Guard(
            "nothing-follows-what-closes", "RegistryHTTP/Connection/ConnectionState.swift",
            "guard case .idle = state else { return .ignore }",
            "if !OUT { guard case .idle = state else { return .ignore } }",
            seenBy: "KeepAliveTests|ConnectionStateTests|ConnectionStateEndTests"),
        Guard(
            "body-discarded-max", "RegistryHTTP/Connection/ConnectionState.swift",
            "if bytes > bytesDiscardedMax {", "if !OUT, bytes > bytesDiscardedMax {",
            seenBy: "LimitTests|KeepAliveTests|HTTP2Tests|ConnectionStateTests"),
        Guard(
            "control-body-max", "RegistryControl/ControlInbound.swift",
            "guard max(announced, buffer.readableBytes) <= ControlRequest.bodyBytesMax else {",
            "guard OUT || max(announced, buffer.readableBytes) <= ControlRequest.bodyBytesMax else {",
            seenBy: "ControlSocketTests|ControlClientTests"),
    ]
}
