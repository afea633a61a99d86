-- SPDX-License-Identifier: Apache-2.0
-- wrk's side of a measurement: one fixed request, given in the environment, and the figures as one line of JSON.
wrk.method = os.getenv("LOAD_METHOD") or "GET"

local body = os.getenv("LOAD_BODY_FILE")
if body then
    local file = assert(io.open(body, "rb"))
    wrk.body = file:read("*a")
    file:close()
    wrk.headers["Content-Type"] = "application/json"
end

local token_file = os.getenv("LOAD_TOKEN_FILE")
if token_file then
    local file = assert(io.open(token_file, "r"))
    wrk.headers["Authorization"] = "Bearer " .. file:read("*l")
    file:close()
end

function done(summary, latency, _)
    local e = summary.errors
    io.write(string.format(
        '\n{"requests": %d, "duration_us": %d, "bytes": %d, "p50_us": %d, "p99_us": %d, "failed": %d}\n',
        summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
        e.connect + e.read + e.write + e.status + e.timeout))
end
