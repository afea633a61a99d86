// SPDX-License-Identifier: Apache-2.0
import JSONTree
import SpawnModel

extension PodTerms {
    func setEnvironment(in draft: inout PodDraft, for context: PodContext) throws(PodPatchError) {
        for variable in environment { try draft.server.set(variable.json, named: variable.name) }
        if let walltime = context.walltime {
            let isReplaced = draft.server.setOwn(PodKeys.walltimeVariable, to: String(walltime.wholeSeconds))
            if isReplaced {
                draft.report.corrected.append("container \(container)'s \(PodKeys.walltimeVariable) replaced")
            }
        }
    }

    /// How many threads numeric libraries start: they see the node's CPUs, not the container's limit.
    func setThreadCounts(in draft: inout PodDraft) throws(PodPatchError) {
        guard !threadCountVariables.isEmpty, let limit = try draft.server.cpuLimit() else { return }
        let count = String(max(1, limit.roundedDown))
        for variable in threadCountVariables where !draft.server.environment.contains(variable) {
            draft.server.environment.append(PodTerms.EnvironmentVariable(variable, count).json, named: variable)
        }
    }
}

extension ContainerDraft {
    /// Adds a variable, unless it stands there already.
    mutating func set(_ variable: JSON, named name: String) throws(PodPatchError) {
        guard let present = environment.first(name) else { return environment.append(variable, named: name) }
        guard present.says(variable) else { throw .environmentDiffers(variable: name, container: self.name) }
    }

    /// Sets a variable that is Berth's, whatever stands there; tells whether something else did.
    @discardableResult
    mutating func setOwn(_ variable: String, to value: String) -> Bool {
        setOwn(PodTerms.EnvironmentVariable(variable, value))
    }

    mutating func setOwn(_ variable: PodTerms.EnvironmentVariable) -> Bool {
        !environment.keepOnly(variable.json, named: variable.name).isEmpty
    }

    fileprivate func cpuLimit() throws(PodPatchError) -> Quantity? {
        let resources = try ObjectDraft(members["resources"], at: place.pointer + "/resources")
        let limits = try ObjectDraft(resources["limits"], at: place.pointer + "/resources/limits")
        guard let cpu = limits.present("cpu") else { return nil }
        guard let limit = Quantity(cpu) else {
            throw .malformed(pointer: place.pointer + "/resources/limits/cpu", expected: "a quantity")
        }
        return limit
    }
}
