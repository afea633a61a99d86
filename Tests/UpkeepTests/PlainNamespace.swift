// SPDX-License-Identifier: Apache-2.0
import SpawnModel
import Upkeep

/// A namespace and a directory made by chance, and what a plan does to the one by the plainest model: sets of names.
struct PlainNamespace {
    struct Object: Hashable {
        var user: String?
        var isIntact = true
        var madeAt = Instant(unixSeconds: 0)
        var neededAt: Instant?
    }

    /// By user, the name that their object should have.
    var directory: [String: String] = [:]
    var unusable: Set<String> = []
    /// By name.
    var objects: [String: Object] = [:]
    var mounted: Set<String> = []

    static let readAt = Instant(unixSeconds: 9900)
    static let now = Instant(unixSeconds: 10_000)
    static let limits = SyncLimits()

    /// People in the directory may have their object, an older one, both or none; some objects are of people who left,
    /// some have lost their label, or bear somebody else's.
    init(_ random: inout SeededRandom, people: Int) {
        for number in 0..<people {
            let user = "u\(number)"
            let fate = random.number(below: 10)
            if fate < 6 { directory[user] = "\(user)-now" } else if fate == 6 { unusable.insert(user) }
            for age in ["now", "old", "older"] where random.chance(0.6) {
                objects["\(user)-\(age)"] = Object(
                    user: random.chance(0.05) ? nil : random.chance(0.05) ? "u\(random.number(below: people))" : user,
                    isIntact: random.chance(0.9),
                    madeAt: Instant(unixSeconds: [9900, 9899, 9000][random.number(below: 3)]),
                    neededAt: random.chance(0.2) ? Instant(unixSeconds: [9701, 9699][random.number(below: 2)]) : nil)
                if random.chance(0.2) { mounted.insert("\(user)-\(age)") }
            }
        }
    }

    var wanted: WantedObjects {
        WantedObjects(
            directory.keys.sorted().map { .init(user: $0, name: directory[$0] ?? "") }, unusable: unusable)
    }

    func drift(_ random: inout SeededRandom) -> Drift {
        var finder = DriftFinder(wanted)
        for (name, object) in objects.shuffled(using: &random) {
            finder.see(
                ListedObject(
                    name: name, uid: "uid of \(name)", resourceVersion: "1", user: object.user,
                    madeAt: object.madeAt, neededAt: object.neededAt),
                isIntact: object.isIntact)
        }
        return finder.drift
    }

    func plan(_ random: inout SeededRandom, acceptsShrink: Bool) -> SyncPlan {
        SyncPlan(
            drift(&random), of: wanted, mounted: mounted, limits: Self.limits, readAt: Self.readAt, now: Self.now,
            acceptsShrink: acceptsShrink)
    }

    /// Whether it must stay: somebody has it by the directory, or a pod uses it or may come to.
    func isNeeded(_ name: String) -> Bool {
        guard let object = objects[name] else { return false }
        if mounted.contains(name) || directory.values.contains(name) { return true }
        if let needed = object.neededAt, needed == Instant(unixSeconds: 9701) { return true }
        guard let user = object.user else { return object.madeAt > Instant(unixSeconds: 9700) }
        if unusable.contains(user) { return true }
        return directory[user] != nil
            ? object.madeAt > Instant(unixSeconds: 9700) : object.madeAt == Instant(unixSeconds: 9900)
    }

    /// The namespace after the plan's writes. A creation under a name that is taken fails, as in a cluster.
    func after(_ plan: SyncPlan) -> (PlainNamespace, failed: Int) {
        var (after, failed) = (self, 0)
        let wanted = wanted.objects
        for place in plan.creations {
            if after.objects[wanted[place].name] != nil { failed += 1 }
            after.objects[wanted[place].name] = Object(user: wanted[place].user, madeAt: Self.now)
        }
        for place in plan.restorations {
            if after.objects[wanted[place].name] == nil { failed += 1 }
            after.objects[wanted[place].name] = Object(user: wanted[place].user, madeAt: Self.now)
        }
        for object in plan.deletions where after.objects.removeValue(forKey: object.name) == nil { failed += 1 }
        return (after, failed)
    }
}
