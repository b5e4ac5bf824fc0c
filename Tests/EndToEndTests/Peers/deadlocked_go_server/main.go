// deadlocked_go_server is a WebSocket server whose hub sends to a channel that only the hub reads.
//
// One goroutine, the hub, receives logins and logouts from two bounded channels. When an account logs in while an older
// session of it is open, the hub itself closes the older one, which sends to the logout channel. Once that channel is
// full the hub waits for ever for itself, and everybody else for the hub. With -lock it waits for the lock of a session
// whose goroutine waits for the hub. With -healthy the hub leaves the closing to another goroutine.
//
// It answers the opening handshake before the login is queued, echoes text, answers PING and closes politely; net/http/
// pprof listens on a port of its own. One line of JSON on standard output says where.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"time"
)

type hub struct {
	sessions   map[string]*session
	register   chan *session
	unregister chan *session
	delay      time.Duration
	healthy    bool
	lock       bool
}

// run is the only receiver of both channels.
func (h *hub) run() {
	for {
		select {
		case s := <-h.register:
			time.Sleep(h.delay)
			h.login(s)
		case s := <-h.unregister:
			time.Sleep(h.delay)
			if h.sessions[s.account] == s {
				delete(h.sessions, s.account)
			}
		}
	}
}

func (h *hub) login(s *session) {
	old := h.sessions[s.account]
	h.sessions[s.account] = s
	if old == nil {
		return
	}
	if h.healthy {
		go h.kick(old)
	} else {
		h.kick(old)
	}
}

// kick ends a session on behalf of a newer one of the same account.
func (h *hub) kick(old *session) {
	old.writeClose(4001)
	old.close()
}

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address for WebSocket connections")
	debug := flag.String("debug", "127.0.0.1:0", "address for /debug/pprof")
	capacity := flag.Int("capacity", 4, "places of the register and of the unregister channel")
	delay := flag.Duration("delay", time.Millisecond, "time the hub takes for each login and logout")
	healthy := flag.Bool("healthy", false, "let another goroutine close the older session")
	lock := flag.Bool("lock", false, "hold a lock of the session while its logout waits for a place")
	flag.Parse()

	h := &hub{
		sessions:   map[string]*session{},
		register:   make(chan *session, *capacity),
		unregister: make(chan *session, *capacity),
		delay:      *delay,
		healthy:    *healthy,
		lock:       *lock,
	}
	clients, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	profiles, err := net.Listen("tcp", *debug)
	if err != nil {
		log.Fatal(err)
	}
	go h.run()
	// net/http/pprof registers itself with the default mux.
	go func() { log.Fatal(http.Serve(profiles, nil)) }()
	line, err := json.Marshal(map[string]string{
		"address": clients.Addr().String(),
		"pprof":   fmt.Sprintf("http://%s/debug/pprof", profiles.Addr()),
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := fmt.Fprintln(os.Stdout, string(line)); err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(clients, http.HandlerFunc(h.serveClient)))
}
