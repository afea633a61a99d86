// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// A database path in a directory of its own, removed with it.
final class ScratchFile: Sendable {
    private let directory: String
    var path: String { directory + "/test.db" }

    init() {
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/berth-storage-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { preconditionFailure("no scratch directory: error \(errno)") }
        directory = String(cString: made)
    }

    deinit {
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
        rmdir(directory)
    }
}

/// Opens once.
final class Gate: Sendable {
    private let isOpen = Atomic(false)
    func open() { isOpen.store(true, ordering: .releasing) }
    /// For a task: lets others run meanwhile.
    func opened() async { while !isOpen.load(ordering: .acquiring) { await Task.yield() } }
    /// For the writer's own thread.
    func block() { while !isOpen.load(ordering: .acquiring) { sched_yield() } }
}

/// Counts what tasks have come to; others wait for a number.
final class Counter: Sendable {
    private let count = Atomic(0)
    func add() { count.add(1, ordering: .relaxed) }
    var value: Int { count.load(ordering: .relaxed) }
    func reaches(_ number: Int) async { while count.load(ordering: .relaxed) < number { await Task.yield() } }
}

extension ScratchFile {
    func write(_ text: String) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(file) }
        _ = Glibc.write(file, text, text.utf8.count)
    }
}
