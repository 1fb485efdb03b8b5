// Asks, with Go's own client, whether a body may be sent, and then with the same client for a prediction.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

func ask(client *http.Client, url string, body io.Reader, length int64, expect bool) {
	request, err := http.NewRequest("POST", url, body)
	if err != nil {
		panic(err)
	}
	request.ContentLength = length
	request.Header.Set("Content-Type", "application/json")
	if expect {
		request.Header.Set("Expect", "100-continue")
	}
	reply, err := client.Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	content, _ := io.ReadAll(reply.Body)
	reply.Body.Close()
	fmt.Println(reply.StatusCode, strings.TrimSpace(string(content)))
}

func main() {
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: 5 * time.Second, MaxConnsPerHost: 1}}
	row := `{"instances": [[5.1, 3.5, 1.4, 0.2]]}`
	hidden := "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
	ask(client, os.Args[1]+"/predict", strings.NewReader(row), int64(len(row)), true)
	ask(client, os.Args[1]+"/nothing", strings.NewReader(hidden), int64(len(hidden)), true)
	ask(client, os.Args[1]+"/predict", strings.NewReader(row), int64(len(row)), false)
}
