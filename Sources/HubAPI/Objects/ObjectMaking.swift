// SPDX-License-Identifier: Apache-2.0
import JSONTree
package import Kubernetes
import SpawnModel

/// Makes the objects beside a server's pod, and deletes those of its session.
///
/// They stand before the pod is made, which would hang without them. Those of a session bear the reservation's id: what
/// has another's is never touched, and whoever tidies up finds what was left.
package struct ObjectMaking: Sendable {
    private let cluster: Cluster
    private let underWay = SharedWork<String, Result<[StandingObject], ObjectFault>>()
    /// A hub waits five seconds for its answer, and then asks again.
    private let timeout: Duration

    package init(_ cluster: Cluster, timeout: Duration = .seconds(4)) {
        self.cluster = cluster
        self.timeout = timeout
    }

    /// All of them, as they stand now. Safe to call again: what this start has made before is found.
    ///
    /// - Throws: what the first that cannot be made fails by. Those of the session that were made before it are deleted
    ///   then; what stays for the user's further starts stays.
    ///
    /// - Parameter part: tells the objects of one start that are made together from others that are made at another time.
    func make(
        _ objects: [SessionObject], for reservation: Reservation, part: String = "policy"
    ) async throws(ObjectFault) -> [StandingObject] {
        guard !objects.isEmpty else { return [] }
        // A hub that asks again while the first answer is under way must not find it half done.
        let key = reservation.id + "/" + part
        return try await underWay.result(of: key) { await makeNow(objects, reservation) }.get()
    }

    private func makeNow(
        _ objects: [SessionObject], _ reservation: Reservation
    ) async -> Result<[StandingObject], ObjectFault> {
        let calls = calls()
        var standing: [StandingObject] = []
        do throws(ObjectFault) {
            for object in objects { standing.append(try await calls.settle(ObjectToMake(object, reservation))) }
            return .success(standing)
        } catch {
            // One whose answer was lost may stand there too.
            let begun = objects.prefix(standing.count + 1).filter { $0.lifetime == .session }
            _ = await remove(begun.compactMap { ObjectName(of: $0.manifest) }, of: reservation.id)
            return .failure(error)
        }
    }

    func calls() -> ClusterCalls { ClusterCalls(cluster, within: timeout) }

    /// Deletes objects of a session, each by the uid under which it bears the reservation's id.
    ///
    /// - Returns: those that may still stand there.
    func remove(_ names: [ObjectName], of reservationID: String) async -> [(name: ObjectName, fault: ObjectFault)] {
        let calls = calls()
        var left: [(ObjectName, ObjectFault)] = []
        for name in names {
            do throws(ObjectFault) { try await calls.remove(name, of: reservationID) } catch {
                left.append((name, error))
            }
        }
        return left
    }
}

/// An object that stands in the cluster for a start.
struct StandingObject: Sendable {
    enum State: String, Sendable {
        /// It was made now.
        case created
        /// It was there: made by this start before, or by an earlier one to stay.
        case found
        /// It was there and says now what the policy says.
        case applied
    }

    let key: String
    let lifetime: SessionObject.Lifetime
    let name: ObjectName
    let uid: String
    let state: State
}
