// SPDX-License-Identifier: Apache-2.0
import JSONTree
import Testing

@testable import PodPatching

struct NamespaceLimitsTests {
    static let range: JSON = [
        "metadata": ["name": "small"],
        "spec": [
            "limits": [
                [
                    "type": "Container", "min": ["cpu": "10m", "memory": "16Mi"],
                    "max": ["cpu": "8", "memory": "64Gi"],
                    "maxLimitRequestRatio": ["cpu": "10"],
                ]
            ]
        ],
    ]

    static func quota(_ hard: JSON, used: JSON, _ more: JSON = .emptyObject) -> JSON {
        var quota: JSON = ["metadata": ["name": "team"], "spec": more, "status": ["hard": hard, "used": used]]
        quota["spec"]?["hard"] = hard
        return quota
    }

    private func objections(
        _ spec: String, ranges: [JSON] = [], quotas: [JSON] = []
    ) throws -> [String] {
        try NamespaceLimits(limitRanges: ranges, quotas: quotas).objections(to: Pods.pod(spec)).map(\.description)
    }

    private func container(_ limits: String, _ requests: String, name: String = "notebook") -> String {
        #"{"name": "\#(name)", "resources": {"limits": {\#(limits)}, "requests": {\#(requests)}}}"#
    }

    @Test func `Berth's own sidecars pass a range whose ratio they just meet`() throws {
        let pod = try Pods.pod("{\"containers\": [\(container(#""cpu": "4", "memory": "8Gi""#, #""cpu": "2""#))]}")
        let patched = try SidecarTests.terms.patch(pod, for: Site.fullContext()).pod
        #expect(try NamespaceLimits(limitRanges: [Self.range], quotas: []).objections(to: patched) == [])
        var terms = SidecarTests.terms
        terms.sidecars?.resources.cpuRequest = "9m"
        let smaller = try terms.patch(pod, for: Site.fullContext()).pod
        let words = try NamespaceLimits(limitRanges: [Self.range], quotas: []).objections(to: smaller).map(
            \.description)
        #expect(
            words
                == ["token", "walltime"].flatMap { name in
                    [
                        "LimitRange small: container berth-\(name) has a cpu request below the least",
                        "LimitRange small: container berth-\(name) has a cpu limit too many times its request",
                    ]
                })
    }

    @Test func `a quota counts the sidecars, and says by how much it is too little`() throws {
        let quota = Self.quota(["limits.cpu": "64"], used: ["limits.cpu": "59.95"])
        let notebook = container(#""cpu": "4", "memory": "8Gi""#, #""cpu": "2", "memory": "4Gi""#)
        let pod = try Pods.pod("{\"containers\": [\(notebook)]}")
        let limits = NamespaceLimits(limitRanges: [], quotas: [quota])
        #expect(try limits.objections(to: pod) == [])
        let patched = try SidecarTests.terms.patch(pod, for: Site.fullContext()).pod
        #expect(
            try limits.objections(to: patched) == [
                .init(
                    kind: .quota,
                    description: "ResourceQuota team: limits.cpu 4.2 is asked for, and of 64 59.95 are in use")
            ])
    }

    static let ranges: [(String, String, String)] = [
        (#""cpu": "8001m", "memory": "1Gi""#, #""cpu": "1", "memory": "1Gi""#, "cpu limit above the most, or none"),
        (#""cpu": "1", "memory": "1Gi""#, #""cpu": "1", "memory": "15Mi""#, "memory request below the least"),
        (#""cpu": "1""#, #""cpu": "1", "memory": "1Gi""#, "memory limit above the most, or none"),
        (#""cpu": "2", "memory": "1Gi""#, #""cpu": "199m""#, "cpu limit too many times its request"),
    ]

    @Test(arguments: ranges)
    func `each bound of a range holds for init containers too`(_ limits: String, _ requests: String, _ fault: String)
        throws
    {
        let good = container(#""cpu": "1", "memory": "1Gi""#, "")
        let bad = container(limits, requests, name: "setup")
        #expect(
            try objections("{\"containers\": [\(good)], \"initContainers\": [\(bad)]}", ranges: [Self.range])
                == ["LimitRange small: container setup has a \(fault)"])
    }

    @Test func `what a container does not state, the range's defaults state first`() throws {
        var range = Self.range
        range["spec"]?["limits"]?[0]?["default"] = ["cpu": "1", "memory": "1Gi"]
        range["spec"]?["limits"]?[0]?["defaultRequest"] = ["cpu": "50m", "memory": "32Mi"]
        let bare = #"{"containers": [{"name": "notebook"}]}"#
        #expect(
            try objections(bare, ranges: [range]) == [
                "LimitRange small: container notebook has a cpu limit too many times its request"
            ])
        range["spec"]?["limits"]?[0]?["defaultRequest"]?["cpu"] = "100m"
        #expect(try objections(bare, ranges: [range]) == [])
        let quota = Self.quota(["limits.memory": "2Gi"], used: ["limits.memory": "1100Mi"])
        #expect(try objections(bare, ranges: [range], quotas: [quota]).count == 1)
    }

    @Test func `a range for pods counts what runs together`() throws {
        let range: JSON = ["metadata": ["name": "whole"], "spec": ["limits": [["type": "Pod", "max": ["cpu": "2"]]]]]
        let (one, two) = (container(#""cpu": "1""#, ""), container(#""cpu": "1.5""#, "", name: "b"))
        #expect(try objections("{\"containers\": [\(one)], \"initContainers\": [\(two)]}", ranges: [range]) == [])
        #expect(
            try objections("{\"containers\": [\(one), \(two)]}", ranges: [range]) == [
                "LimitRange whole: the pod has a cpu limit above the most, or none",
                "LimitRange whole: the pod has a cpu request above the most",
            ])
    }

    @Test func `a quota refuses whoever does not state what it counts`() throws {
        let quota = Self.quota(["limits.memory": "9Gi", "cpu": "9"], used: [:])
        #expect(
            try objections(#"{"containers": [{"name": "a"}]}"#, quotas: [quota]) == [
                "ResourceQuota team: container a must state cpu",
                "ResourceQuota team: container a must state limits.memory",
            ])
    }

    @Test func `devices and pods are counted, and a quota that is full already lets pods by that take nothing of it`()
        throws
    {
        let quota = Self.quota(
            ["requests.nvidia.com/gpu": "2", "pods": "5", "persistentvolumeclaims": "0"],
            used: ["requests.nvidia.com/gpu": "2", "pods": "4", "persistentvolumeclaims": "3"])
        #expect(try objections(#"{"containers": [{"name": "a"}]}"#, quotas: [quota]) == [])
        let gpu = container(#""nvidia.com/gpu": 1"#, "")
        #expect(try objections("{\"containers\": [\(gpu)]}", quotas: [quota]).count == 1)
        let full = Self.quota(["pods": "5"], used: ["pods": "5"])
        #expect(try objections(#"{"containers": [{"name": "a"}]}"#, quotas: [full]).count == 1)
    }

    /// A scope, and the part of a pod's spec that it counts; without that part it does not.
    static let scopes: [(JSON, String)] = [
        (["scopes": ["Terminating"]], #", "activeDeadlineSeconds": 60"#),
        (
            [
                "scopeSelector": [
                    "matchExpressions": [["scopeName": "PriorityClass", "operator": "In", "values": ["low"]]]
                ]
            ],
            #", "priorityClassName": "low""#
        ),
        (
            ["scopeSelector": ["matchExpressions": [["scopeName": "NotTerminating", "operator": "DoesNotExist"]]]],
            #", "activeDeadlineSeconds": 60"#
        ),
    ]

    @Test(arguments: scopes)
    func `a quota counts only pods of its scope`(_ scope: JSON, _ part: String) throws {
        let quota = Self.quota(["pods": "0"], used: ["pods": "0"], scope)
        #expect(try objections(#"{"containers": [{"name": "a"}]\#(part)}"#, quotas: [quota]).count == 1)
        #expect(try objections(#"{"containers": [{"name": "a"}]}"#, quotas: [quota]) == [])
    }

    @Test func `best effort is a pod that states nothing`() throws {
        let quota = Self.quota(["pods": "0"], used: [:], ["scopes": ["BestEffort"]])
        #expect(try objections(#"{"containers": [{"name": "a"}]}"#, quotas: [quota]).count == 1)
        #expect(try objections("{\"containers\": [\(container(#""cpu": "1""#, ""))]}", quotas: [quota]) == [])
        let other = Self.quota(["pods": "0"], used: [:], ["scopes": ["CrossNamespacePodAffinity"]])
        #expect(try objections(#"{"containers": [{"name": "a"}]}"#, quotas: [other]) == [], "left to the API server")
    }
}
