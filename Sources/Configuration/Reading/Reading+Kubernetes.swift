// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Kubernetes

extension Reading {
    mutating func cluster(_ item: Item?) -> ClusterAccess? {
        guard let item, item.isMapping else { return nil }
        guard let file = item["kubeconfig"] else {
            if let context = item["context"] {
                fault(context, "names a context of no kubeconfig", "Add `kubeconfig`, or leave it out.", atKey: true)
            }
            if let refused = item["service_account"], refused.flag == false {
                fault(
                    refused, "leaves Berth no way to be somebody in the cluster",
                    "Add `kubeconfig`, or leave `kubernetes` out.", atKey: true)
            }
            return serviceAccount(item)
        }
        if let both = item["service_account"], both.flag == true {
            fault(both, "stands beside `kubeconfig`", "Keep one: it says who Berth is in the cluster.", atKey: true)
        }
        return kubeconfig(file, context: item.text("context"))
    }

    private mutating func serviceAccount(_ item: Item) -> ClusterAccess? {
        do throws(ServiceAccountFault) {
            return try ClusterAccess.serviceAccount { name in
                Environment.value(of: name).map { String(decoding: $0, as: UTF8.self) }
            }
        } catch {
            switch error {
            case .notInPod:
                missing(
                    item, "Berth does not run in a pod: nothing names the cluster",
                    "Run it in one, or write `kubernetes: {kubeconfig: …}`.")
            case .fileMissing(let path, let reason):
                missing(
                    item, "the service account's file \(quoted(path)) cannot be read: \(reason)",
                    "Leave `automountServiceAccountToken` of Berth's pod at `true`.")
            }
            return nil
        }
    }
}

// MARK: - kubeconfig

extension Reading {
    private static let kubeconfigBytesMost = 1 << 20

    private mutating func kubeconfig(_ item: Item, context: String?) -> ClusterAccess? {
        guard let path = item.text else { return nil }
        let place = item.resolved(path)
        let remedy = "Make one for Berth's service account; config/kubernetes/README.md shows how."
        switch WholeFile.read(place, most: Self.kubeconfigBytesMost) {
        case .failure(let reason):
            stamps.append(FileStamp(at: place))
            missing(item, "the kubeconfig \(quoted(path)) \(reason.words)", remedy)
            return nil
        case .success(let file):
            stamps.append(file.stamp)
            if file.mode & 0o004 != 0 {
                warn(item, "\(quoted(path)) can be read by every user of this machine", "Run `chmod o-r` on it.")
            }
            guard let text = YAMLText(file.bytes, file: place, &findings),
                let tree = YAMLComposer.tree(of: text, &findings)
            else { return nil }
            return access(Item(node: tree, path: .root), context, item)
        }
    }

    private mutating func access(_ root: Item, _ context: String?, _ item: Item) -> ClusterAccess? {
        do throws(Kubeconfig.Fault) {
            let read = try Kubeconfig(root.json, folder: FilePaths.folder(of: root.place.file), context: context)
            for file in read.files { check(file, root.item(at: file.place)) }
            return read.access
        } catch {
            fault(root.item(at: error.place), error.what, error.remedy)
            return nil
        }
    }

    /// A token that rotates is no change of the configuration, so that no stamp is taken.
    private mutating func check(_ file: Kubeconfig.NamedFile, _ item: Item) {
        let remedy = "Relative paths count from the kubeconfig's folder."
        switch WholeFile.read(file.path, most: Self.kubeconfigBytesMost) {
        case .failure(let reason): missing(item, "the file \(quoted(file.path)) \(reason.words)", remedy)
        case .success(let read):
            if file.isSecret, read.mode & 0o004 != 0 {
                warn(item, "\(quoted(file.path)) can be read by every user of this machine", "Run `chmod o-r` on it.")
            }
            if read.bytes.isEmpty { missing(item, "the file \(quoted(file.path)) is empty", remedy) }
        }
    }
}

extension Item {
    /// Where the pointer leads, or as near to it as there is something.
    fileprivate func item(at pointer: JSONPointer) -> Item {
        var item = self
        for token in pointer.tokens {
            let next =
                item[token] ?? Int(token).flatMap { item.elements.indices.contains($0) ? item.elements[$0] : nil }
            guard let next else { return item }
            item = next
        }
        return item
    }
}
