import Testing

/// Requests of one client in order, and what each must be answered: a row of the tables.
///
/// Words in braces stand for digests of `Cargo`; `{location}` is the last `Location`, `{state}` the `_state` in
/// it, `{stale}` the one before, `{cut}` it without its end.
struct Conversation: Sendable, CustomTestStringConvertible {
    let name: String
    var setting = Setting.asItIs
    let steps: [Step]

    init(_ name: String, _ setting: Setting = .asItIs, _ steps: Step...) {
        self.init(name, setting, steps: steps)
    }

    init(_ name: String, _ setting: Setting = .asItIs, steps: [Step]) {
        (self.name, self.setting, self.steps) = (name, setting, steps)
    }

    var testDescription: String { name }

    enum Setting: Sendable {
        case asItIs, readOnly, deletionDisabled, relativeURLs
        /// A repository has room for two open uploads.
        case fewUploads
        /// A page of referrers has one.
        case shortPages
        /// Answers under `/v2/` carry `X-Berth: harbour`.
        case extraHeader
    }
}

struct Step: Sendable {
    enum Bytes: Sendable {
        case text(String)
        case named(String)
        case part(String, Range<Int>)
        case zeros(Int)
    }

    var method: String
    var target: String
    var headers: [(String, String)] = []
    var body: Bytes?
    var status: Int
    /// Headers that must be there with these values; `*` is any, a value that ends in `*` a beginning.
    var has: [String: String] = [:]
    var hasNot: [String] = []
    /// The code in the error body.
    var code: String?
    /// The answer's body, exactly.
    var gives: Bytes?

    init(
        _ method: String, _ target: String, _ headers: [(String, String)], body: Bytes? = nil, _ status: Int,
        _ code: String? = nil, has: [String: String] = [:], hasNot: [String] = [], gives: Bytes? = nil
    ) {
        (self.method, self.target, self.headers, self.body) = (method, target, headers, body)
        (self.status, self.code, self.has, self.hasNot, self.gives) = (status, code, has, hasNot, gives)
    }

    init(
        _ method: String, _ target: String, body: Bytes? = nil, _ status: Int, _ code: String? = nil,
        has: [String: String] = [:], hasNot: [String] = [], gives: Bytes? = nil
    ) {
        self.init(method, target, [], body: body, status, code, has: has, hasNot: hasNot, gives: gives)
    }
}
