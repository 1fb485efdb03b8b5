// Command openloop sends requests at a fixed rate, whether or not the server keeps up, and prints latencies as JSON.
//
//	openloop -address 127.0.0.1:3000 -path /predict -bodies FILE -rate 500 -seconds 5
//
// A latency is counted from the instant at which a request was due, not from when it could be sent: where a server
// stalls, all requests that were due in the meantime have waited, too (no "coordinated omission").
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"runtime"
	"sort"
	"sync"
	"syscall"
	"time"
)

var (
	address     = flag.String("address", "", "host:port")
	path        = flag.String("path", "/", "path")
	bodies      = flag.String("bodies", "", "file with one body a line")
	rate        = flag.Float64("rate", 100, "requests per second")
	seconds     = flag.Float64("seconds", 5, "how long to send")
	connections = flag.Int("connections", 64, "at most so many requests are under way")
)

const timeout = 30 * time.Second

// A worker has one connection, and opens another when the server has closed it.
type worker struct {
	conn   net.Conn
	reader *bufio.Reader
}

func (w *worker) ask(request []byte) error {
	if w.conn == nil {
		conn, err := net.DialTimeout("tcp", *address, timeout)
		if err != nil {
			return err
		}
		w.conn, w.reader = conn, bufio.NewReader(conn)
	}
	keep, err := w.exchange(request)
	if !keep {
		w.conn.Close()
		w.conn = nil
	}
	return err
}

func (w *worker) exchange(request []byte) (keep bool, err error) {
	w.conn.SetDeadline(time.Now().Add(timeout))
	if _, err := w.conn.Write(request); err != nil {
		return false, err
	}
	response, err := http.ReadResponse(w.reader, nil)
	if err != nil {
		return false, err
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return false, err
	}
	if response.StatusCode != http.StatusOK {
		return false, fmt.Errorf("status %d", response.StatusCode)
	}
	return !response.Close, nil
}

// readRequests returns each body of the file as a complete request.
func readRequests() (requests [][]byte) {
	content, err := os.ReadFile(*bodies)
	if err != nil {
		log.Fatal(err)
	}
	for _, body := range bytes.Split(bytes.TrimSpace(content), []byte("\n")) {
		head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
			*path, *address, len(body))
		requests = append(requests, append([]byte(head), body...))
	}
	return requests
}

// pace sends each request's number when it is due, and returns by how much the latest was late. Go's own timers are
// good to a millisecond, so the thread sleeps in the kernel.
func pace(start time.Time, due []time.Duration, jobs chan<- int) (late time.Duration) {
	runtime.LockOSThread()
	for i := range due {
		for wait := due[i] - time.Since(start); wait > 0; wait = due[i] - time.Since(start) {
			pause := syscall.NsecToTimespec(wait.Nanoseconds())
			syscall.Nanosleep(&pause, nil)
		}
		if by := time.Since(start) - due[i]; by > late {
			late = by
		}
		jobs <- i // never waits: there is room for all
	}
	close(jobs)
	return late
}

func main() {
	flag.Parse()
	requests := readRequests()
	due := make([]time.Duration, int(*rate**seconds))
	for i := range due {
		due[i] = time.Duration(float64(i) / *rate * 1e9)
	}
	latencies, failed := make([]time.Duration, len(due)), make([]bool, len(due))
	jobs, start := make(chan int, len(due)), time.Now()
	var workers sync.WaitGroup
	for n := 0; n < *connections; n++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			var w worker
			for i := range jobs {
				failed[i] = w.ask(requests[i%len(requests)]) != nil
				latencies[i] = time.Since(start) - due[i]
			}
		}()
	}
	late := pace(start, due, jobs)
	workers.Wait()
	report(latencies, failed, late, time.Since(start))
}

// report prints percentiles of the requests that were answered.
func report(latencies []time.Duration, failed []bool, late, took time.Duration) {
	answered := []time.Duration{}
	for i, latency := range latencies {
		if !failed[i] {
			answered = append(answered, latency)
		}
	}
	sort.Slice(answered, func(a, b int) bool { return answered[a] < answered[b] })
	at := func(share float64) (us float64) {
		if len(answered) > 0 {
			us = float64(answered[int(share*float64(len(answered)-1))].Nanoseconds()) / 1e3
		}
		return us
	}
	json.NewEncoder(os.Stdout).Encode(map[string]float64{
		"requests": float64(len(latencies)), "failed": float64(len(latencies) - len(answered)), "seconds": took.Seconds(),
		"p50_us": at(0.5), "p99_us": at(0.99), "p999_us": at(0.999), "max_us": at(1), "latest_send_us": float64(late.Microseconds()),
	})
}
