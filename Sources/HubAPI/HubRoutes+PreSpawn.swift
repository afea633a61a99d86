// SPDX-License-Identifier: Apache-2.0
import Configuration
import Directory
import GPULedger
import HTTPServer
package import JSONTree
import Kubernetes
import LastUse
import Logging
package import SpawnModel
import SpawnPolicy

extension HubRoutes {
    /// May it start, and where? Allows with a reservation, or refuses with words the user can act on.
    ///
    /// The ledger knows one inventory. Where a reload has taken the pool away while the call was under way, nothing is
    /// held yet, and the configuration in force decides anew; once for each reload that comes in between.
    func preSpawn(_ call: HubCall, reloadsMost: Int = 10) async throws(Problem) -> HTTPResponse {
        do throws(Problem) { return try await decide(call) } catch {
            guard error.code == Problem.poolMisconfigured, reloadsMost > 0, let call = call.moved(to: siteInForce())
            else { throw error }
            return try await preSpawn(call, reloadsMost: reloadsMost - 1)
        }
    }

    private func decide(_ call: HubCall) async throws(Problem) -> HTTPResponse {
        guard let start = call.start else { throw .malformed("server.start", "is missing: it names this start") }
        let runsInPod = try HubCall.flag("pod", call.body["pod"] ?? true)
        let (subject, person) = try await call.subjectAndPerson(by: sources)
        let namesake = call.site.directory?.overlay == nil ? nil : person.flatMap { Namesake($0) }

        let (answers, asked) = try await answersOfPrograms(to: call, start: start, subject: subject)
        do throws(Problem) {
            let policy = call.site.policy
            let decision = policy.decide(call.body["options"], for: subject, server: call.server.name, calls: answers)
            switch decision {
            case .refuse(let refusal):
                throw Problem(refusal)
            case .allow(let grant):
                let placed = grant.placed(in: call.deployment.namespace)
                let payer = try call.payer(among: subject.groups ?? [])
                let warning = try await loginWarning(for: grant, call)
                var (reservation, grant) = try await reserve(
                    placed, start, call, asked: asked, namesake: namesake, groups: subject.groups ?? [], payer: payer)
                if let warning { grant.warnings.append(warning) }
                let objects = try await objects(of: grant, for: reservation)
                let settled = runsInPod ? reservation : try await bindPodless(reservation, call)
                diary.allowed(call, code: "allowed", facts(of: settled, grant))
                let marks = try call.site.marks(of: settled, pod: HubCall.text("pod_name", call.body["pod_name"]))
                return .ok(preSpawnAnswer(grant, settled, objects, marks, runsInPod: runsInPod).bytes, to: call.id)
            }
        } catch {
            putAway(asked, of: call.server, start: start, site: call.site)
            throw error
        }
    }

    /// From the first capacity of the grant that is free; where none is, what is told is about the one preferred.
    ///
    /// A repeated call may find a more preferred one free by then; the reservation that stands is found all the same.
    private func reserve(
        _ grant: Grant, _ start: StartID, _ call: HubCall, asked: [String], namesake: Namesake?, groups: [String],
        payer: String?
    ) async throws(Problem) -> (Reservation, Grant) {
        var problem: Problem?
        for grant in [grant] + grant.alternatives {
            do throws(LedgerError) {
                let terms = SessionTerms(grant, calls: asked, namesake: namesake)
                var request = request(for: grant, terms, start, call)
                (request.groups, request.payer) = (groups, payer)
                // Who waits does so for what they like best.
                request.mayWait = problem == nil
                switch try await ledger.reserve(request, under: call.site.quotas) {
                case .held(let reservation, let isRepeat):
                    if let gpu = reservation.gpu, !isRepeat { gpuDecisions.granted(gpu.pool) }
                    return (reservation, grant.lasting(as: reservation))
                case .unavailable(let shortage):
                    gpuDecisions.denied(shortage)
                    problem = problem ?? Problem(shortage, of: grant, at: now(), site: call.site)
                }
            } catch .startConflict(let standing) {
                problem = problem ?? Problem(.startConflict(standing: standing))
            } catch {
                throw Problem(error)
            }
        }
        guard let problem else { preconditionFailure("a grant was neither reserved nor refused") }
        throw problem
    }

    private func request(
        for grant: Grant, _ terms: SessionTerms, _ start: StartID, _ call: HubCall
    ) -> ReservationRequest {
        ReservationRequest(
            server: call.server, start: start, gpu: grant.gpu, profile: grant.profile, terms: terms.text,
            walltime: grant.walltime, holdFor: call.deployment.startTimeout, now: now())
    }

    /// The hub runs the server itself: no pod will ever be seen.
    func bindPodless(_ reservation: Reservation, _ call: HubCall) async throws(Problem) -> Reservation {
        do { return try await ledger.bind(reservation.id, server: call.server, isPodless: true, now: now()) } catch {
            throw Problem(error)
        }
    }

    /// What the answer says of the objects beside the pod: their names once they stand in the cluster; without one,
    /// whole manifests for somebody else to make.
    private func objects(of grant: Grant, for reservation: Reservation) async throws(Problem) -> [JSON] {
        guard let objects else {
            return grant.objects.map { ["lifetime": JSON($0.lifetime.rawValue), "manifest": $0.manifest] }
        }
        do throws(ObjectFault) { return try await objects.make(grant.objects, for: reservation).map(\.json) } catch {
            throw Problem(error)
        }
    }

    private func preSpawnAnswer(
        _ grant: Grant, _ reservation: Reservation, _ objects: [JSON], _ marks: JSONObject, runsInPod: Bool
    ) -> JSON {
        [
            "profile": JSON(grant.profile),
            "image": grant.image.map { JSON($0) } ?? .null,
            "reservation_id": JSON(reservation.id),
            "reservation": reservation.json,
            "overrides": JSON(grant.overrides.marking(pod: marks)),
            "reset": JSON(grant.reset.map { JSON($0) }),
            "environment": JSON(environment(grant, reservation, runsInPod: runsInPod)),
            "walltime_s": grant.walltime.map { JSON(Int($0.wholeSeconds)) } ?? .null,
            "idle_s": grant.idle.map { JSON(Int($0.wholeSeconds)) } ?? .null,
            "objects": JSON(objects),
            "rules": JSON(grant.rules.map { JSON($0) }),
            "warnings": JSON(grant.warnings.map { JSON($0) }),
            "message": JSON(message(for: grant)),
        ]
    }

    /// What the server's processes are told; nothing here is secret.
    ///
    /// Without a pod there is no device plugin, so the reservation itself has to say which devices CUDA may see.
    private func environment(_ grant: Grant, _ reservation: Reservation, runsInPod: Bool) -> JSONObject {
        var variables: JSONObject = [
            "BERTH_PROFILE": JSON(grant.profile), "BERTH_RESERVATION_ID": JSON(reservation.id),
        ]
        if let walltime = grant.walltime { variables["BERTH_WALLTIME_S"] = JSON(String(walltime.wholeSeconds)) }
        if let idle = grant.idle {
            variables["BERTH_IDLE_S"] = JSON(String(idle.wholeSeconds))
            // JupyterHub's own name for it.
            variables["JUPYTERHUB_ACTIVITY_INTERVAL"] = JSON(String(IdleLimit(idle).reportEvery.wholeSeconds))
        }
        if !runsInPod {
            let devices = reservation.placement.map(\.device).joined(separator: ",")
            variables["CUDA_VISIBLE_DEVICES"] = JSON(devices)
        }
        return variables
    }

    private func message(for grant: Grant) -> String {
        guard let walltime = grant.walltime else { return "Starting \(grant.profileDisplayName)." }
        return "Starting \(grant.profileDisplayName). It may run for \(walltime.words)."
    }

    private func facts(of reservation: Reservation, _ grant: Grant) -> Logger.Metadata {
        [
            "profile": .string(grant.profile), "reservation_id": .string(reservation.id),
            "state": .string(reservation.state.rawValue), "pool": .string(grant.gpu?.pool ?? ""),
            "devices": .array(reservation.placement.map { .string("\($0.node)/\($0.device)") }),
        ]
    }
}

extension Grant {
    /// With the hub's namespace where an object's manifest names none.
    fileprivate func placed(in namespace: String?) -> Grant {
        guard let namespace, !objects.isEmpty else { return self }
        var placed = self
        placed.objects = objects.map { $0.placed(in: namespace) }
        placed.alternatives = alternatives.map { $0.placed(in: namespace) }
        return placed
    }
}

extension SessionObject {
    fileprivate func placed(in namespace: String) -> SessionObject {
        guard ObjectKind(of: manifest)?.isNamespaced == true, manifest["metadata"]?["namespace"] == nil else {
            return self
        }
        var manifest = manifest
        var metadata = manifest["metadata"] ?? .emptyObject
        metadata["namespace"] = JSON(namespace)
        manifest["metadata"] = metadata
        return SessionObject(key: key, lifetime: lifetime, manifest: manifest)
    }
}

extension Reservation {
    /// The profile that it was started from; nil where its terms are another version's.
    package var profileSlug: String? { SessionTerms(terms)?.profile }

    /// As the API shows it; times in RFC 3339, `gpu` null where none is held.
    package var json: JSON {
        [
            "id": JSON(id), "state": JSON(state.rawValue), "revision": JSON(revision),
            "gpu": gpu.map(\.json) ?? .null,
            "placement": JSON(
                placement.map {
                    ["node": JSON($0.node), "device": JSON($0.device), "units": JSON($0.units)]
                }),
            "created_at": JSON(createdAt.description), "held_until": JSON(heldUntil.description),
            "ends_by": endsBy.map { JSON($0.description) } ?? .null,
            "charge": charge.map(\.json) ?? .null,
        ]
    }
}

extension GPURequest {
    var json: JSON {
        switch amount {
        case .cards(let count): ["pool": JSON(pool), "cards": JSON(count)]
        case .migInstances(let count): ["pool": JSON(pool), "mig_instances": JSON(count)]
        case .share(let request, let limit):
            ["pool": JSON(pool), "request_mib": JSON(request.count), "limit_mib": JSON(limit.count)]
        }
    }
}
