import Foundation
import Glibc
package import Logging
import NIOSSL
import Synchronization

/// What connections are encrypted with: the files as they were last found usable. Files that change are read again, so that
/// a renewed certificate needs no restart; connections that are open keep what they began with.
package final class TLSCertificates: Sendable {
    /// Between two looks at whether a file has changed; nothing tells of it everywhere that files may lie.
    package static let lookPeriod = Duration.seconds(5)

    /// What tells one state of a file from another.
    private struct Stamp: Equatable {
        var device: dev_t
        var inode: ino_t
        var bytes: off_t
        var written: Int
        var writtenNanoseconds: Int
        var changed: Int
        var changedNanoseconds: Int

        /// Nil where there is no file.
        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            (device, inode, bytes) = (status.st_dev, status.st_ino, status.st_size)
            (written, writtenNanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
            (changed, changedNanoseconds) = (status.st_ctim.tv_sec, status.st_ctim.tv_nsec)
        }
    }

    private struct State {
        var context: NIOSSLContext
        /// Of the files when they were last read, whatever came of it.
        var stamps: [Stamp?]
        /// Why what was read then cannot be used, while nobody has been told.
        var untold: ServerError?
    }

    private let files: TLSFiles
    private let state: Mutex<State>

    /// - Throws: what is wrong with the files.
    package init(_ files: TLSFiles) throws(ServerError) {
        self.files = files
        let stamps = files.paths.map { Stamp($0) }
        state = Mutex(State(context: try files.context(), stamps: stamps))
    }

    /// For the next connection.
    var context: NIOSSLContext { state.withLock { $0.context } }

    /// What came of a look at the files.
    package enum Outcome: Equatable, Sendable {
        case unchanged, renewed
        /// What served so far goes on.
        case unusable(ServerError)
    }

    /// Reads the files again if they have changed since, or in any case where somebody asks for it. Waits for the disk.
    ///
    /// Certificate and key are two files, and a look may fall between their renewals. So what cannot be used is told at the
    /// second look that finds the files as they were, once.
    package func reload(always: Bool) -> Outcome {
        let stamps = files.paths.map { Stamp($0) }
        let (isSame, untold) = state.withLock { state in
            defer { if state.stamps == stamps { state.untold = nil } }
            return (state.stamps == stamps, state.untold)
        }
        if isSame, !always { return untold.map { .unusable($0) } ?? .unchanged }
        do throws(ServerError) {
            let context = try files.context()
            state.withLock { $0 = State(context: context, stamps: stamps) }
            return .renewed
        } catch {
            state.withLock { state in
                state.stamps = stamps
                state.untold = always ? nil : error
            }
            return always ? .unusable(error) : .unchanged
        }
    }

    /// The same, with a line in the log when there is something to say.
    package func reload(always: Bool, logger: Logger) {
        switch reload(always: always) {
        case .unchanged: break
        case .renewed: logger.info("the certificate was read again", metadata: ["file": "\(files.certificate)"])
        case .unusable(let error):
            logger.error("the certificate that served so far goes on", metadata: ["error": "\(error)"])
        }
    }

    /// Looks until it is cancelled.
    package func watch(logger: Logger) async {
        while !Task.isCancelled {
            // No event says that somebody has renewed a file. Cancelled: then the loop ends.
            try? await ContinuousClock().sleep(for: Self.lookPeriod)
            if !Task.isCancelled { reload(always: false, logger: logger) }
        }
    }
}
