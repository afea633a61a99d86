// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A file system of its own, small enough to be filled; unmounted with this object.
final class SmallDisk {
    static let isPermitted = geteuid() == 0

    let path: String

    /// Nil when the system does not let us mount.
    init?(at path: String, size: String) {
        self.path = path
        mkdir(path, 0o700)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(size)") == 0 else { return nil }
    }

    deinit {
        empty()
        umount2(path, CInt(MNT_DETACH))
    }

    func fill() {
        let file = open(path + "/ballast", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        let block = [UInt8](repeating: 0, count: 4096)
        while write(file, block, block.count) == block.count {}
        close(file)
    }

    func empty() { unlink(path + "/ballast") }

    func makeReadOnly() { mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil) }
}
