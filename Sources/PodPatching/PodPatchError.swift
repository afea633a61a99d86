// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

/// Why a pod cannot be patched: it is no pod, or something in it stands where Berth's own must stand.
package enum PodPatchError: Error, Hashable, Sendable {
    /// `pointer` (RFC 6901) is missing or is not what Kubernetes has there.
    case malformed(pointer: String, expected: String)
    case containerMissing(String)
    case containerNameTwice(String)
    /// A container has the name of one that Berth adds, and is another one.
    case containerNameTaken(String)
    case volumeNameTaken(String)
    /// A mount that the configuration asks for names a volume that neither the pod nor the configuration has.
    case volumeMissing(volume: String, container: String)
    case mountPathTaken(path: String, container: String)
    case environmentDiffers(variable: String, container: String)
    case runtimeClassDiffers(pod: String, wanted: String)
    /// The configuration says restricted, and this container says that it runs as root; nil is the pod as a whole.
    case runsAsRoot(container: String?)
    /// The reservation's amount cannot be had from the pool as it is configured now.
    case amountNotOfPool(pool: String)
    /// A `set` block names a container that the pod does not have.
    case containerOfChangeMissing(String, origin: String)
    /// What a `set` block says cannot be merged into the pod.
    case changeDoesNotFit(origin: String, fault: FieldMergeError)
    /// No node that may take the pod has LXCFS, and pods do not start without it.
    case lxcfsNowhere(String)
    /// A token's file must have a directory of its own.
    case tokenFile(String)
}

extension PodPatchError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let pointer, let expected):
            "the pod's \(pointer.isEmpty ? "manifest" : pointer) should be \(expected)"
        case .containerMissing(let name): "the pod has no container named \(name)"
        case .containerNameTwice(let name): "the pod has two containers named \(name)"
        case .containerNameTaken(let name): "the pod has a container named \(name) that is not Berth's"
        case .volumeNameTaken(let name): "the pod has another volume named \(name)"
        case .volumeMissing(let volume, let container):
            "container \(container) should mount volume \(volume), which the pod does not have"
        case .mountPathTaken(let path, let container):
            "container \(container) has something else mounted at \(path)"
        case .environmentDiffers(let variable, let container):
            "container \(container) has another value for \(variable)"
        case .runtimeClassDiffers(let pod, let wanted):
            "the pod has runtime class \(pod) and should have \(wanted)"
        case .runsAsRoot(let container):
            "\(container.map { "container \($0)" } ?? "the pod") says it runs as root, and pods are restricted"
        case .amountNotOfPool(let pool): "the reservation's amount cannot be had from GPU pool \(pool) as it is now"
        case .containerOfChangeMissing(let name, let origin):
            "\(origin) changes the container \(name), which the pod does not have"
        case .changeDoesNotFit(let origin, let fault): "\(origin) does not fit the pod: \(fault)"
        case .lxcfsNowhere(let why): "the pod cannot have LXCFS: \(why)"
        case .tokenFile(let path): "\(path) is no file in a directory that can hold a token and nothing else"
        }
    }
}
