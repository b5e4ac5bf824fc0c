package main

import (
	"sync"
	"sync/atomic"
	"time"
)

const (
	version351 = "3.5.1"
	version383 = "3.8.3"
	// queueCapacity is the size of OpenIM's register and unregister channels.
	queueCapacity = 1000
	readLimit     = 51200
	writeTimeout  = 10 * time.Second
)

// gateway is OpenIM's message gateway: one event loop that alone receives logins and logouts, and alone changes the map.
type gateway struct {
	version      string
	policy       int
	call         time.Duration
	readDeadline time.Duration
	mostConns    int64
	reuse        bool

	accounts   *accounts
	messages   *messages
	record     *record
	users      connections
	register   chan *client
	unregister chan *client
	pool       sync.Pool
	conns      atomic.Int64
	// onlineUsers is the gauge online_user_num, with the drift that OpenIM's has.
	onlineUsers atomic.Int64
}

func (g *gateway) isOld() bool { return g.version == version351 }

// backendCall stands for a remote call that the event loop makes and waits for, without any deadline.
func (g *gateway) backendCall() {
	if g.call > 0 {
		time.Sleep(g.call)
	}
}

// runEventLoop handles one login or logout at a time. What it calls must not send to the channels that it reads. It does.
func (g *gateway) runEventLoop() {
	for {
		select {
		case c := <-g.register:
			g.registerClient(c)
		case c := <-g.unregister:
			g.unregisterClient(c)
		}
	}
}

func (g *gateway) registerClient(c *client) {
	older, known := g.users.of(c.user)
	if known {
		g.checkOlderLogins(c, older)
	} else {
		g.onlineUsers.Add(1)
	}
	g.users.add(c)
	g.record.online(int(g.conns.Add(1)))
	// 3.5 sets the user's status to online. 3.8 tells the other gateway, of which there is one in a cluster.
	g.backendCall()
}

func (g *gateway) unregisterClient(c *client) {
	if g.users.remove(c.user, c.address) {
		g.onlineUsers.Add(-1)
	}
	g.record.online(int(g.conns.Add(-1)))
	if g.isOld() {
		g.backendCall() // The user's status: offline.
	}
	if g.reuse {
		g.pool.Put(c)
	}
}

// checkOlderLogins applies the login policy. The event loop itself kicks: it writes, locks, and sends to unregister.
func (g *gateway) checkOlderLogins(c *client, older []*client) {
	var kicked []*client
	var addresses []string
	for _, old := range older {
		if g.kicks(c.platform, old.platform) {
			kicked = append(kicked, old)
			addresses = append(addresses, old.address)
		}
	}
	if len(kicked) == 0 {
		return
	}
	g.users.remove(c.user, addresses...)
	for _, old := range kicked {
		old.kick()
	}
	g.accounts.keepOnly(login{c.user, c.platform}, c.token)
	if !g.isOld() {
		g.backendCall() // The older tokens are made invalid.
	}
}

// kicks says whether a login on one platform ends another on a second one.
func (g *gateway) kicks(platform, older int) bool {
	switch g.policy {
	case 1:
		return platform == older
	case 4:
		return !g.isOld() && platformClass(platform) == platformClass(older)
	case 5:
		return platform == older && platformClass(platform) != "PC"
	}
	return false
}

// platformClass is that of 3.8; of 3.5 only "PC" is asked for, which is the same.
func platformClass(platform int) string {
	classes := []string{"", "Mobile", "Mobile", "PC", "PC", "Web", "MiniWeb", "PC", "Pad", "Pad", "Admin"}
	if platform < 1 || platform >= len(classes) {
		return ""
	}
	return classes[platform]
}

// forceLogout kicks on behalf of the API, in the caller's goroutine.
func (g *gateway) forceLogout(l login) {
	older, _ := g.users.of(l.user)
	for _, old := range older {
		if old.platform == l.platform {
			g.users.remove(l.user, old.address)
			g.record.add("forced_logouts")
			old.kick()
		}
	}
	if !g.isOld() {
		g.accounts.keepOnly(l, "")
	}
}

// push writes one message to all connections of a user. One who is offline has none, and neither has one whose login the
// event loop has not come to yet, served though it is.
func (g *gateway) push(user string, count string, r *Resp) {
	all, _ := g.users.of(user)
	if len(all) == 0 {
		g.record.add("pushes_to_nobody")
	}
	for _, c := range all {
		// An iOS client in the background is reached by Apple's service instead.
		if c.platform == 1 && c.background.Load() {
			continue
		}
		if c.write(r) == nil {
			g.record.add(count)
		}
	}
}
