// SPDX-License-Identifier: Apache-2.0

/// The backends that Berth knows by itself, in the language in which a site writes its own.
enum BuiltInBackends {
    /// One file of this folder each.
    private static let files: [(name: String, bytes: [UInt8])] = [
        ("nvidia", PackageResources.nvidia_yaml),
        ("mig", PackageResources.nvidia_yaml),
        ("mig-single", PackageResources.mig_single_yaml),
        ("time-slicing", PackageResources.time_slicing_yaml),
        ("mps", PackageResources.mps_yaml),
        ("mortalgpu", PackageResources.mortalgpu_yaml),
        ("metagpu", PackageResources.metagpu_yaml),
        ("hami", PackageResources.hami_yaml),
        ("hami-mig", PackageResources.hami_mig_yaml),
        ("kai", PackageResources.kai_yaml),
        ("kai-fraction", PackageResources.kai_fraction_yaml),
        ("kai-queue", PackageResources.kai_queue_yaml),
        ("volcano", PackageResources.volcano_yaml),
        ("dra", PackageResources.dra_yaml),
        ("kueue", PackageResources.kueue_yaml),
    ]

    static let names = files.map(\.name)

    /// Nil for a name that is none.
    static func item(_ name: String, _ findings: inout Findings) -> Item? {
        files.first { $0.name == name }.flatMap {
            BuiltInFile.item($0.bytes, name, .shape(Language.backend), &findings)
        }
    }
}
