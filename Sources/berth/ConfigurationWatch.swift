// SPDX-License-Identifier: Apache-2.0
import Configuration

/// Notices that a file of the configuration is another one than was read.
///
/// It looks once a second, at what stands there and not at events: whatever happened in between, a file that was moved
/// into place, a link that leads elsewhere (Kubernetes' ConfigMaps), an include that has come, the difference is still
/// there. inotify would miss such moves unless each folder on the way were watched, and its queue can overflow.
enum ConfigurationWatch {
    /// How often a file that is being written may differ from one look to the next before it is read nevertheless.
    private static let patience = 10

    static func start(_ inForce: SiteInForce, whenChanged: @escaping @Sendable () -> Void) -> Task<Void, Never> {
        Task.detached {
            var waiting: (for: [FileStamp], turns: Int)?
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                waiting = look(inForce.stamps, waiting, whenChanged)
            }
        }
    }

    /// A change counts once it has stood still for a turn: an editor may be half way through it.
    private static func look(
        _ read: [FileStamp], _ waiting: (for: [FileStamp], turns: Int)?, _ whenChanged: () -> Void
    ) -> (for: [FileStamp], turns: Int)? {
        let found = read.map { FileStamp(at: $0.path) }
        guard found != read else { return nil }
        let turns = (waiting?.turns ?? 0) + 1
        guard found == waiting?.for || turns > patience else { return (found, turns) }
        whenChanged()
        return nil
    }
}
