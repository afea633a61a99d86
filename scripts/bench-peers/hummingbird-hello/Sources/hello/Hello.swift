// SPDX-License-Identifier: Apache-2.0
import Hummingbird
import Logging

/// `hello PORT BODY CONTENT-TYPE`: answers `GET /livez` with BODY, the way Hummingbird's own
/// getting-started page writes a route. Nothing is logged for a request.
@main
struct Hello {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let port = Int(arguments[1]) else {
            fatalError("usage: hello PORT BODY CONTENT-TYPE")
        }
        let body = ByteBuffer(string: arguments[2])
        let headers: HTTPFields = [.contentType: arguments[3]]

        let router = Router()
        router.get("livez") { _, _ in
            Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
        }
        var logger = Logger(label: "hello")
        logger.logLevel = .error
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: port), serverName: nil),
            logger: logger
        )
        try await application.runService()
    }
}
