// SPDX-License-Identifier: Apache-2.0
internal import JSONTree

/// A Lease that is ours, in the version that we have written.
struct HeldLease {
    let term: LeadershipTerm
    var version: String
}

extension Leadership {
    /// Takes the Lease if it is free; nil when somebody else holds it or was faster.
    func take(_ view: inout LeaseView) async throws(KubernetesError) -> HeldLease? {
        do throws(KubernetesError) {
            guard let found = try await cluster.get(lease, timeout: terms.renewDeadline) else {
                // Removed by hand, perhaps: its holder does not know yet.
                return view.isLive(at: .now) ? nil : try await make()
            }
            let record = LeaseRecord(found)
            view.observe(record, at: .now)
            return view.isLive(at: .now) ? nil : try await take(record, version: found.version)
        } catch .conflict {
            return nil
        } catch .alreadyExists {
            return nil
        }
    }

    private func make() async throws(KubernetesError) -> HeldLease {
        let asked = ContinuousClock.now
        let record = LeaseRecord(holder: terms.identity, duration: terms.duration, transitions: 0)
        let made = try await cluster.create(
            [
                "apiVersion": JSON(ObjectKind.lease.apiVersion), "kind": "Lease",
                "metadata": [
                    "name": JSON(terms.name), "namespace": JSON(terms.namespace),
                    "labels": ["app.kubernetes.io/managed-by": "berth"],
                ],
                "spec": record.spec,
            ], timeout: terms.renewDeadline)
        return held(made, record, since: asked)
    }

    private func take(_ former: LeaseRecord, version: String) async throws(KubernetesError) -> HeldLease {
        let asked = ContinuousClock.now
        let record = LeaseRecord(
            holder: terms.identity, duration: terms.duration, transitions: former.transitions + 1)
        return held(try await write(record.spec, over: version, timeout: terms.renewDeadline), record, since: asked)
    }

    private func held(_ lease: JSON, _ record: LeaseRecord, since asked: ContinuousClock.Instant) -> HeldLease {
        HeldLease(
            term: LeadershipTerm(fencing: record.transitions, until: asked + terms.renewDeadline),
            version: lease.version)
    }

    /// Renews it until it can't any more, or the task is cancelled.
    func keep(_ held: HeldLease, _ failed: @Sendable (KubernetesError) -> Void) async {
        var held = held
        while held.term.isHeld {
            let rest = held.term.end - .now
            do { try await Task.sleep(for: min(terms.pause, rest)) } catch { return }
            do throws(KubernetesError) { try await renew(&held) } catch .conflict {
                guard !Task.isCancelled, await isStillOurs(&held) else { return }
            } catch .notFound {
                return
            } catch {
                if Task.isCancelled { return }
                failed(error)
            }
        }
    }

    private func renew(_ held: inout HeldLease) async throws(KubernetesError) {
        let asked = ContinuousClock.now
        guard asked < held.term.end else { return }
        let renewed = try await write(
            ["renewTime": JSON(LeaseRecord.now())], over: held.version, timeout: held.term.end - asked)
        held.version = renewed.version
        held.term.extend(to: asked + terms.renewDeadline)
    }

    /// Somebody has changed it: an earlier renewal of ours whose answer was lost, or a label by hand.
    private func isStillOurs(_ held: inout HeldLease) async -> Bool {
        let rest = held.term.end - .now
        guard rest > .zero, let found = try? await cluster.get(lease, timeout: rest) else { return held.term.isHeld }
        guard isOurs(found, held.term.fencing) else { return false }
        held.version = found.version
        return true
    }

    /// So that the next one need not wait. Also where our task was cancelled, which is the usual reason.
    func giveBack(_ fencing: Int) async {
        await Task.detached { [self] in
            // A renewal that was cancelled on its way may still come through between reading and writing.
            for _ in 0..<3 {
                guard let found = try? await cluster.get(lease, timeout: .seconds(2)), isOurs(found, fencing) else {
                    return
                }
                let spec: JSON = ["holderIdentity": "", "renewTime": JSON(LeaseRecord.now())]
                if (try? await write(spec, over: found.version, timeout: .seconds(2))) != nil { return }
            }
        }.value
    }

    private func isOurs(_ lease: JSON, _ fencing: Int) -> Bool {
        let record = LeaseRecord(lease)
        return record.holder == terms.identity && record.transitions == fencing
    }

    private func write(
        _ spec: JSON, over version: String, timeout: Duration
    ) async throws(KubernetesError) -> JSON {
        try await cluster.patch(
            lease, .merge, ["metadata": ["resourceVersion": JSON(version)], "spec": spec], timeout: timeout)
    }
}

extension JSON {
    fileprivate var version: String { self["metadata"]?["resourceVersion"]?.string ?? "" }
}
