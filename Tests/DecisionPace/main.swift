// SPDX-License-Identifier: Apache-2.0
import Glibc
import JSONTree
import SpawnModel
import SpawnPolicy

// Decides one start over and over, on one thread, and prints how often it did and in how many seconds of that thread's
// CPU time:
//   decision-pace default|named SCALE SECONDS
// At scale 1 the user has 200 groups, and the policy 500 profiles, 2,000 choices, 300 images and 50 rules, one of which
// applies once for each group. The last profile alone is the user's, so that a start without options looks at all.

let arguments = CommandLine.arguments
guard arguments.count == 4, ["default", "named"].contains(arguments[1]), let scale = Double(arguments[2]),
    let seconds = Double(arguments[3])
else {
    print("usage: decision-pace default|named SCALE SECONDS")
    exit(2)
}

func scaled(_ count: Int) -> Int { max(1, Int(Double(count) * scale)) }

/// Nobody's rule, but for the last number: any of a group and a role.
func rule(_ number: Int, of count: Int) -> Rule {
    let group = number == count - 1 ? "/projects/p0" : "/others/g\(number)"
    return Rule(.any([Rule(.role("r\(number)"), line: 1), Rule(.group(group), line: 1)]), line: 1)
}

let images = (0..<scaled(300)).map { number in
    Choice(
        id: "i\(number)", displayName: "Image", isDefault: false, allow: rule(number, of: scaled(300)), overrides: [:],
        image: "registry.example.org/image-\(number):1", line: 1)
}

let profiles = (0..<scaled(500)).map { number in
    let sizes = (0..<4).map { size in
        Choice(
            id: "s\(size)", displayName: "Size", isDefault: size == 0, allow: rule(size, of: 4),
            overrides: ["cpu_limit": JSON(size), "mem_limit": "4G"], line: 1)
    }
    let isLast = number == scaled(500) - 1
    return Profile(
        slug: "p\(number)", displayName: "Profile", description: "", isDefault: false,
        allow: rule(number, of: scaled(500)), overrides: ["default_url": "/lab"],
        options: [
            ProfileOption(
                key: "image", displayName: "Image", allow: .everyone, choices: isLast ? images : [images[0]],
                unlisted: nil, line: 1),
            ProfileOption(key: "size", displayName: "Size", allow: .everyone, choices: sizes, unlisted: nil, line: 1),
        ], walltime: nil, token: nil, line: 1)
}

func member(_ key: String, _ value: ValueTemplate, _ place: ValuePlace = .key) throws -> ValueTemplate.Member {
    var names = Reference.Names()
    names.captures = ["project"]
    return ValueTemplate.Member(key: try TextTemplate(parsing: key, at: place, names: names), value: value)
}

let mount = ValueTemplate(members: [try member("name", .literal("projects"))])
var mounts = SetBlock()
mounts.pod = ValueTemplate(members: [
    try member(
        "server",
        ValueTemplate(members: [
            try member(
                "volumeMounts", ValueTemplate(members: [try member("/projects/${project}", mount, .pathKey)]))
        ]))
])
var variable = SetBlock()
variable.traits = ValueTemplate(members: [try member("environment", .literal(["SITE": "lab"]))])

let each = ForEach(.names(.group, try NamePattern(parsing: "/projects/{project}")))
let rules =
    [SiteRule(name: "projects", when: .everyone, forEach: each, set: mounts, line: 1)]
    + (1..<scaled(50)).map { number in
        SiteRule(
            name: "r\(number)", when: number % 2 == 0 ? .everyone : rule(number, of: .max), set: variable, line: 1)
    }

let policy = Policy(profiles: profiles, base: [:], rules: rules, contact: nil)
let user = Subject(
    name: "ada", isAdmin: false, deployment: "production", roles: ["staff"],
    groups: (0..<scaled(200)).map { "/projects/p\($0)" }, entitlements: [], claims: .emptyObject, posix: nil)
let options: JSON? = arguments[1] == "named" ? ["profile": JSON("p\(scaled(500) - 1)")] : nil

func decide() -> Grant {
    guard case .allow(let grant) = policy.decide(options, for: user) else { fatalError("the start is refused") }
    return grant
}

let grant = decide()
guard grant.changes.first?.fields["server"]?["volumeMounts"]?.object?.count == scaled(200) else {
    fatalError("not each group has its mount")
}

func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

let start = cpuSeconds()
var count = 0
while cpuSeconds() - start < seconds {
    for _ in 0..<10 { _ = decide() }
    count += 10
}
print(JSON(["count": JSON(count), "cpu_s": JSON(numberSpelling: "\(cpuSeconds() - start)") ?? .null]).text)
