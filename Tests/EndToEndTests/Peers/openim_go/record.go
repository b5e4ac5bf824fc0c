package main

import (
	"encoding/json"
	"fmt"
	"sync"
)

// record counts what the server has seen, so that a client's report can be compared with it. Its keys are those of
// ../openim/openim_record.py where they mean the same.
type record struct {
	lock   sync.Mutex
	counts map[string]int
	groups map[string]map[string]int
}

func newRecord() *record {
	r := &record{counts: map[string]int{}, groups: map[string]map[string]int{}}
	for _, name := range []string{
		"handshakes", "messages", "acks", "errors", "pushes", "own_pushes", "kicks", "forced_logouts", "logouts", "pings",
		"text_pings", "server_pings", "closes_received", "client_ended", "most_online", "online", "users_registered",
		"tokens_made", "pushes_to_nobody",
	} {
		r.counts[name] = 0
	}
	for _, name := range []string{"refused", "requests", "server_ended", "api_calls", "api_errors"} {
		r.groups[name] = map[string]int{}
	}
	return r
}

func (r *record) add(name string) {
	r.lock.Lock()
	r.counts[name]++
	r.lock.Unlock()
}

// addTo counts one of a kind: a request by its identifier, a refusal by its code.
func (r *record) addTo(group string, kind any) {
	r.lock.Lock()
	r.groups[group][fmt.Sprint(kind)]++
	r.lock.Unlock()
}

func (r *record) online(now int) {
	r.lock.Lock()
	r.counts["online"] = now
	if now > r.counts["most_online"] {
		r.counts["most_online"] = now
	}
	r.lock.Unlock()
}

func (r *record) String() string {
	r.lock.Lock()
	defer r.lock.Unlock()
	all := map[string]any{}
	for name, count := range r.counts {
		all[name] = count
	}
	for name, group := range r.groups {
		all[name] = group
	}
	line, err := json.Marshal(all)
	if err != nil {
		return err.Error()
	}
	return string(line)
}
