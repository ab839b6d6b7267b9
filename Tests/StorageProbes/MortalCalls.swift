import Glibc
package import RegistryStorage
import Synchronization

/// The disk of a process that dies: after so many of its calls none reaches the disk any more, and each says that it failed.
package final class MortalCalls: DiskCalls {
    private enum Life {
        case endless
        /// Calls that are left.
        case left(Int)
        case over
    }

    private let disk: any DiskCalls
    private let life = Mutex<Life>(.endless)

    package init(_ disk: any DiskCalls) { self.disk = disk }

    /// From now on so many calls are made, and then no more.
    package func die(after count: Int) { life.withLock { $0 = .left(count) } }

    /// Another process begins, or this one goes on.
    package func live() { life.withLock { $0 = .endless } }

    package var isDead: Bool {
        life.withLock { if case .over = $0 { true } else { false } }
    }

    private func isAlive() -> Bool {
        let isAlive = life.withLock { life in
            switch life {
            case .endless: return true
            case .left(0), .over:
                life = .over
                return false
            case .left(let count):
                life = .left(count - 1)
                return true
            }
        }
        if !isAlive { errno = EIO }
        return isAlive
    }

    package func create(_ path: String) -> CInt { isAlive() ? disk.create(path) : -1 }

    package func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt, at offset: Int64) -> Int {
        isAlive() ? disk.write(bytes, to: descriptor, at: offset) : -1
    }

    package func truncate(_ descriptor: CInt, to length: Int64) -> CInt {
        isAlive() ? disk.truncate(descriptor, to: length) : -1
    }

    package func synchronize(_ descriptor: CInt) -> CInt { isAlive() ? disk.synchronize(descriptor) : -1 }

    package func synchronizeAll(_ descriptor: CInt) -> CInt { isAlive() ? disk.synchronizeAll(descriptor) : -1 }

    package func makeDirectory(_ path: String) -> CInt { isAlive() ? disk.makeDirectory(path) : -1 }

    package func rename(_ source: String, to target: String) -> CInt {
        isAlive() ? disk.rename(source, to: target) : -1
    }

    package func unlink(_ path: String) -> CInt { isAlive() ? disk.unlink(path) : -1 }

    package func removeDirectory(_ path: String) -> CInt { isAlive() ? disk.removeDirectory(path) : -1 }

    package func ordersChanges(_ device: UInt64) -> Bool { disk.ordersChanges(device) }
}
