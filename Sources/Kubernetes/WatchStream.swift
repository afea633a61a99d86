// SPDX-License-Identifier: Apache-2.0
internal import HTTPClient
internal import JSONTree

/// One connection of a watch: a line of JSON for each event, until the server ends it.
struct WatchStream {
    enum Event {
        /// Added or modified.
        case set(JSON)
        case gone(JSON)
        /// Nothing has changed, up to this version.
        case bookmark
    }

    private let call: ResourceCall
    private let stream: HTTPClientStream
    private var splitter: LineSplitter
    private var lines: ArraySlice<[UInt8]> = []

    init(_ call: ResourceCall, _ stream: HTTPClientStream, lineBytesMost: Int) {
        self.call = call
        self.stream = stream
        splitter = LineSplitter(most: lineBytesMost)
    }

    /// The next event, and the version up to which everything has been told then; nil when the server has ended the
    /// watch, as it does after the time that it was asked for.
    ///
    /// - Throws: `expired` also where the server says so in an event.
    mutating func next() async throws(KubernetesError) -> (Event, version: String)? {
        while lines.isEmpty {
            guard let piece = try await piece() else {
                guard !splitter.hasRest else { throw .unreadable(call, "the end of a watch in the middle of an event") }
                return nil
            }
            do throws(LineSplitter.LineTooLong) { lines = try splitter.take(piece)[...] } catch {
                throw .unreadable(call, "an event that is larger than any object may be")
            }
        }
        return try event(lines.removeFirst())
    }

    private func piece() async throws(KubernetesError) -> [UInt8]? {
        do throws(HTTPClientError) { return try await stream.next() } catch { throw .noAnswer(call, error) }
    }

    private func event(_ line: [UInt8]) throws(KubernetesError) -> (Event, version: String) {
        let json: JSON
        do throws(JSONError) { json = try JSON(parsing: line) } catch { throw .unreadable(call, error.place) }
        guard let type = json["type"]?.string, let object = json["object"] else {
            throw .unreadable(call, "a line that is no event")
        }
        if type == "ERROR" { throw ServerStatus(object).error(of: call, retryAfter: nil) }
        guard let version = object["metadata"]?["resourceVersion"]?.string, !version.isEmpty else {
            throw .unreadable(call, "an event without a version")
        }
        switch type {
        case "ADDED", "MODIFIED": return (.set(object), version)
        case "DELETED": return (.gone(object), version)
        case "BOOKMARK": return (.bookmark, version)
        default: throw .unreadable(call, "an event of the unknown type \(type.shortened)")
        }
    }
}

extension Cluster {
    /// A watch of what has changed since `version`, which the server is asked to end after `span`.
    func open(
        _ terms: WatchTerms, since version: String, for span: Duration
    ) async throws(KubernetesError) -> WatchStream {
        let call = ResourceCall(.watch, terms.kind, in: terms.namespace)
        var question = Question(call, .get, most: limits.objectBytes)
        question.query.add("watch", "1")
        question.query.add("allowWatchBookmarks", "true")
        question.query.add("resourceVersion", version)
        question.query.add("timeoutSeconds", "\(span.components.seconds)")
        question.query.add("labelSelector", terms.labels)
        question.query.add("fieldSelector", terms.fields)
        if terms.metadataOnly { question.accept = Cluster.metadataOnly(list: false) }
        let stream = try await open(question, timeout: span + terms.silence, silence: terms.silence)
        return WatchStream(call, stream, lineBytesMost: limits.objectBytes)
    }

    private func open(
        _ question: Question, timeout: Duration, silence: Duration
    ) async throws(KubernetesError) -> HTTPClientStream {
        var tokenIsNew = false
        while true {
            let bearer = try token?.current()
            let request = try request(for: question, bearer, timeout: timeout)
            let stream: HTTPClientStream
            do throws(HTTPClientError) { stream = try await asking.open(request, idle: silence) } catch {
                throw .noAnswer(question.call, error)
            }
            if stream.head.status == 200 { return stream }
            if stream.head.status == 401, !tokenIsNew, let bearer, try token?.replaced(bearer) == true {
                tokenIsNew = true
                continue
            }
            throw await ServerStatus(code: stream.head.status, stream.status())
                .error(of: question.call, retryAfter: stream.head.retryAfter)
        }
    }
}

extension HTTPClientStream {
    /// What a server that refuses says, as far as it is as short as it should be.
    fileprivate func status() async -> JSON? {
        var bytes: [UInt8] = []
        while bytes.count < 64 << 10, let piece = try? await next() { bytes += piece }
        let json = try? JSON(parsing: bytes)
        return json?["kind"]?.string == "Status" ? json : Optional.none
    }
}
