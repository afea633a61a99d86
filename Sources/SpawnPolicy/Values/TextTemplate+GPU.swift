// SPDX-License-Identifier: Apache-2.0
package import SpawnModel

extension TextTemplate {
    /// The text of a backend for one pool: what is the pool's is put in, what is a pod's stays to be put in.
    ///
    /// - Parameter pool: the value of `${pool.…}`; nil where the pool has none.
    /// - Throws: where a filter is asked for, or the pool lacks a value.
    package func forGPUs(pool: (String) -> String?) throws(TemplateFault) -> GPUTemplate {
        var gpuParts: [GPUTemplate.Part] = []
        for part in parts {
            switch part {
            case .literal(let text): gpuParts.append(.literal(text))
            case .reference(let reference): gpuParts.append(try reference.gpuPart(pool: pool))
            }
        }
        return GPUTemplate(gpuParts)
    }
}

extension Reference {
    fileprivate func gpuPart(pool: (String) -> String?) throws(TemplateFault) -> GPUTemplate.Part {
        guard filters.isEmpty else {
            throw TemplateFault(
                what: "`${\(text)}` has a filter", remedy: "Backends take values as they are: remove it.")
        }
        switch source {
        case .gpu(let fact): return .fact(fact)
        case .pool(let name):
            if let value = pool(name) { return .literal(value) }
            throw TemplateFault(
                what: "the backend needs `\(name)` from the pool", remedy: "Write `settings: {\(name): …}` in the pool."
            )
        default:
            throw TemplateFault(what: "`${\(text)}` is not known to a backend", remedy: "Name a fact of the GPU.")
        }
    }
}
