import OCI
import RegistryStorage
import StorageProbes
import Testing

/// What `StorageDriver` promises about what is retired into a place, restored and erased, unchanged on every driver.
@Suite("Storage driver, quarantine")
struct RetireConformance {
    private static let run = Layout.trash.appending("run")
    private struct Stopped: Error {}

    private func text(_ driver: any StorageDriver, _ place: StoragePath) async throws -> String? {
        try await driver.read(place, limit: 99).map { String(decoding: $0, as: UTF8.self) }
    }

    private func files(_ driver: any StorageDriver) async throws -> [String] {
        try await driver.tree().filter { !$0.hasSuffix("/") }
    }

    @Test("what is retired is read below the place, and comes back", arguments: DriverMaker.all)
    func thereAndBack(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            for place in ["tags/v1/current/link", "tags/v1/index/a/link", "tags/v2/current/link", "f"] {
                try await driver.write(place, place)
            }
            let before = try await files(driver)
            for place in ["tags/v1", "f"] {
                var changes = 0
                let outcome = try await driver.retire(path(place), into: Self.run, copies: true) { changes += 1 }
                #expect(outcome == .done)
                #expect(changes > 0)
            }
            #expect(
                try await files(driver) == [
                    "berth/trash/run/f", "berth/trash/run/tags/v1/current/link", "berth/trash/run/tags/v1/index/a/link",
                    "tags/v2/current/link",
                ])
            let kept = Self.run.appending(["tags", "v1", "index", "a", "link"])
            #expect(try await text(driver, kept) == "tags/v1/index/a/link")
            for place in ["tags/v1", "f"] {
                #expect(try await driver.restore(path(place), from: Self.run) {} == .done)
            }
            #expect(try await files(driver) == before)
            #expect(try await driver.text("f") == "f")
            #expect(try await driver.retire(path("absent"), into: Self.run, copies: true) {} == .absent)
            #expect(try await driver.restore(path("f"), from: Self.run) {} == .absent)
        }
    }

    @Test("an upload is retired with what has arrived, and gone on with when it is back", arguments: DriverMaker.all)
    func upload(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            let place = Layout.upload("1", in: try RepositoryName("a"))
            let writer = try await driver.upload(to: place.appending("data"), at: 0)
            try writer.append("abc")
            try await writer.synchronize(for: .goingOn(beside: []))
            writer.close()
            #expect(try await driver.retire(place, into: Self.run, copies: true) {} == .done)
            #expect(try await driver.stat(place.appending("data")) == nil)
            #expect(try await driver.restore(place, from: Self.run) {} == .done)
            let next = try await driver.upload(to: place.appending("data"), at: 3)
            try next.append("de")
            try await next.synchronize(for: .goingOn(beside: []))
            next.close()
            #expect(try await text(driver, place.appending("data")) == "abcde")
        }
    }

    @Test("the same content in both places becomes one, another stays in both", arguments: DriverMaker.all)
    func bothPlaces(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            try await driver.write("d/same", "1")
            try await driver.write("d/zother", "2")
            #expect(try await driver.retire(path("d"), into: Self.run, copies: true) {} == .done)
            try await driver.write("d/same", "1")
            try await driver.write("d/zother", "3")
            #expect(try await driver.restore(path("d"), from: Self.run) {} == .differs(path("d/zother")))
            #expect(try await driver.text("d/zother") == "3")
            #expect(try await text(driver, Self.run.appending(["d", "zother"])) == "2")
            try await driver.remove(path("d/zother"), .lasting)
            #expect(try await driver.restore(path("d"), from: Self.run) {} == .done)
            #expect(try await files(driver) == ["d/same", "d/zother"])
            #expect(try await driver.text("d/zother") == "2")
        }
    }

    @Test("who may not go on changes nothing more, and the rest goes with the next call", arguments: DriverMaker.all)
    func stopped(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            for name in ["a", "b", "c"] { try await driver.write("d/\(name)", name) }
            for allowed in 0..<9 {
                for isBack in [false, true] {
                    var left = allowed
                    let mayGoOn = { if left == 0 { throw Stopped() } else { left -= 1 } }
                    let call = { (asked: () throws -> Void) in
                        isBack
                            ? try await driver.restore(path("d"), from: Self.run, asked)
                            : try await driver.retire(path("d"), into: Self.run, copies: true, asked)
                    }
                    _ = try? await call(mayGoOn)
                    let names = Set(try await files(driver).map { $0.suffix(1) })
                    #expect(names == ["a", "b", "c"])
                    _ = try await call {}
                    #expect(try await driver.stat(path("d/a")) == nil ? !isBack : isBack)
                }
            }
        }
    }

    @Test("what is erased is nowhere, and what a crash left is ended by either name", arguments: DriverMaker.all)
    func erase(maker: DriverMaker) async throws {
        try await maker.withEmptyTree { driver in
            for name in ["a", "b", "c"] { try await driver.write("d/\(name)", name) }
            try await driver.write("other", "x")
            for isByRest in [false, true] {
                #expect(try await driver.retire(path("d"), into: Self.run, copies: true) {} == .done)
                var met: [String] = []
                await #expect(throws: Stopped.self) {
                    try await driver.erase(Self.run) { place, file in
                        met.append(String(place.name))
                        #expect(file.size == 1)
                        if met.count == 2 { throw Stopped() }
                    }
                }
                #expect(try await driver.stat(Self.run.appending(["d", "c"])) == nil)
                #expect(try await driver.list(Self.run) == nil)
                #expect(try await driver.restore(path("d"), from: Self.run) {} == .absent)
                let rest = Layout.trash.appending(Self.run.name + Layout.erasingSuffix)
                #expect(try await driver.stat(rest) != nil)
                try await driver.erase(isByRest ? rest : Self.run) { _, _ in }
                #expect(try await files(driver) == ["other"])
                #expect(try await driver.stat(rest) == nil)
                for name in ["a", "b", "c"] { try await driver.write("d/\(name)", name) }
            }
        }
    }
}
