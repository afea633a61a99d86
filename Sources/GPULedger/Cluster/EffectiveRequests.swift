// SPDX-License-Identifier: Apache-2.0
import JSONTree

extension JSON {
    /// What a pod of this spec takes of each extended resource, as the scheduler counts it: its containers at one time,
    /// or the init container that asks for most; init containers that stay (`restartPolicy: Always`) count beside all
    /// that start after them.
    var effectiveRequests: [String: Int] {
        var staying = Requests()
        var most = Requests()
        for container in self["initContainers"]?.array ?? [] {
            let asks = Requests(of: container)
            if container["restartPolicy"]?.string == "Always" {
                staying = staying.adding(asks)
                most = most.orAtLeast(staying)
            } else {
                most = most.orAtLeast(staying.adding(asks))
            }
        }
        let together = (self["containers"]?.array ?? []).reduce(staying) { $0.adding(Requests(of: $1)) }
        return most.orAtLeast(together).amounts.filter { $0.value > 0 }
    }
}

private struct Requests {
    var amounts: [String: Int] = [:]

    init() {}

    /// A limit without a request is the request, too.
    init(of container: JSON) {
        let resources = container["resources"]
        amounts = (resources?["limits"]?.extendedResources ?? [:])
            .merging(resources?["requests"]?.extendedResources ?? [:]) { $1 }
    }

    /// A sum that is too large for a number is as large as any.
    func adding(_ other: Requests) -> Requests {
        merging(other) { sum, more in
            let (value, overflow) = sum.addingReportingOverflow(more)
            return overflow ? .max : value
        }
    }

    func orAtLeast(_ other: Requests) -> Requests { merging(other, max) }

    private func merging(_ other: Requests, _ join: (Int, Int) -> Int) -> Requests {
        var joined = Requests()
        joined.amounts = amounts.merging(other.amounts, uniquingKeysWith: join)
        return joined
    }
}
