// Command generator loads an HTTP/1.1 server with requests that were prepared before, and prints what it saw as JSON.
//
//	generator -address 127.0.0.1:3000 -requests FILE -connections 32 -seconds 5 [-rate 5000] [-close]
//
// Without a rate each connection sends its next request when the last one is answered (a closed loop). With a rate,
// requests are due at even gaps whether or not the server keeps up (an open loop), and a latency counts from when its
// request was due: where a server stalls, all requests that were due in the meantime have waited, too (no "coordinated
// omission"). Both end when all is answered. With -close each request has a connection of its own.
//
// One thread, epoll, and of a reply no more than its status and its length is read: so it costs a few microseconds of
// processor time for each request, and says how many.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"os"
	"runtime"
	"runtime/debug"
	"sort"
	"syscall"
	"time"
)

var (
	address     = flag.String("address", "", "IPv4 address:port")
	file        = flag.String("requests", "", "file of requests, each after a line with its length in bytes")
	connections = flag.Int("connections", 64, "how many are open, or at most under way")
	seconds     = flag.Float64("seconds", 5, "how long to send")
	rate        = flag.Float64("rate", 0, "requests per second; 0: as many as are answered")
	closes      = flag.Bool("close", false, "each request says Connection: close, and gets a new connection")
)

func main() {
	flag.Parse()
	debug.SetGCPercent(-1) // nothing is thrown away while it runs
	runtime.LockOSThread()
	l := newLoop(readRequests(*file), parseAddress(*address))
	before := processorSeconds()
	start := time.Now()
	l.run(start)
	report(l, time.Since(start), processorSeconds()-before)
}

// processorSeconds returns what this process has used.
func processorSeconds() float64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		log.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()).Seconds()
}

// report prints percentiles of the requests that were answered.
func report(l *loop, took time.Duration, processor float64) {
	sort.Slice(l.latencies, func(a, b int) bool { return l.latencies[a] < l.latencies[b] })
	n := len(l.latencies)
	at := func(share float64) (ms float64) {
		if n > 0 {
			ms = float64(l.latencies[int(share*float64(n-1))]) / 1e6
		}
		return ms
	}
	json.NewEncoder(os.Stdout).Encode(map[string]float64{
		"answered": float64(n), "failed": float64(l.failed), "seconds": took.Seconds(),
		"p50_ms": at(0.5), "p99_ms": at(0.99), "p999_ms": at(0.999),
		"late_ms": float64(l.late) / 1e6, "processor_seconds": processor,
	})
}
