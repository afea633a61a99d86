// SPDX-License-Identifier: Apache-2.0

/// How the GPUs of a pool are asked for: what is written into a pod, as data, so that one more way is a few lines of
/// configuration. Where a template's fact is not known of a pod, that entry is left out.
package struct GPUBackend: Sendable, Hashable {
    /// Resources of the server's container, requests and limits alike.
    package var resources: [Entry] = []
    /// Annotations and labels of the pod.
    package var annotations: [Entry] = []
    package var labels: [Entry] = []
    /// Variables of the server's container.
    package var environment: [Entry] = []
    package var schedulerName: String?
    /// Kubernetes' resource claims (DRA), of the server's container.
    package var claims: [Claim] = []
    /// Keys among `annotations` by which a scheduler gives a GPU, such as `gpu-fraction`: whoever sets one asks for it.
    package var askingAnnotations: [String] = []
    /// Whether a server gets one unit whatever it asks for.
    package var isOneUnit = false
    /// Whether the device plugin may take one share from several cards.
    package var splitsOverCards = false
    package var cardChoice = CardChoice.expected

    /// Whether it is known on which of a node's cards a share is.
    package enum CardChoice: String, Sendable, CaseIterable {
        /// On the one that Berth expects: the pod names it, or the device plugin picks as Berth does.
        case expected
        /// On any that has room for it: the device plugin picks by a rule of its own.
        case unknown
    }

    /// A key with a template for its value.
    package struct Entry: Sendable, Hashable {
        package let key: String
        package let template: GPUTemplate

        package init(_ key: String, _ template: GPUTemplate) {
            self.key = key
            self.template = template
        }
    }

    /// A claim that Kubernetes makes for each pod from a ResourceClaimTemplate of the pod's namespace.
    package struct Claim: Sendable, Hashable {
        package let name: String
        package let templateName: String

        package init(name: String, templateName: String) {
            self.name = name
            self.templateName = templateName
        }
    }

    package init() {}

    /// The usual way: so many units of one resource.
    package static func units(of resource: String) -> GPUBackend {
        var backend = GPUBackend()
        backend.resources = [Entry(resource, GPUTemplate(.units))]
        return backend
    }

    /// This with what another says too; of two entries of one key the other's stays.
    package func joined(by other: GPUBackend) -> GPUBackend {
        var joined = self
        joined.resources.put(other.resources)
        joined.annotations.put(other.annotations)
        joined.labels.put(other.labels)
        joined.environment.put(other.environment)
        joined.schedulerName = other.schedulerName ?? schedulerName
        joined.claims += other.claims
        joined.askingAnnotations += other.askingAnnotations
        joined.isOneUnit = isOneUnit || other.isOneUnit
        joined.splitsOverCards = splitsOverCards || other.splitsOverCards
        joined.cardChoice = other.cardChoice == .unknown ? .unknown : cardChoice
        return joined
    }
}

extension [GPUBackend.Entry] {
    /// Puts `entries` in, each in the place of one with its key.
    package mutating func put(_ entries: [GPUBackend.Entry]) {
        for entry in entries {
            removeAll { $0.key == entry.key }
            append(entry)
        }
    }
}
