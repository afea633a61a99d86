// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Synchronization

/// Takes connections and whatever comes over them, and never says a word: what a hanging server looks like.
final class SilentListener: Sendable {
    private let descriptor: Int32
    private let state = Mutex((bytes: [UInt8](), open: Set<Int32>(), count: 0))
    let port: Int

    init() throws {
        let opened = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(opened, pointer, size) + listen(opened, 64) + getsockname(opened, pointer, &size)
            }
        }
        guard opened >= 0, code == 0 else { throw CocoaError(.fileReadUnknown) }
        port = Int(UInt16(bigEndian: address.sin_port))
        descriptor = opened
        Thread.detachNewThread { [weak self] in
            while case let one = accept(opened, nil, nil), one >= 0 { self?.hear(one) ?? { _ = close(one) }() }
        }
    }

    private func hear(_ one: Int32) {
        state.withLock { state in
            state.open.insert(one)
            state.count += 1
        }
        Thread.detachNewThread { [weak self] in
            var bytes = [UInt8](repeating: 0, count: 4096)
            while case let count = read(one, &bytes, bytes.count), count > 0 {
                self?.state.withLock { $0.bytes += bytes[..<count] }
            }
            // Closed once, and not to be touched after: the number may be another connection's at once.
            self?.state.withLock { _ = $0.open.remove(one) }
            close(one)
        }
    }

    /// What came over all connections, as text.
    var heard: String { state.withLock { String(decoding: $0.bytes, as: UTF8.self) } }
    var connections: Int { state.withLock { $0.count } }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
        state.withLock { for one in $0.open { shutdown(one, Int32(SHUT_RDWR)) } }
    }
}
