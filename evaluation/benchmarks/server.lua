-- What bench_server.py has wrk do: post the pictures 0.png to (n-1).png of a folder in turn, and print as
-- JSON what came of it. Called with: -- FOLDER N

local requests, turn = {}, 0

function init(arguments)
  for number = 0, tonumber(arguments[2]) - 1 do
    local file = assert(io.open(arguments[1] .. "/" .. number .. ".png", "rb"))
    requests[number + 1] = wrk.format("POST", nil, { ["Content-Type"] = "image/png" }, file:read("*a"))
    file:close()
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  local form = '\n{"requests": %d, "seconds": %.3f, "errors": %d, "p50_ms": %.2f, "p95_ms": %.2f, '
    .. '"p99_ms": %.2f, "largest_ms": %.2f}\n'
  io.write(form:format(summary.requests, summary.duration / 1e6, failed, latency:percentile(50) / 1e3,
    latency:percentile(95) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
