// SPDX-License-Identifier: Apache-2.0
import HubAPI
import JSONTree
import SpawnModel
import Testing

@testable import SidecarAPI

struct TokenDeskTests {
    private let arc = TokenHandOff(audience: "https://arc.example.org", file: "/run/berth/token")

    private func problem(_ desk: TokenDesk, exchanges: Bool = false, hubToken: Bool = true) async throws -> Problem? {
        let site = try Desk.site(exchanges: exchanges, hubToken: hubToken)
        do throws(Problem) {
            _ = try await desk.accessToken(for: arc, of: Desk.reservation(), at: site)
            return nil
        } catch {
            return error
        }
    }

    @Test func `the hub's own token comes with a warning, and one that it narrowed without`() async throws {
        let site = try Desk.site()
        let desk = Desk()
        desk.hub(answers: Desk.hubGives("plain", for: 300))
        let plain = try await desk.made().accessToken(for: arc, of: Desk.reservation(), at: site)
        #expect(plain.accessToken == "plain" && plain.narrowedBy == .nothing && plain.warning != nil)
        #expect(plain.expiry == desk.now() + .seconds(300))
        #expect(desk.hubAsked == [["user": "ada", "least_s": 60]])
        let other = Desk()
        other.hub(answers: Desk.hubGives("narrow", for: 300, by: "scope"))
        let scoped = TokenHandOff(audience: "a", file: "/run/a/t", scope: "storage.read")
        let narrow = try await other.made().accessToken(for: scoped, of: Desk.reservation(), at: site)
        #expect(narrow.narrowedBy == .scope && narrow.warning == nil)
        #expect(other.hubAsked == [["user": "ada", "least_s": 60, "scope": "storage.read"]])
    }

    @Test func `one question is under way however many ask, and its answer is kept until it is due`() async throws {
        let site = try Desk.site()
        let desk = Desk(pace: .milliseconds(200))
        desk.hub(answers: Desk.hubGives("first", for: 300), Desk.hubGives("second", for: 300))
        let made = desk.made()
        await withTaskGroup { group in
            for _ in 0..<500 {
                group.addTask {
                    let token = try? await made.accessToken(for: arc, of: Desk.reservation(), at: site)
                    #expect(token?.accessToken == "first")
                }
            }
        }
        #expect(desk.hubAsked.count == 1)
        desk.pass(.seconds(239))
        #expect(try await made.accessToken(for: arc, of: Desk.reservation(), at: site).accessToken == "first")
        desk.pass(.seconds(1))
        #expect(try await made.accessToken(for: arc, of: Desk.reservation(), at: site).accessToken == "second")
    }

    @Test(arguments: [(20, 10), (100, 50), (120, 60), (300, 240), (12 * 3600, 12 * 3600 - 60)])
    func `a token is kept until a minute before its end, or for half of a short life`(
        _ life: Int, _ kept: Int
    ) async throws {
        let site = try Desk.site()
        let desk = Desk()
        desk.hub(answers: Desk.hubGives("first", for: life), Desk.hubGives("second", for: life))
        let made = desk.made()
        for (passing, token) in [(0, "first"), (kept - 1, "first"), (1, "second")] {
            desk.pass(.seconds(passing))
            #expect(try await made.accessToken(for: arc, of: Desk.reservation(), at: site).accessToken == token)
        }
    }

    @Test func `no more users than may be are asked about at once, and the others are told when to come again`()
        async throws
    {
        let site = try Desk.site()
        let desk = Desk(pace: .milliseconds(500))
        desk.hub(answers: Desk.hubGives("t", for: 300))
        let made = desk.made()
        let refused = await withTaskGroup(of: Problem?.self) { group in
            for number in 0..<500 {
                group.addTask {
                    do throws(Problem) {
                        _ = try await made.accessToken(for: arc, of: Desk.reservation(of: "u\(number)"), at: site)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(into: [Problem]()) { if let problem = $1 { $0.append(problem) } }
        }
        #expect(desk.hubAsked.count <= 256 && desk.hubAsked.count + refused.count == 500)
        #expect(refused.allSatisfy { $0.status == 503 && $0.code == "tokens-busy" && $0.retryAfter != nil })
    }

    @Test(arguments: [
        (403, "login-expired", 403, "login-expired"), (404, "user-unknown", 403, "login-expired"),
        (403, nil, 503, "hub-misfit"), (404, nil, 503, "hub-misfit"), (503, "login-not-renewed", 503, "hub-away"),
        (500, nil, 503, "hub-away"), (302, nil, 503, "hub-misfit"),
    ])
    func `what the hub says no to is told by what can be done`(
        _ status: Int, _ code: String?, _ wanted: Int, _ wantedCode: String
    ) async throws {
        let desk = Desk()
        desk.hub(answers: Desk.Answer(status: status, body: code.map { ["code": JSON($0)] } ?? [:]))
        let problem = try #require(try await problem(desk.made()))
        #expect(problem.status == wanted && problem.code == wantedCode)
        #expect((problem.retryAfter != nil) == (wanted == 503))
    }

    @Test func `a hub that is away, lies, or has no token of Berth's gives none`() async throws {
        #expect(try await problem(Desk().made())?.code == "hub-away")
        #expect(try await problem(Desk().made(), hubToken: false)?.code == "hub-unknown")
        for text in ["", "a b", "a\nb", "=", "tökén", String(repeating: "a", count: 65_537)] {
            let desk = Desk()
            desk.hub(answers: Desk.hubGives(text, for: 300))
            #expect(try await problem(desk.made())?.code == "hub-misfit")
        }
        let dead = Desk()
        dead.hub(answers: Desk.hubGives(Desk.jwt(["exp": 1_799_999_999]), for: 300))
        #expect(try await problem(dead.made())?.code == "hub-away")
    }

    @Test func `who logs in again after the login has ended gets a token at once`() async throws {
        let desk = Desk()
        let no = Desk.Answer(status: 403, body: ["code": "login-expired"])
        desk.hub(answers: no, Desk.hubGives("again", for: 300))
        let made = desk.made()
        #expect(try await problem(made)?.code == "login-expired")
        #expect(try await problem(made) == nil)
    }

    @Test func `that there is none stands for a moment and not longer`() async throws {
        let desk = Desk()
        desk.hub(answers: Desk.Answer(status: 400, body: [:]), Desk.hubGives("again", for: 300))
        let made = desk.made()
        #expect(try await problem(made)?.code == "hub-misfit")
        #expect(try await problem(made)?.code == "hub-misfit")
        #expect(desk.hubAsked.count == 1)
        desk.pass(.seconds(10))
        #expect(try await problem(made) == nil)
    }

    @Test func `where tokens are exchanged the narrow one is handed over`() async throws {
        let desk = Desk()
        let narrow = Desk.jwt(["aud": ["https://arc.example.org"], "exp": 1_800_000_120])
        desk.hub(answers: Desk.hubGives("wide", for: 300))
        desk.issuer(answers: Desk.Answer(body: ["access_token": JSON(narrow), "expires_in": 300]))
        let token = try await desk.made().accessToken(
            for: arc, of: Desk.reservation(), at: try Desk.site(exchanges: true))
        #expect(token.accessToken == narrow && token.narrowedBy == .exchange && token.warning == nil)
        #expect(token.expiry == Instant(unixSeconds: 1_800_000_120))
        let form = try #require(desk.exchanges.first)
        #expect(form.contains("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"))
        #expect(form.contains("subject_token=wide&") && form.contains("audience=https%3A%2F%2Farc.example.org"))
        #expect("\(token)".contains(narrow) == false)
    }

    @Test func `an exchange that fails hands nothing over, least of all the wide token`() async throws {
        let answers: [Desk.Answer?] = [
            nil, Desk.Answer(status: 400, body: ["error": "invalid_target"]), Desk.Answer(body: [:]),
            Desk.Answer(body: ["access_token": "two words"]), Desk.Answer(body: ["access_token": "wide"]),
            Desk.Answer(body: ["access_token": JSON(Desk.jwt(["aud": "https://other.example.org"]))]),
            Desk.Answer(body: ["access_token": JSON(Desk.jwt(["exp": 1_700_000_000]))]),
            Desk.Answer(
                body: ["access_token": "t", "issued_token_type": "urn:ietf:params:oauth:token-type:id_token"]),
        ]
        for answer in answers {
            let desk = Desk()
            desk.hub(answers: Desk.hubGives("wide", for: 300))
            if let answer { desk.issuer(answers: answer) }
            let problem = try await problem(desk.made(), exchanges: true)
            #expect(problem?.code == "token-not-exchanged" && problem?.detail.contains("wide") == false)
        }
    }
}
