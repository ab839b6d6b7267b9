import Drawing
import Testing

@testable import Cockpit

/// Who reaches the registry, and behind what: said in the top line and on the screen of the server.
@Suite struct ExposureTests {
    private static let here = "this machine only"
    private static let everywhere = "all interfaces"

    @Test(arguments: [
        ("127.0.0.1:3380", here), ("127.8.9.10:1", here), ("[::1]:1", here), ("[0:0:0:0:0:0:0:1]:5000", here),
        ("[::ffff:127.0.0.1]:1", here), ("localhost:5000", here), ("LocalHost:5000", here),
        ("/run/berth/berth.sock", here), (":33610", everywhere), ("0.0.0.0:1", everywhere), ("[::]:1", everywhere),
        ("[0:0:0:0:0:0:0:0]:1", everywhere), ("[::ffff:0.0.0.0]:1", everywhere), ("10.1.2.3:80", "10.1.2.3:80"),
        ("[fe80::1]:80", "[fe80::1]:80"), ("[1::]:80", "[1::]:80"), ("[::1:0]:80", "[::1:0]:80"),
        ("127.example.org:80", "127.example.org:80"), ("registry.example:443", "registry.example:443"),
    ])
    func addressesAreReadAsTheReachTheyHave(_ address: String, _ words: String) throws {
        #expect(Exposure(address).words == words)
        for (columns, rows) in [(80, 24), (120, 40), (40, 10)] {
            var session = try Session(
                columns: columns, rows: rows, server: .serving(address: address, since: noon))
            let top = session.screen()[0]
            #expect(top.contains(words), "\(columns) columns: \(top)")
            session.type("6")
            #expect(session.shows("address  \(address)"), "\(columns) columns")
            #expect(session.shows("reach    \(words)"), "\(columns) columns")
        }
    }

    @Test(arguments: [
        (Setup.Access.anybody, false, "no passwords, insecure"), (.anybody, true, "no passwords, TLS"),
        (.passwords, false, "passwords, insecure"), (.passwords, true, "passwords, TLS"),
        (.certificates, true, "client certificates, TLS"),
    ])
    func whatStandsBeforeTheRegistryIsSaid(_ access: Setup.Access, _ isTLS: Bool, _ words: String) throws {
        var setup = fixtureSetup()
        (setup.access, setup.isTLS) = (access, isTLS)
        for (columns, rows) in [(80, 24), (120, 40), (200, 60)] {
            var session = try Session(columns: columns, rows: rows, setup: setup)
            #expect(session.screen()[0].contains(words), "\(session.screen()[0])")
            session.type("6")
            #expect(session.shows("guard    \(words)"))
        }
    }

    /// The port and the host are where the width allows both, and the port where it allows one.
    @Test func theTopLineSaysAsMuchAsFits() throws {
        let narrow = try Session()
        #expect(narrow.screen()[0].hasSuffix("● serving this machine only :5000, no passwords, insecure"))
        let wide = try Session(columns: 120, rows: 40)
        #expect(
            wide.screen()[0].hasSuffix("● serving 127.0.0.1:5000, this machine only, no passwords, insecure"))
        var busy = try Session()
        busy.sample(transfers: try sampleTransfers())
        #expect(busy.screen()[0].contains("this machine only :5000"))
    }

    /// Everybody, without a password or in the clear, is a warning; this machine is none.
    @Test(arguments: [(":5000", true), ("10.1.2.3:5000", true), ("127.0.0.1:5000", false)])
    func anOpenRegistryIsAWarning(_ address: String, _ isWarned: Bool) throws {
        let session = try Session(columns: 120, rows: 40, server: .serving(address: address, since: noon))
        let spans = session.model.stateSpans(columns: 100)
        #expect(spans.contains { $0.style == .warn && $0.text.contains("no passwords") } == isWarned)
    }
}
