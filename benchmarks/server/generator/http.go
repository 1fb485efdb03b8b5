package main

import (
	"bytes"
	"log"
	"net"
	"os"
	"strconv"
	"syscall"
)

var blank, lastChunk = []byte("\r\n\r\n"), []byte("0\r\n\r\n")

// A reply is read as far as one must to know where it ends.
type reply struct {
	head     []byte // as long as it is not whole
	hasHead  bool
	isGood   bool // status 200
	isWhole  bool
	closes   bool
	length   int // bytes of the body still to come; -1: unknown
	chunked  bool
	lastSeen []byte // of a chunked body
}

// take looks at the next bytes.
func (r *reply) take(next []byte) {
	if !r.hasHead {
		if len(r.head) > 0 {
			r.head = append(r.head, next...)
			next = r.head
		}
		end := bytes.Index(next, blank)
		if end < 0 {
			r.head = append(r.head[:0], next...)
			return
		}
		r.readHead(next[:end])
		next = next[end+len(blank):]
	}
	switch {
	case r.chunked:
		r.lastSeen = append(r.lastSeen, next...)
		r.lastSeen = r.lastSeen[len(r.lastSeen)-min(len(r.lastSeen), len(lastChunk)):]
		r.isWhole = bytes.Equal(r.lastSeen, lastChunk)
	case r.length >= 0:
		r.length -= len(next)
		r.isWhole = r.length <= 0
	}
}

// isWholeAtEnd says whether a reply that the server ended by closing is good and whole.
func (r *reply) isWholeAtEnd() bool {
	return r.hasHead && r.isGood && (r.isWhole || r.length < 0 && !r.chunked)
}

func (r *reply) readHead(head []byte) {
	r.hasHead, r.length = true, -1
	r.isGood = bytes.HasPrefix(head, []byte("HTTP/1.1 200 "))
	for len(head) > 0 {
		var line []byte
		line, head, _ = bytes.Cut(head, []byte("\r\n"))
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch value = bytes.TrimSpace(value); {
		case is(name, "content-length"):
			r.length, _ = strconv.Atoi(string(value))
		case is(name, "transfer-encoding"):
			r.chunked = is(value, "chunked")
		case is(name, "connection"):
			r.closes = is(value, "close")
		}
	}
}

func is(given []byte, word string) bool {
	return len(given) == len(word) && bytes.EqualFold(given, []byte(word))
}

// readRequests returns the requests of a file.
func readRequests(file string) (requests [][]byte) {
	content, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	for len(content) > 0 {
		line, rest, _ := bytes.Cut(content, []byte("\n"))
		length, err := strconv.Atoi(string(line))
		if err != nil || length > len(rest) {
			log.Fatalf("%s: request %d has no length that fits", file, len(requests))
		}
		requests, content = append(requests, rest[:length]), rest[length:]
	}
	return requests
}

func parseAddress(text string) *syscall.SockaddrInet4 {
	address, err := net.ResolveTCPAddr("tcp4", text)
	if err != nil {
		log.Fatal(err)
	}
	return &syscall.SockaddrInet4{Port: address.Port, Addr: *(*[4]byte)(address.IP.To4())}
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}

func max(a, b int) int {
	if a > b {
		return a
	}
	return b
}
