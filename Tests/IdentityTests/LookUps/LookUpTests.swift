// SPDX-License-Identifier: Apache-2.0
import Identity
import JSONTree
import SpawnModel
import Testing

/// Services asked over real HTTP.
struct LookUpTests {
    @Test func `a service is asked by the user's name and with the token, and its JSON is the answer`() async throws {
        let lab = try LookUpLab()
        lab.service.answer("/people/ana", #"{"roles": ["a"], "level": 2.0}"#)
        let terms = try lab.terms("/people/{user}?at={deployment}", token: "s3cret")
        #expect(await lab.outcome(terms) == #"{"roles": ["a"], "level": 2.0}"#)
        #expect(
            lab.service.asked == [
                .init(line: "GET /people/ana?at=prod", authorization: "Bearer s3cret", body: "")
            ])
    }

    @Test func `POST tells user and deployment in the body`() async throws {
        let lab = try LookUpLab()
        lab.service.answer("/ask", "[1]")
        #expect(await lab.outcome(try lab.terms("/ask", method: .post), "a\"b") == "[1]")
        #expect(
            lab.service.asked == [
                .init(line: "POST /ask", authorization: nil, body: #"{"user":"a\"b","deployment":"prod"}"#)
            ])
    }

    @Test(arguments: [
        ("a/../../admin", "a%2F..%2F..%2Fadmin"), ("a?role=admin", "a%3Frole%3Dadmin"), ("a#x", "a%23x"),
        ("a b", "a%20b"), ("å", "%C3%A5"), ("%2e%2e", "%252e%252e"), ("a\r\nX: y", "a%0D%0AX%3A%20y"),
        ("{user}", "%7Buser%7D"), ("...", "..."), ("a@b.c", "a%40b.c"), ("a\\b", "a%5Cb"), ("a;b", "a%3Bb"),
    ])
    func `a name can leave neither its path segment nor its field`(name: String, written: String) async throws {
        let lab = try LookUpLab()
        let terms = try lab.terms("/people/{user}/roles?name={user}", onFailure: .unknown)
        #expect(await lab.outcome(terms, name) == "(unknown)")
        #expect(lab.service.asked.map(\.line) == ["GET /people/\(written)/roles?name=\(written)"])
    }

    @Test(arguments: [".", ".."]) func `a name that means a place in a path is not asked about`(name: String)
        async throws
    {
        let lab = try LookUpLab()
        #expect(await lab.outcome(try lab.terms(), name) == "lookup-name-unusable")
        #expect(lab.service.asked.isEmpty)
    }

    @Test func `an answer is remembered for a minute, for each user, and for these terms only`() async throws {
        let lab = try LookUpLab()
        lab.service.answer("/people/ana", "1")
        lab.service.answer("/people/bo", "2")
        let terms = try lab.terms()
        #expect(lab.lookUps.remembered(terms, .ana) == nil)
        for (user, answer) in [("ana", "1"), ("bo", "2"), ("ana", "1")] {
            #expect(await lab.outcome(terms, user) == answer)
        }
        #expect(lab.service.asked.count == 2)
        #expect(lab.lookUps.remembered(terms, .ana)?.text == "1")
        #expect(lab.lookUps.remembered(terms, LookUpQuestion(user: "ana", deployment: "test")) == nil)
        #expect(lab.lookUps.remembered(try lab.terms(onFailure: .unknown), .ana) == nil)
        lab.service.answer("/people/ana", "3")
        lab.service.pass(.seconds(59))
        #expect(await lab.outcome(terms) == "1")
        lab.service.pass(.seconds(1))
        #expect(await lab.outcome(terms) == "3")
    }

    @Test(arguments: [
        (500, "{}", "lookup-refused"), (204, "", "lookup-refused"), (302, "{}", "lookup-refused"),
        (401, "{}", "lookup-refused"), (404, "{}", "lookup-not-found"), (200, "<html>", "lookup-answer-unusable"),
        (200, "", "lookup-answer-unusable"), (200, #"{"a": 1, "a": 2}"#, "lookup-answer-unusable"),
        (200, String(repeating: "[", count: 17) + String(repeating: "]", count: 17), "lookup-answer-unusable"),
        (200, "\"" + String(repeating: "x", count: LookUps.bytesMost) + "\"", "lookup-unreachable"),
    ])
    func `what is no answer is an error, or what the site says`(status: Int, body: String, code: String) async throws {
        let lab = try LookUpLab()
        lab.service.answer("/people/ana", body, status: status)
        #expect(await lab.outcome(try lab.terms()) == code)
        #expect(await lab.outcome(try lab.terms(onFailure: .unknown)) == "(unknown)")
        #expect(await lab.outcome(try lab.terms(onFailure: .value(["roles": []]))) == #"{"roles":[]}"#)
        #expect(lab.service.asked.allSatisfy { $0.line == "GET /people/ana" }, "a redirect was followed")
        #expect(lab.service.asked.count == 3, "a failure was remembered")
    }

    @Test func `not to be known is worth what the site says, apart from failing`() async throws {
        let lab = try LookUpLab()
        let terms = try lab.terms(onFailure: .refuse, onNotFound: .value(["known": false]))
        #expect(await lab.outcome(terms) == #"{"known":false}"#)
        lab.service.answer("/people/ana", "", status: 500)
        #expect(await lab.outcome(terms) == "lookup-refused")
    }

    @Test func `a service that is not there is named by its origin, and neither name nor token is told`() async throws {
        let lab = try LookUpLab()
        let terms = LookUpTerms(
            name: "hr", address: try LookUpAddress("http://127.0.0.1:9/secret-path/{user}?key=k3y"),
            token: ClientSecret("s3cret"))
        do {
            _ = try await lab.lookUps.answer(terms, .ana)
            Issue.record("somebody listens on the discard port")
        } catch {
            #expect(error.code == "lookup-unreachable")
            #expect("\(error)".contains("http://127.0.0.1:9"))
            for secret in ["s3cret", "k3y", "secret-path", "ana"] { #expect(!"\(error)".contains(secret)) }
        }
        #expect(!"\(terms)".contains("s3cret"))
    }
}

extension LookUpQuestion {
    fileprivate static let ana = LookUpQuestion(user: "ana", deployment: "prod")
}

/// Services that are shown the user's own token, or asked by a claim.
struct UsersLookUpTests {
    @Test func `the user's token is shown in place of Berth's, and one user's answer is not another token's`()
        async throws
    {
        let lab = try LookUpLab()
        lab.service.answer("/mine", "1")
        let terms = try lab.terms("/mine", usersToken: .proven)
        #expect(await lab.outcome(terms, showing: "t0ken-1") == "1")
        #expect(await lab.outcome(terms, showing: "t0ken-1") == "1")
        lab.service.answer("/mine", "2")
        #expect(await lab.outcome(terms, showing: "t0ken-2") == "2")
        #expect(lab.service.asked.map(\.authorization) == ["Bearer t0ken-1", "Bearer t0ken-2"])
    }

    @Test func `without a token that may be shown nobody is asked`() async throws {
        let lab = try LookUpLab()
        let terms = try lab.terms("/mine", usersToken: .proven)
        for token in [nil, "", "a b", "a\r\nX-Admin: 1", "tøken"] {
            #expect(await lab.outcome(terms, showing: token) == "lookup-token-missing")
        }
        #expect(lab.service.asked.isEmpty)
        lab.service.answer("/theirs", "1")
        #expect(await lab.outcome(try lab.terms("/theirs"), showing: "t0ken-1") == "1")
        #expect(lab.service.asked.map(\.authorization) == [nil], "a look-up that asks for none was shown it")
    }

    @Test(arguments: [401, 403]) func `a service that does not take the token says so in its own words`(status: Int)
        async throws
    {
        let lab = try LookUpLab()
        lab.service.answer("/mine", "", status: status)
        let terms = try lab.terms("/mine", usersToken: .asSent)
        do {
            _ = try await lab.lookUps.answer(
                terms, LookUpQuestion(user: "ana", deployment: "prod", usersToken: ClientSecret("t0ken-1")))
            Issue.record("an answer \(status) was taken")
        } catch {
            #expect(error.code == "lookup-token-refused")
            #expect(!"\(error)".contains("t0ken-1"))
        }
    }

    @Test func `a claim in the address stays one segment or field`() async throws {
        let lab = try LookUpLab()
        let terms = try lab.terms(
            "/of/{claims.vo.name}?in={claims/the.context}&level={claims.level}", onFailure: .unknown)
        let claims: JSON = ["vo": ["name": "a/../b?c#d"], "the.context": "/d4science/vre/Fish&x=1", "level": 3]
        #expect(await lab.outcome(terms, claims: claims) == "(unknown)")
        #expect(
            lab.service.asked.map(\.line) == [
                "GET /of/a%2F..%2Fb%3Fc%23d?in=%2Fd4science%2Fvre%2FFish%26x%3D1&level=3"
            ])
    }

    @Test func `an answer about one context is not another's`() async throws {
        let lab = try LookUpLab()
        lab.service.answer("/of/a", "1")
        lab.service.answer("/of/b", "2")
        let terms = try lab.terms("/of/{claims.vo}")
        #expect(await lab.outcome(terms, claims: ["vo": "a"]) == "1")
        #expect(await lab.outcome(terms, claims: ["vo": "b"]) == "2")
    }

    @Test(arguments: [
        "{}", #"{"vo": null}"#, #"{"vo": ""}"#, #"{"vo": ".."}"#, #"{"vo": ["a"]}"#, #"{"vo": true}"#,
        #"{"vo": 1.5}"#, "{\"vo\": \"\(String(repeating: "x", count: 1025))\"}",
    ])
    func `a claim that cannot stand in an address asks nobody`(claims: String) async throws {
        let lab = try LookUpLab()
        let terms = try lab.terms("/of/{claims.vo}")
        #expect(await lab.outcome(terms, claims: try JSON(parsing: claims)) == "lookup-claim-unusable")
        #expect(lab.service.asked.isEmpty)
    }
}

struct LookUpAddressTests {
    private func fault(_ text: String, clear: Bool = false) -> LookUpAddress.Fault? {
        do throws(LookUpAddress.Fault) {
            _ = try LookUpAddress(text, allowsClearText: clear)
            return nil
        } catch {
            return error
        }
    }

    @Test func `https and this machine will do, clear text to others only where the site says so`() {
        for url in ["https://hr.example.org/{user}", "http://127.0.0.1:8/x", "http://localhost/", "http://[::1]:1/a"] {
            #expect(fault(url) == nil, "\(url)")
        }
        #expect(fault("http://hr.example.org/{user}") == .notSecure)
        #expect(fault("http://127.0.0.1.example.org/") == .notSecure)
        #expect(fault("http://hr.example.org/{user}", clear: true) == nil)
    }

    @Test func `a placeholder stands in path or query, and is one that there is`() {
        #expect(fault("https://{user}.example.org/") == .placeholderInHost)
        #expect(fault("https://hr.example.org{user}/") == .placeholderInHost)
        #expect(fault("https://hr.example.org:{user}/") == .placeholderInHost)
        #expect(fault("{user}://x/") == .placeholderInHost)
        #expect(fault("https://hr.example.org/{name}") == .unknownPlaceholder("{name}"))
        #expect(fault("https://hr.example.org/{user") == .unknownPlaceholder("{user"))
        for one in ["{claims}", "{claims.}", "{claims/}", "{claimsx.a}", "{claims.a..b}"] {
            #expect(fault("https://hr.example.org/\(one)") == .unknownPlaceholder(one))
        }
        #expect(fault("https://{claims.host}/") == .placeholderInHost)
    }

    @Test(arguments: [
        "", "hr.example.org/x", "ftp://hr.example.org/", "https://", "https://hr.example.org", "https:///x",
        "https://ana:pw@hr.example.org/", "https://hr example.org/",
    ])
    func `what is no URL is refused`(text: String) { #expect(fault(text) == .malformed) }
}
