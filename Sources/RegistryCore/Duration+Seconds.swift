extension Duration {
    /// The duration as a number, for reports and for interfaces that take one.
    package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
