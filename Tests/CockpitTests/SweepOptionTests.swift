import Drawing
import Foundation
import OCI
import RegistryCollector
import RegistryCore
import Testing

@testable import Cockpit

/// What a sweep looks for, which lines are taken out of it, and where it writes them.
@Suite struct SweepOptionTests {
    private func preview(_ setup: Setup = fixtureSetup()) throws -> Session {
        var session = try Session(setup: setup)
        session.type("5t")
        return session
    }

    private func options(_ session: Session) -> SweepOptions { session.model.sweep.session.options }

    @Test func everyOptionIsSeenWithItsKeyAndMarksAgain() throws {
        var session = try preview()
        #expect(session.shows("[x] layer links        L"))
        session.type("y")
        #expect(session.copied == [try digest("ci old").description])
        session.type("L")
        #expect(!options(session).layerLinks && session.shows("[ ] layer links        L"))
        #expect(session.shows("[remove 5]"))
        session.type("u")
        #expect(options(session).uploadSeconds == nil && session.shows("uploads stay"))
        #expect(session.shows("[remove 4]"))
        session.type("uR")
        #expect(options(session).uploadSeconds == 86_400 && options(session).referrerSeconds == nil)
        #expect(session.shows("uploads after 24 h") && session.shows("referrers stay"))
        session.type("uRR")
        #expect(options(session).uploadSeconds == 604_800 && options(session).referrerSeconds == 604_800)
        #expect(session.shows("uploads after 7 d"))
        let marks = session.asked.count { if case .planSweep = $0 { true } else { false } }
        #expect(marks == 9)
    }

    @Test func retentionIsThereWhereOneIsConfigured() throws {
        var session = try preview()
        #expect(!session.shows("not retained"))
        session.type("K")
        #expect(session.shows("no retention is configured") && !options(session).retention)
        var setup = fixtureSetup()
        setup.hasRetention = true
        session = try preview(setup)
        session.type("K")
        #expect(options(session).retention && session.shows("[x] not retained"))
        #expect(session.shows("team/app:1.2"))
        #expect(session.shows("It goes: not retained: not among the newest 10."))
    }

    @Test func theConfigurationSaysWhereBytesGoAndAKeyChangesIt() throws {
        var setup = fixtureSetup()
        setup.sweep.quarantineSeconds = 7_200
        var session = try preview(setup)
        #expect(session.shows("quarantine 2 h"))
        session.press(.enter)
        #expect(session.shows("In the quarantine for 2 h; until then it can come back."))
        session.press(.escape)
        session.type("f")
        #expect(session.shows("bytes freed at once"))
        session.press(.enter)
        session.type("y")
        let job = session.asked.compactMap { if case .runSweep(let job) = $0 { job } else { nil } }.last
        #expect(job?.settings == SweepRunSettings(quarantineSeconds: 0))
    }

    @Test func withoutAConfiguredQuarantineItIsADay() throws {
        var session = try preview()
        #expect(session.shows("bytes freed at once"))
        session.type("f")
        #expect(session.model.sweep.session.settings.quarantineSeconds == 86_400)
        #expect(session.shows("quarantine 24 h"))
    }

    @Test func spaceKeepsALine() throws {
        var session = try preview()
        session.press(.down, .down)
        session.type(" ")
        #expect(session.shows("[ ] layer"))
        #expect(session.shows("remove        5"))
        #expect(session.shows("kept          1  210 MiB"))
        session.press(.up)
        #expect(session.shows("You keep it."))
        session.press(.enter)
        #expect(session.shows("1 line kept") && session.shows("1 blob "))
        session.type("y")
        let plan = try #require(
            session.asked.compactMap { effect -> SweepPlan? in
                if case .runSweep(let job) = effect, case .plan(let plan) = job.work { plan } else { nil }
            }.last)
        #expect(plan.lines.count == 5 && !plan.lines.contains { $0.bytes == 210 << 20 })
        #expect(plan.id == session.registry.plan.id)
    }

    @Test func whatIsKeptStaysKeptInTheNextPreviewAndCanBeTakenBack() throws {
        var session = try preview()
        session.type(" r")
        #expect(session.model.sweep.session.kept.count == 1)
        session.press(.home)
        session.type(" ")
        #expect(session.model.sweep.session.kept.isEmpty)
        #expect(session.model.sweep.session.planToRun == session.model.sweep.session.plan)
    }

    /// The old preview stays in sight while a new one is made, and cannot be run meanwhile.
    @Test func nothingFlashesWhileItIsMarkedAgain() throws {
        var session = try preview()
        session.isAnswering = false
        session.type("L")
        #expect(session.shows("marking …") && session.shows("[remove 6]") && session.shows("[x] layer "))
        session.press(.enter)
        session.type("o ")
        #expect(!session.isAsking && !session.asked.contains { if case .writeSweep = $0 { true } else { false } })
        #expect(session.model.sweep.session.kept.isEmpty)
    }

    @Test func sharedBytesAreSaid() throws {
        var session = try preview()
        #expect(session.shows("shared    stays 8.00 MiB"))
        session.type("t")
        #expect(!session.shows("shared "))
    }

    @Test func theFileSaysWhereItIs() throws {
        var session = try preview()
        session.type(" o")
        let plan = try #require(session.model.sweep.session.planToRun)
        #expect(plan.lines.count == 5 && session.asked.last == .writeSweep(.plan(plan)))
        #expect(session.shows("written to /srv/berth/berth/sweep-plan-01020304.json"))
        session.press(.enter)
        session.type("yo")
        #expect(session.asked.last == .writeSweep(.report(session.registry.report)))
        session.send(.sweepWritten(.failure(Failure("no room"))))
        #expect(session.shows("not written: no room"))
    }

    @Test(arguments: [
        ("application/vnd.oci.image.layer.v1.tar+gzip", "layer"),
        ("application/vnd.oci.image.config.v1+json", "config"),
        ("application/vnd.docker.image.rootfs.diff.tar.gzip", "layer"),
        ("application/vnd.docker.container.image.v1+json", "config"),
        ("application/vnd.docker.distribution.manifest.list.v2+json", "index"),
        ("application/vnd.cncf.helm.config.v1+json", "config"), ("text/plain", nil),
    ])
    func mediaTypesAreOneWord(_ type: String, _ word: String?) {
        #expect(MediaType(type).word == word)
    }
}
