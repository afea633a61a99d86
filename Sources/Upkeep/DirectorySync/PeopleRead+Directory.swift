// SPDX-License-Identifier: Apache-2.0
package import Directory
package import SpawnModel

extension PeopleRead {
    /// Reads the whole directory; whole, or an error.
    package init(from setting: SyncSetting, now: @Sendable () -> Instant) async throws(UpkeepError) {
        let begun = now()
        do throws(DirectoryError) {
            self.init(try await WholeDirectory(setting.directory, setting.sync).snapshot(), at: begun)
        } catch {
            throw .directory(error)
        }
    }

    init(_ snapshot: DirectorySnapshot, at instant: Instant) {
        let samples = snapshot.rejections.samples
        var rejected = BoundedList<String>()
        for sample in samples { rejected.append("\(sample.name ?? "an entry"): \(sample.reason)") }
        rejected.count(up: snapshot.rejections.count - samples.count)
        self.init(
            at: instant, count: snapshot.peopleCount, unusable: Set(samples.compactMap(\.name)),
            hasMoreUnusable: snapshot.rejections.count > samples.count, rejected: rejected,
            identities: snapshot.identities, person: snapshot.person)
    }
}

extension SyncSetting {
    /// Whether the directory has changed since `mark`, or may have, and the mark for the next time.
    package func changes(since mark: ChangeMark?) async throws(UpkeepError) -> (mark: ChangeMark, hasChanged: Bool) {
        do throws(DirectoryError) {
            return try await WholeDirectory(directory, sync).changes(since: mark)
        } catch {
            throw .directory(error)
        }
    }
}
