import Glibc
package import RegistryStorage

/// The disk of a driver of which a part is on another file system, as far as a rename can tell.
package struct SplitDisk: DiskCalls {
    private let far: String
    private let system: any DiskCalls

    /// - Parameters:
    ///   - far: the directory that is on another file system, with all below it.
    ///   - calls: what is asked for all else, and for renames that stay on one of the two.
    package init(far: String, calls: any DiskCalls = SystemCalls()) {
        self.far = far
        system = calls
    }

    private func isFar(_ path: String) -> Bool { path == far || path.hasPrefix("\(far)/") }

    package func rename(_ source: String, to target: String) -> CInt {
        guard isFar(source) == isFar(target) else {
            errno = EXDEV
            return -1
        }
        return system.rename(source, to: target)
    }

    package func create(_ path: String) -> CInt { system.create(path) }

    package func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt, at offset: Int64) -> Int {
        system.write(bytes, to: descriptor, at: offset)
    }

    package func truncate(_ descriptor: CInt, to length: Int64) -> CInt { system.truncate(descriptor, to: length) }

    package func synchronize(_ descriptor: CInt) -> CInt { system.synchronize(descriptor) }

    package func synchronizeAll(_ descriptor: CInt) -> CInt { system.synchronizeAll(descriptor) }

    package func makeDirectory(_ path: String) -> CInt { system.makeDirectory(path) }

    package func unlink(_ path: String) -> CInt { system.unlink(path) }

    package func removeDirectory(_ path: String) -> CInt { system.removeDirectory(path) }

    package func ordersChanges(_ device: UInt64) -> Bool { system.ordersChanges(device) }
}
