import Testing

/// The built program with the clients, the registry and the terminal of the field. One test at a time: they start
/// servers and measure memory, and two cores are enough for one of them.
@Suite(.serialized) struct EndToEndTests {}
