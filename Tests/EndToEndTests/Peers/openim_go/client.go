package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// client is one connection. The object comes from a pool and is used again when the event loop has removed it.
type client struct {
	gateway  *gateway
	conn     *websocket.Conn
	address  string
	user     string
	platform int
	token    string
	codec    codec

	// writes guards the socket, and the end of the connection. A client that is used again gets a new one.
	writes *sync.Mutex
	closed atomic.Bool
	// background is what the client has said of itself (2004).
	background atomic.Bool
}

func (c *client) reset(g *gateway, conn *websocket.Conn, l login, token string, codec codec) {
	c.gateway, c.conn, c.user, c.platform, c.token, c.codec = g, conn, l.user, l.platform, token, codec
	c.address = conn.RemoteAddr().String()
	c.writes = new(sync.Mutex)
	c.closed.Store(false)
	c.background.Store(false)
}

// close ends the connection and tells the event loop, waiting for a place in its queue with the lock held. 3.5 looks
// whether that is done already before it takes the lock, 3.8 behind it.
func (c *client) close() {
	if c.gateway.isOld() && c.closed.Load() {
		return
	}
	writes := c.writes
	writes.Lock()
	defer writes.Unlock()
	if !c.gateway.isOld() && c.closed.Load() {
		return
	}
	c.closed.Store(true)
	c.conn.Close()
	c.gateway.unregister <- c
}

// kick ends a connection in favour of a newer login.
func (c *client) kick() {
	if c.write(&Resp{ReqIdentifier: opKick}) == nil && !c.closed.Load() {
		c.gateway.record.add("kicks")
	}
	c.close()
}

// write sends a frame; to a connection that has ended, none.
func (c *client) write(r *Resp) error {
	if c.closed.Load() {
		return net.ErrClosed
	}
	frame, err := c.codec.encode(r)
	if err != nil {
		return err
	}
	return c.writeFrame(websocket.BinaryMessage, frame)
}

func (c *client) writeFrame(opcode int, payload []byte) error {
	writes := c.writes
	writes.Lock()
	defer writes.Unlock()
	if err := c.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	return c.conn.WriteMessage(opcode, payload)
}

func (c *client) extendDeadline() error {
	return c.conn.SetReadDeadline(time.Now().Add(c.gateway.readDeadline))
}

// readMessages is the connection's goroutine: one request at a time, answered before the next is read.
func (c *client) readMessages() {
	defer c.close()
	record := c.gateway.record
	c.conn.SetReadLimit(readLimit)
	c.conn.SetPingHandler(func(payload string) error {
		record.add("pings")
		if err := c.extendDeadline(); err != nil {
			return err
		}
		if c.gateway.isOld() {
			payload = ""
		}
		return c.writeFrame(websocket.PongMessage, []byte(payload))
	})
	if !c.gateway.isOld() {
		c.conn.SetPongHandler(func(string) error { return c.extendDeadline() })
		if c.platform == 5 {
			done := make(chan struct{})
			defer close(done)
			go c.sendPings(done)
		}
	}
	if c.extendDeadline() != nil {
		return
	}
	for {
		opcode, frame, err := c.conn.ReadMessage()
		if err != nil {
			c.recordEnd(err)
			return
		}
		if reason := c.handle(opcode, frame); reason != "" {
			record.addTo("server_ended", reason)
			return
		}
	}
}

// recordEnd counts how a connection ended; one that was kicked is counted where it was kicked.
func (c *client) recordEnd(err error) {
	record := c.gateway.record
	var closing *websocket.CloseError
	switch {
	case c.closed.Load():
	case errors.Is(err, websocket.ErrReadLimit):
		record.addTo("server_ended", "too_long")
	case errors.As(err, &closing) && closing.Code != websocket.CloseAbnormalClosure:
		record.add("closes_received")
	default:
		var failed net.Error
		if errors.As(err, &failed) && failed.Timeout() {
			record.addTo("server_ended", "silence")
		} else {
			record.add("client_ended")
		}
	}
}

// handle serves one frame and names the reason, if any, to end the connection without another word.
func (c *client) handle(opcode int, frame []byte) (reason string) {
	if opcode == websocket.TextMessage {
		return c.handleText(frame)
	}
	if c.extendDeadline() != nil {
		return "deadline"
	}
	request, err := c.codec.decode(frame)
	if err != nil {
		return "undecodable"
	}
	if request.SendID != c.user {
		return "send_id"
	}
	c.gateway.record.addTo("requests", request.ReqIdentifier)
	return c.gateway.messages.serve(c, request)
}

// handleText answers 3.8's pings in JSON, meant for browsers.
func (c *client) handleText(frame []byte) (reason string) {
	var message struct {
		Type string          `json:"type"`
		Body json.RawMessage `json:"body"`
	}
	if c.gateway.isOld() || json.Unmarshal(frame, &message) != nil || c.extendDeadline() != nil {
		return "text"
	}
	switch message.Type {
	case "pong":
		return ""
	case "ping":
		c.gateway.record.add("text_pings")
		message.Type = "pong"
		answer, err := json.Marshal(message)
		if err != nil || c.writeFrame(websocket.TextMessage, bytes.TrimSpace(answer)) != nil {
			return "text"
		}
		return ""
	}
	return "text"
}

// sendPings is for browsers, which cannot send any.
func (c *client) sendPings(done chan struct{}) {
	ticker := time.NewTicker(c.gateway.readDeadline * 9 / 10)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
			if c.writeFrame(websocket.PingMessage, nil) != nil {
				return
			}
			c.gateway.record.add("server_pings")
		}
	}
}
