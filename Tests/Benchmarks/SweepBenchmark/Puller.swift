import Foundation
import Glibc
import Synchronization

/// Set once, by another task.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}

/// One client that asks for manifests one after the other, on one connection.
struct Puller: Sendable {
    struct Broken: Error {
        let reason: String
    }

    let port: Int
    let paths: [String]

    /// Pulls for some seconds.
    func percentile99(for seconds: Double) throws -> (p99: Double, count: Int) {
        let end = ContinuousClock.now + .seconds(seconds)
        return try percentile99 { ContinuousClock.now >= end }
    }

    /// Pulls, on a thread of its own, until it is told to stop.
    func percentile99(until stop: Flag) async throws -> (p99: Double, count: Int) {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try percentile99 { stop.isSet } })
            }
        }
    }

    private func percentile99(_ isOver: () -> Bool) throws -> (p99: Double, count: Int) {
        let connection = try connect()
        defer { close(connection) }
        var times: [Double] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var number = 0
        while !isOver() {
            let start = ContinuousClock.now
            try get(paths[number % paths.count], connection, &buffer)
            let elapsed = (ContinuousClock.now - start).components
            times.append(Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18)
            number += 7
        }
        times.sort()
        guard !times.isEmpty else { throw Broken(reason: "no answer") }
        return (times[times.count * 99 / 100], times.count)
    }

    private func connect() throws -> CInt {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        let outcome = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard outcome == 0 else { throw Broken(reason: "cannot connect: errno \(errno)") }
        return descriptor
    }

    /// One request and its whole answer, which must be 200.
    private func get(_ path: String, _ connection: CInt, _ buffer: inout [UInt8]) throws {
        let request = Array("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nAccept: */*\r\n\r\n".utf8)
        guard request.withUnsafeBytes({ send(connection, $0.baseAddress, $0.count, 0) }) == request.count else {
            throw Broken(reason: "cannot send: errno \(errno)")
        }
        var count = 0
        while true {
            let read = buffer.withUnsafeMutableBytes { bytes in
                let rest = bytes[count...]
                return recv(connection, UnsafeMutableRawBufferPointer(rebasing: rest).baseAddress, rest.count, 0)
            }
            guard read > 0 else { throw Broken(reason: "cannot read: errno \(errno)") }
            count += read
            let text = String(decoding: buffer[..<count], as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            guard text.hasPrefix("HTTP/1.1 200") else { throw Broken(reason: String(text.prefix(200))) }
            let head = text[..<end.lowerBound].lowercased()
            guard let field = head.range(of: "content-length: ") else { throw Broken(reason: "no length: \(head)") }
            let length = Int(head[field.upperBound...].prefix { $0.isNumber }) ?? 0
            if count >= text[..<end.upperBound].utf8.count + length { return }
        }
    }
}
