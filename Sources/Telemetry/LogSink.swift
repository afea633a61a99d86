// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Where log lines go: a bounded buffer that one thread writes to a descriptor, so that a slow reader of our log
/// never holds up a request.
///
/// Lines are gathered for a moment and written together: waking the thread for each cost more than making the line. A
/// line that finds the buffer full is dropped and counted; the count is written once there is room again.
package final class LogSink: Sendable {
    private struct Pending {
        var bytes: [UInt8] = []
        var linesDropped = 0
        var isClosed = false
        /// The thread has been woken and has not yet taken what is here.
        var isAwaited = false
    }

    /// How long lines are gathered.
    private static let gatherMicroseconds: useconds_t = 5_000

    private let descriptor: Int32
    private let bytesMax: Int
    private let pending = Mutex(Pending())
    private let bell = Bell()
    private let finished = Bell()

    /// Starts the writing thread.
    package init(descriptor: Int32 = STDERR_FILENO, bytesMax: Int = 1 << 20) {
        self.descriptor = descriptor
        self.bytesMax = bytesMax
        startThread { [self] in writeUntilClosed() }
    }

    /// Queues `line`, to which a newline is added.
    package func write(_ line: [UInt8]) {
        let isFirst = pending.withLock { pending in
            if pending.bytes.count + line.count < bytesMax {
                pending.bytes += line
                pending.bytes.append(UInt8(ascii: "\n"))
            } else {
                pending.linesDropped += 1
            }
            defer { pending.isAwaited = true }
            return !pending.isAwaited
        }
        if isFirst { bell.ring() }
    }

    /// Writes what is queued and ends the thread; later lines are kept in the buffer and not written.
    package func close() {
        pending.withLock { $0.isClosed = true }
        bell.ring()
        finished.wait()
    }

    private func writeUntilClosed() {
        while true {
            bell.wait()
            if !pending.withLock(\.isClosed) { usleep(Self.gatherMicroseconds) }
            let batch = pending.withLock { pending in
                defer { pending = Pending(isClosed: pending.isClosed) }
                return pending
            }
            writeAll(batch.bytes)
            if batch.linesDropped > 0 { writeAll(dropNotice(batch.linesDropped)) }
            if batch.isClosed { break }
        }
        finished.ring()
    }

    private func dropNotice(_ count: Int) -> [UInt8] {
        let words = "log lines dropped: the reader of this log is too slow"
        return Array(#"{"level":"warning","message":"\#(words)","lines":\#(count)}"#.utf8) + [UInt8(ascii: "\n")]
    }

    private func writeAll(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                return  // The log's reader is gone; there is nobody to tell.
            }
        }
    }
}

/// Wakes one waiting thread; rings that nobody waited for are kept, as one.
private final class Bell {
    private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func ring() {
        var value: Int32 = 0
        sem_getvalue(semaphore, &value)
        if value <= 0 { sem_post(semaphore) }
    }

    func wait() {
        while sem_wait(semaphore) == -1 && errno == EINTR {}
    }
}

extension Bell: @unchecked Sendable {}

private func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Start: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let result = pthread_create(
        &thread, nil,
        { argument in
            Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue().body()
            return nil
        },
        Unmanaged.passRetained(Start(body)).toOpaque()
    )
    precondition(result == 0, "the log's thread cannot be started")
    pthread_detach(thread)
}
