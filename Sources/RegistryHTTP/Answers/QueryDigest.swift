import OCI

/// Digests that stand in a query.
extension RequestHandler {
    /// The digest that the query names; nil when it names none. Throws when it names two, for they cannot both be right.
    func digest(_ request: Request) throws -> Digest? {
        let texts = Set(request.parameters("digest"))
        guard texts.count < 2 else { throw ErrorAnswer(.digestInvalid, "the query names more than one digest") }
        return try texts.first.map(parse)
    }

    func parse(_ text: String) throws -> Digest {
        do throws(OCIError) {
            return try Digest(text)
        } catch {
            throw ErrorAnswer(.digestInvalid, error.description)
        }
    }
}
