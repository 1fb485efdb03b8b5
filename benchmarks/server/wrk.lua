-- Requests for wrk: wrk -s wrk.lua URL -- FILE. Each line of FILE is a body; each thread sends all of them in turn.
-- At the end one line of JSON stands on standard output, after wrk's own words.

local requests, next_request = {}, 0

function init(args)
   local headers = {["Content-Type"] = "application/json"}
   for body in io.lines(args[1]) do
      requests[#requests + 1] = wrk.format("POST", nil, headers, body)
   end
end

function request()
   next_request = next_request % #requests + 1
   return requests[next_request]
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      '\n{"requests": %d, "seconds": %.6f, "p50_us": %d, "p99_us": %d, "failed": %d}\n',
      summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
      errors.status + errors.connect + errors.read + errors.write + errors.timeout
   ))
end
