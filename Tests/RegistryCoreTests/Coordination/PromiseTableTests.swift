import OCI
import RegistryCore
import Testing

/// The table of promises: bounded as a whole, and nobody displaces what others were promised.
@Suite struct PromiseTableTests {
    private func digest(_ number: Int) -> Digest { Digest.of(Array("\(number)".utf8)) }

    private func name(_ number: Int) throws -> RepositoryName { try RepositoryName("r\(number)") }

    @Test func aFloodDisplacesOnlyItself() throws {
        var table = PromiseTable(entriesMax: 100)
        let (honest, flood) = (try name(1), try name(2))
        for number in 0..<10 { table.set(Int64(number), for: digest(number), in: honest) }
        for number in 1000..<6000 { table.set(Int64(number), for: digest(number), in: flood) }
        #expect(table.count <= 100)
        #expect((0..<10).allSatisfy { table.latest(digest($0)) == Int64($0) })
        #expect(table.latest(digest(5999)) == 5999)
        #expect(table.latest(digest(1000)) == nil)
    }

    @Test func aDigestThatManyRepositoriesHoldIsCountedForEach() throws {
        var table = PromiseTable(entriesMax: 100)
        let honest = try name(7)
        table.set(5, for: digest(1), in: honest)
        for number in 100..<2000 { table.set(Int64(number), for: digest(2), in: try name(number)) }
        #expect(table.count <= 100)
        #expect(table.times.values.reduce(0) { $0 + $1.count } == table.count)
        #expect(table.latest(digest(2)) == 1999)
    }

    @Test func whatIsFulfilledMakesRoom() throws {
        var table = PromiseTable(entriesMax: 10)
        let one = try name(1)
        for round in 0..<100 {
            for number in 0..<10 { table.set(Int64(round), for: digest(number), in: one) }
            #expect(table.count == 10)
            for number in 0..<10 { table.remove(digest(number), in: one) }
            #expect(table.count == 0 && table.times.isEmpty)
        }
    }

    @Test func theLatestTimeOfAnyRepositoryCounts() throws {
        var table = PromiseTable()
        table.set(7, for: digest(1), in: try name(1))
        table.set(9, for: digest(1), in: try name(2))
        #expect(table.latest(digest(1)) == 9)
        table.remove(digest(1), in: try name(2))
        #expect(table.latest(digest(1)) == 7)
        #expect(table.latest(digest(2)) == nil)
    }
}
