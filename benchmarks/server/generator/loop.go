package main

import (
	"log"
	"syscall"
	"time"
	"unsafe"
)

const timeout = 30 * time.Second // after the last request was sent

// A loop sends requests over connections and takes their replies, woken by epoll. Times are nanoseconds since start.
type loop struct {
	requests    [][]byte
	connections []*connection
	free        []*connection // oldest first; with a rate, those that wait for a request
	epoll       int
	timer       int
	start       time.Time
	end         int64 // when to stop sending
	sent        int
	underWay    int
	failed      int
	starved     bool    // a request is due and no connection free
	late        int64   // by how much a request was sent after it was due at worst, though a connection was free
	latencies   []int64 // of requests that were answered
}

func newLoop(requests [][]byte, to *syscall.SockaddrInet4) *loop {
	epoll, err := syscall.EpollCreate1(0)
	if err != nil {
		log.Fatal(err)
	}
	l := &loop{requests: requests, epoll: epoll, latencies: make([]int64, 0, 1<<22)}
	for i := 0; i < *connections; i++ {
		l.connections = append(l.connections, &connection{loop: l, index: i, to: to, fd: -1})
	}
	return l
}

// run sends until the time is over, and returns when all is answered or has had its time.
func (l *loop) run(start time.Time) {
	l.start, l.end = start, int64(*seconds*1e9)
	if *rate > 0 {
		l.free = append(l.free, l.connections...)
		l.startTimer(int64(1e9 / *rate))
	} else {
		for _, c := range l.connections {
			l.next(c, 0)
		}
	}
	events := make([]syscall.EpollEvent, 256)
	for now := l.now(); (now < l.end || l.underWay > 0) && now < l.end+int64(timeout); now = l.now() {
		n, err := syscall.EpollWait(l.epoll, events, 100)
		if err != nil && err != syscall.EINTR {
			log.Fatal(err)
		}
		for _, event := range events[:max(n, 0)] {
			l.handle(event)
		}
	}
	l.failed += l.underWay
}

func (l *loop) now() int64 { return int64(time.Since(l.start)) }

func (l *loop) handle(event syscall.EpollEvent) {
	if event.Fd < 0 {
		syscall.Read(l.timer, buffer[:8]) // or it would not go on
		l.sendDue()
		return
	}
	c := l.connections[event.Fd]
	if c.flush(); event.Events&^syscall.EPOLLOUT != 0 {
		c.receive()
	}
}

// next sends a connection's next request.
func (l *loop) next(c *connection, due int64) {
	request := l.requests[l.sent%len(l.requests)]
	l.sent++
	l.underWay++
	c.send(request, due)
}

// finished notes what became of a connection's request, and gives it the next one; one that failed gets no more.
func (l *loop) finished(c *connection, answered bool) {
	now := l.now()
	l.underWay--
	if !answered {
		l.failed++
		return
	}
	l.latencies = append(l.latencies, now-c.due)
	if *rate > 0 {
		l.free = append(l.free, c)
		l.sendDue()
	} else if now < l.end {
		l.next(c, now)
	}
}

// sendDue sends what is due as far as there are connections.
func (l *loop) sendDue() {
	gap, now := int64(1e9 / *rate), l.now()
	for {
		due := int64(l.sent+1) * gap
		if due > now || due > l.end || len(l.free) == 0 {
			l.starved = due <= now && due <= l.end
			return
		}
		if !l.starved && now-due > l.late {
			l.late = now - due
		}
		c := l.free[0]
		l.free = l.free[1:]
		l.next(c, due)
	}
}

// startTimer lets epoll wake the loop whenever a request is due; Go's own timers are good to a millisecond.
func (l *loop) startTimer(gap int64) {
	const monotonic, nonBlocking = 1, syscall.O_NONBLOCK
	fd, _, errno := syscall.Syscall(syscall.SYS_TIMERFD_CREATE, monotonic, nonBlocking, 0)
	if errno != 0 {
		log.Fatal(errno)
	}
	every := [2]syscall.Timespec{syscall.NsecToTimespec(gap), syscall.NsecToTimespec(gap)}
	syscall.Syscall6(syscall.SYS_TIMERFD_SETTIME, fd, 0, uintptr(unsafe.Pointer(&every)), 0, 0, 0)
	l.timer = int(fd)
	watch(l.epoll, l.timer, -1)
}

// watch lets epoll tell once of whatever happens to a file, by a number.
func watch(epoll, fd, number int) {
	const edge = 1 << 31
	events := syscall.EPOLLIN | syscall.EPOLLOUT | syscall.EPOLLRDHUP | edge
	event := syscall.EpollEvent{Events: uint32(events), Fd: int32(number)}
	if err := syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, fd, &event); err != nil {
		log.Fatal(err)
	}
}
