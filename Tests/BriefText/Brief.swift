/// An argument of a test that is printed in one line, whatever its size: a log is read by people.
package struct Brief<Value: Sendable>: Sendable, CustomStringConvertible {
    package let value: Value
    private let size: Int

    /// Characters of the value that are printed.
    private static var charactersMax: Int { 100 }

    package init(_ value: Value) where Value: Collection {
        self.value = value
        size = value.count
    }

    package var description: String {
        let text = String(reflecting: value)
        return text.count <= Self.charactersMax ? text : "\(text.prefix(Self.charactersMax))… (\(size) in all)"
    }
}
