package main

import (
	"syscall"
)

var buffer = make([]byte, 1<<18) // shared: what is read is looked at once

// A connection has at most one request under way, and is opened anew when the server has closed it.
type connection struct {
	loop  *loop
	index int
	to    *syscall.SockaddrInet4
	fd    int    // -1: closed
	due   int64  // when the request was due
	out   []byte // what of the request is still to be sent
	busy  bool
	reply reply
}

func (c *connection) send(request []byte, due int64) {
	c.due, c.out, c.busy, c.reply = due, request, true, reply{head: c.reply.head[:0]}
	if c.fd < 0 {
		c.open()
	}
	c.flush()
}

func (c *connection) open() {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return // the write will fail
	}
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	c.fd = fd
	syscall.Connect(fd, c.to) // in progress; an error is told by the write
	watch(c.loop.epoll, fd, c.index)
}

// flush writes what the kernel takes.
func (c *connection) flush() {
	for len(c.out) > 0 {
		n, err := syscall.Write(c.fd, c.out)
		if err == syscall.EAGAIN {
			return
		}
		if err != nil {
			c.end(false)
			return
		}
		c.out = c.out[n:]
	}
}

// receive reads until the reply is whole, the server has closed, or nothing more is there.
func (c *connection) receive() {
	for c.fd >= 0 {
		n, err := syscall.Read(c.fd, buffer)
		if err == syscall.EAGAIN {
			return
		}
		if err != nil || n == 0 {
			c.end(c.busy && c.reply.isWholeAtEnd())
			return
		}
		if c.reply.take(buffer[:n]); c.reply.isWhole && !*closes {
			if c.reply.closes {
				c.end(c.reply.isGood)
			} else {
				c.done(c.reply.isGood)
			}
			return
		}
	}
}

// end closes the connection.
func (c *connection) end(answered bool) {
	syscall.Close(c.fd)
	c.fd, c.out = -1, nil
	c.done(answered)
}

func (c *connection) done(answered bool) {
	if c.busy {
		c.busy = false
		c.loop.finished(c, answered)
	}
}
