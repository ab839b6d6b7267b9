import Drawing
import Foundation
import OCI
import Testing

@testable import Cockpit

/// What is copied works as it is pasted.
@Suite struct ClientCommandsTests {
    private func commands(_ tool: ClientTool, isTLS: Bool) -> ClientCommands {
        ClientCommands(tool: tool, host: "localhost:5000", isTLS: isTLS)
    }

    @Test(arguments: [
        (ClientTool.docker, false, "docker pull localhost:5000/team/app:1.3"),
        (.docker, true, "docker pull localhost:5000/team/app:1.3"),
        (.podman, false, "podman pull --tls-verify=false localhost:5000/team/app:1.3"),
        (.podman, true, "podman pull localhost:5000/team/app:1.3"),
        (
            .skopeo, false,
            "skopeo copy --all --src-tls-verify=false docker://localhost:5000/team/app:1.3 dir:app-1.3"
        ), (.skopeo, true, "skopeo copy --all docker://localhost:5000/team/app:1.3 dir:app-1.3"),
    ])
    func plainHTTPIsSaidToThoseWhoMustBeTold(_ tool: ClientTool, _ isTLS: Bool, _ text: String) throws {
        let name = try RepositoryName("team/app")
        #expect(commands(tool, isTLS: isTLS).pull(name, .tag(try Tag("1.3"))) == text)
        let digest = try digest("index")
        let byDigest = commands(tool, isTLS: isTLS).pull(name, .digest(digest))
        #expect(byDigest.contains("team/app@\(digest)"))
        let first = commands(tool, isTLS: isTLS).first
        let push = try #require(first.last)
        #expect(push.contains("tls-verify=false") == (tool != .docker && !isTLS))
        #expect(push.hasSuffix("localhost:5000/alpine:3.20"))
    }

    /// Lines of a command are one command again for a shell: a backslash before the end of a line, then the next line.
    @Test(arguments: [20, 36, 40, 78], ClientTool.allCases)
    func brokenLinesAreTheSameCommand(_ width: Int, _ tool: ClientTool) throws {
        let name = try RepositoryName("a-team/with/quite/a/long-name-of-its-own")
        let all = commands(tool, isTLS: false).first + [commands(tool, isTLS: false).pull(name, .tag(try Tag("1.3")))]
        for command in all {
            let lines = ClientCommands.lines(of: command, width: width)
            #expect(lines.allSatisfy { $0.columns <= width })
            let joined = lines.joined(separator: "\n").replacing("\\\n", with: "")
            #expect(joined.split(separator: " ").joined(separator: " ") == command)
        }
    }

    @Test func aRepositoryIsPulledByATagThatIsThereOrByDigest() throws {
        var session = try Session()
        session.press(.down)
        session.type("y")
        #expect(session.copied == ["docker pull localhost:5000/team/app:broken"])
        session.press(.down)
        session.type("y")
        let untagged = try digest("untagged")
        #expect(session.copied.last == "docker pull localhost:5000/tools/ci@\(untagged)")
        session.press(.up)
        session.type("  y")
        #expect(session.copied.last?.split(separator: "\n").count == 2)
    }

    @Test func theProgramIsChosenWithOneKey() throws {
        var session = try Session()
        session.press(.down, .enter)
        session.type("cy")
        #expect(session.copied == ["podman pull --tls-verify=false localhost:5000/team/app:1.9"])
        #expect(session.shows("podman pull --tls-verify=false localhost:5000/team/app:1.9"))
        session.type("cyc")
        #expect(session.copied.last?.hasPrefix("skopeo copy --all --src-tls-verify=false docker://") == true)
        session.type("y")
        #expect(session.copied.last == "docker pull localhost:5000/team/app:1.9")
    }

    /// Nothing that is to be typed is cut, whatever the width, and whichever program it is for.
    @Test(arguments: [(80, 24), (40, 10), (40, 24), (120, 40), (200, 60)])
    func theFirstStartSaysWhatToTypeWhole(_ columns: Int, _ rows: Int) throws {
        var registry = try FakeRegistry.sample()
        registry.repositories = []
        var session = try Session(registry, columns: columns, rows: rows)
        for tool in ClientTool.allCases {
            let inside = session.screen().map { $0.replacing("│", with: " ").trimmingCharacters(in: .whitespaces) }
            let text = inside.joined(separator: "\n").replacing("\\\n", with: "").replacing("  ", with: " ")
            for command in commands(tool, isTLS: false).first {
                #expect(text.contains(command), "\(tool) at \(columns)x\(rows)\(session.testDescription)")
            }
            session.type("y")
            #expect(session.copied.last == commands(tool, isTLS: false).first.joined(separator: "\n"))
            session.type("c")
            session.wait(6)
        }
    }

    @Test func aSocketIsNoAddressForClients() throws {
        var session = try Session(server: .serving(address: "/run/berth.sock", since: noon))
        session.press(.down)
        session.type("y")
        #expect(session.copied.isEmpty)
        #expect(session.shows("clients cannot name a socket"))
    }
}
