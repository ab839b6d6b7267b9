import Foundation
import ImageBuilder
import NIOCore
import NIOHTTP1
import RegistryCollector
import RegistryCore
import Testing

@testable import RegistryControl

/// What is said of requests that make no sense, word by word.
@Suite struct ControlComplaintTests {
    private static let runText = "0F1E2D3C-4B5A-4978-8796-A5B4C3D2E1F0"
    private static let totals = #"{"bytes_removable":0,"bytes_shared":0,"bytes_spared":0,"lines":0,"lines_spared":0}"#

    private static func options(grace: String = "0") -> String {
        #"{"untagged":true,"layer_links":true,"grace_seconds":\#(grace),"retention":false}"#
    }

    private static func work(
        _ settings: String = #"{"others_are_stopped":false,"quarantine_seconds":0}"#, grace: String = "0",
        made: String = "2023-11-14T22:13:20Z"
    ) -> String {
        #"{"plan":{"plan":"\#(runText)","generation":1,"made":"\#(made)","options":\#(options(grace: grace)),"#
            + #""totals":\#(totals)},"settings":\#(settings)}"#
    }

    /// What the collector of an empty registry says to a request with this body; nil where it does it.
    private func complaint(_ path: String, _ body: String) async throws -> ControlError? {
        let registry = try await Registry.sample()
        let service = LocalCollectorService(registry.collector, of: registry)
        do {
            let request: ControlRequest =
                if path == ControlRequest.runPath {
                    .run(try ControlPart(.head, json: Array(body.utf8)).decoded())
                } else {
                    try ControlRequest(
                        HTTPRequestHead(version: .http1_1, method: .POST, uri: path), ByteBuffer(string: body))
                }
            try await service.answer(request, lines: nil) { _ in }
            return nil
        } catch {
            return error
        }
    }

    @Test func whatMakesSenseIsDone() async throws {
        #expect(try await complaint("/gc/plan", Self.options()) == nil)
        #expect(try await complaint("/gc/run", Self.work()) == nil)
        #expect(try await complaint("/gc/reclaim", #"{"pattern":"a:*"}"#) == nil)
    }

    @Test(arguments: [
        ("/gc/plan", "no JSON", "the body is not what /gc/plan takes: The given data was not valid JSON."),
        ("/gc/plan", "{}", "the body is not what /gc/plan takes: untagged is missing"),
        (
            "/gc/plan", options(grace: "-1"),
            "the plan cannot be read: grace_seconds is -1; it may be 0 to 3155760000, a hundred years"
        ),
        (
            "/gc/plan", options(grace: "\"a\""),
            "the body is not what /gc/plan takes: graceSeconds: Expected to decode Int but found a string instead."
        ),
        (
            "/gc/run", work(grace: "-1"),
            "the plan cannot be read: grace_seconds is -1; it may be 0 to 3155760000, a hundred years"
        ),
        (
            "/gc/run", work(#"{"others_are_stopped":false,"quarantine_seconds":-1}"#),
            "the plan cannot be read: quarantine_seconds is -1; it may be 0 to 3155760000, a hundred years"
        ),
        (
            "/gc/run", work(#"{"others_are_stopped":false,"quarantine_seconds":1,"lines_per_second_max":0}"#),
            "the plan cannot be read: lines_per_second_max is 0; it may be 1 to 2147483647"
        ),
        ("/gc/run", work(#"{"quarantine_seconds":1}"#), "a part (head) cannot be read: othersAreStopped is missing"),
        (
            "/gc/run", work(made: "0000-01-01T00:00:00Z"),
            "the plan cannot be read: made is not in the years 1 to 9999"
        ),
        ("/gc/run", "{}", "a part (head) cannot be read: settings is missing"),
        (
            "/gc/run", #"{"settings":{"others_are_stopped":false,"quarantine_seconds":0}}"#,
            "neither a plan nor a run to resume"
        ),
        ("/gc/undo", "{}", "the body is not what /gc/undo takes: run is missing"),
        (
            "/gc/undo", #"{"run":"\#(runText)","items":[{"kind":"moon"}]}"#,
            "what is to come back cannot be read: there is no line of kind moon"
        ),
        (
            "/gc/undo", #"{"run":"\#(runText)","items":[{"kind":"blob","digest":"x"}]}"#,
            #"what is to come back cannot be read: not a digest of the form sha256:<64 hex> or sha512:<128 hex>: "x""#
        ),
        ("/gc/undo", #"{"run":"\#(runText)","items":[{}]}"#, "the body is not what /gc/undo takes: kind is missing"),
        (
            "/gc/purge", "[]",
            "the body is not what /gc/purge takes: Expected to decode Dictionary<String, Any> but found an array instead."
        ),
        ("/gc/reclaim", "{}", "the body is not what /gc/reclaim takes: pattern is missing"),
        ("/tag", "{}", "the body is not what /tag takes: repository is missing"),
        (
            "/tag", #"{"repository":1,"tag":"a"}"#,
            "the body is not what /tag takes: repository: Expected to decode String but found number instead."
        ),
        ("/tag", #"{"repository":"..","tag":"a"}"#, #"not a repository name: "..""#),
        ("/tag", #"{"repository":"a","tag":"-"}"#, #"not a tag: "-""#),
        (
            "/tag", #"{"repository":"a","tag":"b","digest":"c"}"#,
            #"not a digest of the form sha256:<64 hex> or sha512:<128 hex>: "c""#
        ),
    ])
    func whatDoesNotIsNamed(_ path: String, _ body: String, _ message: String) async throws {
        let complaint = try #require(try await complaint(path, body))
        #expect(complaint.kind == .badRequest && complaint.message == message, "\(complaint.message)")
    }

    /// What never was JSON is judged as well: a command on its own tree asks without a socket.
    @Test func settingsOfThisProcessAreJudged() async throws {
        let registry = try await Registry.sample()
        let service = LocalCollectorService(registry.collector, of: registry)
        let plan = SweepPlan(options: SweepOptions(), generation: 0, made: Date(), lines: [])
        let work = SweepWork(
            SweepPlan.Head(plan), SweepRunSettings(quarantineSeconds: Bounds.secondsMax + 1), listsRemoved: false)
        let refused = await #expect(throws: ControlError.self) {
            try await service.answer(.run(work), lines: nil) { _ in }
        }
        let message =
            "the plan cannot be read: quarantine_seconds is 3155760001; it may be 0 to 3155760000, a hundred years"
        #expect(refused == ControlError(.badRequest, message))
    }
}
