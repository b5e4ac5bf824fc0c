// openim_go is a message gateway of OpenIM with its REST API, in one process.
//
// It stands on what the real one stands on: Go's encoding/gob, encoding/json and compress/gzip, net/http, and gorilla's
// websocket (Debian's golang-github-gorilla-websocket-dev). It has the real one's event loop too, with the flaw that it
// waits for itself when the unregister channel is full and it kicks a connection. Where the backend's calls would be, it
// sleeps for --call.
//
// What it leaves out: the requests 1005 to 1007, changes of who is online (the pushes of 2005), groups, messages sent by
// the API, and several gateways that tell each other of logins.
//
// Its first line of output says where it listens; net/http/pprof and /metrics have a port of their own. It ends on
// SIGTERM, SIGINT, after --max-seconds, or when standard input, if it is a pipe, is closed, and then prints what it has
// seen as one line of JSON.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

func main() {
	version := flag.String("version", version351, "3.5.1 or 3.8.3")
	secret := flag.String("secret", "openIM123", "that signs the tokens")
	policy := flag.Int("policy", 1, "login policy: 0, 1, 4 or 5")
	call := flag.Duration("call", time.Millisecond, "how long a backend call of the event loop takes")
	mostConns := flag.Int64("most-connections", 100000, "1601 beyond")
	readDeadline := flag.Float64("read-deadline", 30, "seconds of silence")
	reuse := flag.Bool("reuse", true, "use client objects again, as the real one does, with what may come of it")
	maxSeconds := flag.Float64("max-seconds", 300, "how long it lives")
	flag.Parse()
	if *version != version351 && *version != version383 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(64)
	}

	g := &gateway{
		version:      *version,
		policy:       *policy,
		call:         *call,
		readDeadline: time.Duration(*readDeadline * float64(time.Second)),
		mostConns:    *mostConns,
		reuse:        *reuse,
		accounts:     newAccounts(*version, *secret, *policy),
		record:       newRecord(),
		register:     make(chan *client, queueCapacity),
		unregister:   make(chan *client, queueCapacity),
	}
	g.users.byUser = map[string][]*client{}
	g.pool.New = func() any { return new(client) }
	g.messages = newMessages(g)
	go g.runEventLoop()
	// net/http/pprof registers itself with the default mux.
	http.HandleFunc("/metrics", g.serveMetrics)

	ports := map[string]any{"version": *version}
	ports["gateway"] = serve(http.HandlerFunc(g.serveClient))
	ports["api"] = serve(&api{g, g.accounts, g.record})
	ports["debug"] = serve(http.DefaultServeMux)
	line, err := json.Marshal(ports)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(line))
	waitForEnd(time.Duration(*maxSeconds * float64(time.Second)))
	fmt.Println(g.record)
}

func serve(handler http.Handler) (port int) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { log.Fatal(server.Serve(listener)) }()
	return listener.Addr().(*net.TCPAddr).Port
}

func waitForEnd(most time.Duration) {
	ends := make(chan os.Signal, 1)
	signal.Notify(ends, syscall.SIGTERM, syscall.SIGINT)
	closed := make(chan struct{})
	if info, err := os.Stdin.Stat(); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
		go func() {
			io.Copy(io.Discard, os.Stdin)
			close(closed)
		}()
	}
	select {
	case <-ends:
	case <-closed:
	case <-time.After(most):
	}
}

// serveMetrics has the two numbers by which a frozen event loop is seen from outside.
func (g *gateway) serveMetrics(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	fmt.Fprintf(w, "# TYPE go_goroutines gauge\ngo_goroutines %d\n", runtime.NumGoroutine())
	fmt.Fprintf(w, "# TYPE online_user_num gauge\nonline_user_num %d\n", g.onlineUsers.Load())
}
