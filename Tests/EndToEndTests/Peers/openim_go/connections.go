package main

import "sync"

// connections are the registered ones by user. The event loop adds and removes them, everybody reads.
type connections struct {
	lock   sync.RWMutex
	byUser map[string][]*client
}

func (m *connections) of(user string) (all []*client, known bool) {
	m.lock.RLock()
	defer m.lock.RUnlock()
	all, known = m.byUser[user]
	return append([]*client(nil), all...), known
}

func (m *connections) add(c *client) {
	m.lock.Lock()
	m.byUser[c.user] = append(m.byUser[c.user], c)
	m.lock.Unlock()
}

// remove takes out whoever has one of these remote addresses, and says whether the user has no connection now.
func (m *connections) remove(user string, addresses ...string) (gone bool) {
	m.lock.Lock()
	defer m.lock.Unlock()
	var kept []*client
	for _, c := range m.byUser[user] {
		if !contains(addresses, c.address) {
			kept = append(kept, c)
		}
	}
	if len(kept) > 0 {
		m.byUser[user] = kept
		return false
	}
	delete(m.byUser, user)
	return true
}

func contains(all []string, one string) bool {
	for _, each := range all {
		if each == one {
			return true
		}
	}
	return false
}
