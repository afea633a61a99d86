// SPDX-License-Identifier: Apache-2.0
import Configuration
import Glibc
import Identity
import JSONTree
import SpawnModel
import SpawnPolicy

// Decides about one user over and over, on one thread, and prints how often it did and in how many seconds of that
// thread's CPU time:
//   decision-pace form|start CONFIG CLAIMS OPTIONS SECONDS
// CLAIMS and OPTIONS are JSON. A form is all that the user is offered; a start is one choice, held against the policy.

let arguments = CommandLine.arguments
guard arguments.count == 6, let way = Way(rawValue: arguments[1]), let seconds = Double(arguments[5]) else {
    print("usage: decision-pace form|start CONFIG CLAIMS OPTIONS SECONDS")
    exit(2)
}

enum Way: String {
    case form, start
}

let site = try Site.load(path: arguments[2], secrets: .optional).site
let deployment = site.deployments[0]
let subject = try site.subjectReader(for: deployment).subject(
    for: HubUser(name: "ana", isAdmin: false, groups: []), claims: try JSON(parsing: Array(arguments[3].utf8)),
    deployment: deployment.name)
let options = try JSON(parsing: Array(arguments[4].utf8))

func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Gives how much was offered or granted: nothing would be no measure.
func once() -> Int {
    switch way {
    case .form:
        return site.policy.offer(for: subject).profiles.count
    case .start:
        guard case .allow(let grant) = site.policy.decide(options, for: subject) else { return 0 }
        return grant.overrides.count
    }
}

let found = once()
precondition(found > 0, "nothing is offered or granted, so that nothing would be measured")
for _ in 0..<20 { precondition(once() == found) }

var count = 0
let start = cpuSeconds()
var spent = 0.0
while spent < seconds {
    for _ in 0..<10 { precondition(once() == found) }
    count += 10
    spent = cpuSeconds() - start
}
print(#"{"count": \#(count), "cpu_s": \#(spent), "found": \#(found)}"#)
