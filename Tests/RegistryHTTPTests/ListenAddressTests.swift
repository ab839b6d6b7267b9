import Testing

@testable import RegistryHTTP

@Suite struct ListenAddressTests {
    @Test(arguments: [
        ("127.0.0.1:5000", "127.0.0.1", 5000), (":5000", "", 5000), ("[::1]:5000", "::1", 5000),
        ("localhost:0", "localhost", 0), ("0.0.0.0:65535", "0.0.0.0", 65535), ("[::]:80", "::", 80),
    ])
    func anAddress(text: String, host: String, port: Int) throws {
        let address = try ListenAddress(text)
        #expect(address == .tcp(host: host, port: port))
        #expect(address.description == text)
    }

    @Test(arguments: [
        "", "5000", "localhost", "localhost:", ":", ":http", ":-1", ":65536", ":99999999999999999999", "::1:5000",
        "a:b:1", "127.0.0.1:5000 ", "http://localhost:5000/",
    ])
    func anythingElseIsNone(text: String) {
        #expect(throws: ServerError.badAddress(text)) { try ListenAddress(text) }
    }

    @Test func anErrorSaysWhatToDo() {
        let text = ServerError.addressInUse("127.0.0.1:5000").description
        #expect(text.contains("127.0.0.1:5000"))
        #expect(text.contains("--listen"))
        #expect(!text.contains("\n"))
    }
}
