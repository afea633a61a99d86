// SPDX-License-Identifier: Apache-2.0
import SpawnModel

/// What one reading of a source says of each device and pod.
///
/// A pod's series on several devices, and the series of its containers or processes on one, are put together here.
struct UseSums: Sendable {
    /// By card's UUID, or as `Series.Identity` has it.
    private(set) var devices: [String: Use] = [:]
    /// Of one name there may be two for a while: the pod that goes, and the next.
    private(set) var pods: [PodName: [String?: Use]] = [:]

    init() {}

    init(_ samples: [Sample], _ exporters: [Exporter]) {
        let samples = Dictionary(grouping: samples, by: \.metric)
        for exporter in exporters {
            for measure in exporter.measures {
                add(Series.all(samples[measure.metric] ?? [], measure, exporter.labels), measure)
            }
        }
    }

    private mutating func add(_ series: [Series], _ measure: Measure) {
        for target in measure.targets {
            switch target {
            case .device: addDevices(series, measure)
            case .pod: addPods(series, measure)
            }
        }
    }

    private mutating func addDevices(_ series: [Series], _ measure: Measure) {
        for (device, series) in Dictionary(grouping: series, by: \.identity.device) {
            guard let device else { continue }
            devices[device, default: Use()].take(measure.combined(series), measure.unit.quantity)
        }
    }

    private mutating func addPods(_ series: [Series], _ measure: Measure) {
        struct Key: Hashable {
            let pod: PodName?
            let uid: String?
        }
        let keyed = Dictionary(grouping: series) { Key(pod: $0.identity.pod, uid: $0.identity.podUID) }
        for (key, series) in keyed {
            guard let pod = key.pod else { continue }
            let perDevice = Dictionary(grouping: series, by: \.identity.device).values.map(measure.combined)
            let told = perDevice.compactMap(\.self)
            guard told.count == perDevice.count else { continue }
            let use = Measured.joined(told) { amounts in
                switch measure.unit.quantity {
                case .busy: amounts.max() ?? 0
                case .memory: amounts.reduce(0, +)
                }
            }
            pods[pod, default: [:]][key.uid, default: Use()].take(use, measure.unit.quantity)
        }
    }
}

extension Measure {
    /// What several series of one device say together; nil where one of them says nothing that can be.
    ///
    /// Exporters copy a card's value to each pod that shares it, or split it among them, and don't say which: equal ones
    /// are copies, unlike ones are parts. So two equal parts are told too low, and never is anything told too high.
    fileprivate func combined(_ series: [Series]) -> Measured<Int>? {
        let amounts = series.compactMap(\.amount)
        guard amounts.count == series.count, let first = amounts.first, let at = series.map(\.at).min() else {
            return nil
        }
        let sum = addsUp || Set(amounts).count > 1 ? amounts.reduce(0, +) : first
        return Measured(unit.quantity == .busy ? min(sum, 100) : sum, at: at)
    }
}

extension Use {
    /// The first that tells counts.
    fileprivate mutating func take(_ amount: Measured<Int>?, _ quantity: Measure.Quantity) {
        guard let amount else { return }
        switch quantity {
        case .busy: busy = busy ?? amount
        case .memory: memory = memory ?? Measured(MiB(amount.value), at: amount.at)
        }
    }
}
