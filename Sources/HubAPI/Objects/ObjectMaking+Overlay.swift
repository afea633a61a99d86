// SPDX-License-Identifier: Apache-2.0
import Directory
import JSONTree
import Kubernetes
import PodPatching
import SpawnModel

extension ObjectMaking {
    /// The person's files and variables, as a pod gets them. The object is made if need be, and where `makes` says so.
    func overlay(
        of namesake: Namesake, gids: [Int], _ terms: OverlayTerms, in namespace: String, at now: Instant, makes: Bool
    ) async throws(OverlayFault) -> PodOverlay {
        let (name, files) = try await object(
            of: namesake, gids: gids, terms, in: namespace, at: now, makes: makes)
        return PodOverlay(
            object: name, files: files,
            variables: terms.variables.map {
                PodTerms.EnvironmentVariable($0.rawValue, $0.value(for: namesake.account))
            })
    }

    private func object(
        of namesake: Namesake, gids: [Int], _ terms: OverlayTerms, in namespace: String, at now: Instant, makes: Bool
    ) async throws(OverlayFault) -> (name: String, files: [String]) {
        switch terms.objects {
        case .perPerson:
            let object: OverlayObject
            do throws(OverlayError) {
                object = try terms.object(of: namesake.account, namesake.memberships, gids: gids, namespace: namespace)
            } catch {
                throw .refused(error)
            }
            guard makes else { return (object.name, object.files) }
            do throws(ObjectFault) { try await calls().ensure(object.manifest, at: now) } catch { throw .object(error) }
            return (object.name, object.files)
        case .shared:
            return try await sharedOverlay(of: namesake.account, in: namespace)
        }
    }

    /// `berth sync` makes these, for all people together.
    private func sharedOverlay(
        of account: Account, in namespace: String
    ) async throws(OverlayFault) -> (name: String, files: [String]) {
        let shard: JSON?
        do throws(ObjectFault) { shard = try await calls().shard(of: account, in: namespace) } catch {
            throw .object(error)
        }
        guard let name = shard?["metadata"]?["name"]?.string, let data = shard?["data"]?.object,
            let passwd = data["passwd"]?.string, account.isIn(passwd)
        else { throw .notYetShared }
        return (name, data.map(\.key))
    }
}

extension ClusterCalls {
    /// Their names tell which it is, so that one of them is read.
    fileprivate func shard(of account: Account, in namespace: String) async throws(ObjectFault) -> JSON? {
        let found = try await metadata(
            of: .configMap, in: namespace, labels: "\(ObjectLabel.object)=\(ObjectLabel.sharedOverlay)")
        var names: [String: String] = [:]
        for metadata in found {
            guard let bits = metadata["labels"]?[OverlayKeys.shard]?.string else { continue }
            names[bits] = metadata["name"]?.string
        }
        guard let bits = SharedOverlay.bits(of: account.name, among: names.keys), let name = names[bits] else {
            return nil
        }
        return try await get(ObjectName(.configMap, in: namespace, name))
    }
}

extension Account {
    /// Whether a passwd file has a line with this name and these ids.
    fileprivate func isIn(_ passwd: String) -> Bool {
        let line = "\(name):x:\(uid):\(gid):"
        return passwd.hasPrefix(line) || passwd.contains("\n" + line)
    }
}

/// Why a pod gets no passwd and group files, without which it is not made.
enum OverlayFault: Error {
    case object(ObjectFault)
    case refused(OverlayError)
    /// The shared object does not have the person as the directory has them now.
    case notYetShared
}

extension Problem {
    init(_ fault: OverlayFault) {
        switch fault {
        case .object(let fault): self.init(fault)
        case .refused(let error):
            self.init(
                status: 422, code: "overlay-name-taken", detail: "\(error)",
                userMessage: "Your account's name is that of a system account, so nothing can be started for you. "
                    + "Please tell the hub's operators.")
        case .notYetShared:
            self.init(
                status: 503, code: "overlay-behind",
                detail:
                    "the shared overlay objects do not have this account as the directory has it: the next sync makes "
                    + "it so, if one runs (`berth sync`, `directory.sync`)",
                userMessage: "Your account is new or has just changed, and the cluster does not know it yet. "
                    + "Try again in a few minutes.",
                retryAfter: .seconds(60))
        }
    }
}
