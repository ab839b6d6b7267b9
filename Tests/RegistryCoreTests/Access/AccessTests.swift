import Foundation
import ImageBuilder
import OCI
import RegistryCore
import Testing

/// Who asks, and what they may do.
@Suite struct AccessTests {
    private let name: RepositoryName
    private let tag: OCI.Tag

    init() throws { (name, tag) = (try RepositoryName("team/app"), try Tag("v1")) }

    @Test func everybodyMayDoEverything() {
        for action in Access.Action.allCases {
            for access in [Access.cockpit, .commandLine, .schedule, .reconciler, .test] {
                #expect(access.may(action, name) && access.may(action, name, tag) && access.may(action, nil))
            }
        }
    }

    @Test func whoMayNotIsToldWhatWasAskedFor() {
        let nobody = Access.test()
        for action in Access.Action.allCases {
            for (repository, tag) in [(name, tag), (name, nil), (nil, nil)] as [(RepositoryName?, OCI.Tag?)] {
                #expect(!nobody.may(action, repository, tag))
                #expect(throws: RegistryError.denied(action, repository, tag)) {
                    try nobody.require(action, repository, tag)
                }
            }
        }
        #expect(RegistryError.denied(.push, name, tag).message == "pushing to team/app:v1 is not allowed")
        #expect(RegistryError.denied(.administer, nil, nil).message == "administering the registry is not allowed")
    }

    @Test func aDecisionKnowsWhoAsks() {
        let rules = AccessRules([.init(user: "ann", [.push], "team/*"), .init([.pull], "team/*", tags: ["v1"])])
        let user = Principal.User(name: "ann", groups: ["dev"], knownBy: .password)
        let ann = Access(Client(address: "10.0.0.4:1", principal: .user(user)), rules)
        let somebody = Access(Client(address: "10.0.0.4:1"), rules)
        #expect(ann.may(.push, name) && !somebody.may(.push, name))
        #expect(somebody.may(.pull, name, tag) && !somebody.may(.pull, name) && !somebody.may(.pull, nil))
    }

    /// What is read by others stays as it was for as long as nobody has a name.
    @Test func anAnonymousClientIsWrittenWithoutAWordOfIt() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let client = Client(address: "10.0.0.4:1", userAgent: "a/1")
        let text = #"{"address":"10.0.0.4:1","userAgent":"a/1"}"#
        #expect(String(decoding: try encoder.encode(client), as: UTF8.self) == text)
        #expect(try JSONDecoder().decode(Client.self, from: Data(text.utf8)) == client)
    }

    @Test(arguments: Principal.Evidence.allCases)
    func aNamedClientIsReadBackAsItWasWritten(evidence: Principal.Evidence) throws {
        for groups in [[], ["dev", "ops"]] {
            let user = Principal.User(name: "ann", groups: groups, knownBy: evidence)
            let client = Client(address: "a", request: Serials().next(), principal: .user(user))
            #expect(try JSONDecoder().decode(Client.self, from: JSONEncoder().encode(client)) == client)
        }
    }

    /// Who is not understood is nobody with a name, and not somebody without one.
    @Test(arguments: [#"{}"#, #"{"name":"ann"}"#, #"{"name":"ann","groups":[],"knownBy":"rumour"}"#, #""ann""#])
    func aPrincipalThatIsNoneIsNotRead(text: String) {
        let client = #"{"address":"a","userAgent":"","principal":\#(text)}"#
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Client.self, from: Data(client.utf8)) }
    }
}
