package main

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Opcodes and limits of RFC 6455, sections 5.2 and 5.5.
const (
	opText       = 1
	opClose      = 8
	opPing       = 9
	opPong       = 10
	maxPayload   = 1 << 20
	writeTimeout = 5 * time.Second
)

// session is one connection of an account.
type session struct {
	hub     *hub
	account string
	conn    net.Conn
	reader  *bufio.Reader
	writes  sync.Mutex
	once    sync.Once
	closed  atomic.Bool
}

// serveClient answers the opening handshake (RFC 6455, section 4.2.2), then waits for a place in the register channel.
func (h *hub) serveClient(w http.ResponseWriter, r *http.Request) {
	key := r.Header.Get("Sec-WebSocket-Key")
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") || key == "" {
		http.Error(w, "a WebSocket upgrade is wanted", http.StatusUpgradeRequired)
		return
	}
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		http.Error(w, "no such connection", http.StatusInternalServerError)
		return
	}
	conn, buffered, err := hijacker.Hijack()
	if err != nil {
		return
	}
	digest := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: " + base64.StdEncoding.EncodeToString(digest[:]) + "\r\n\r\n"
	if _, err := conn.Write([]byte(answer)); err != nil {
		conn.Close()
		return
	}
	s := &session{hub: h, account: r.URL.Query().Get("account"), conn: conn, reader: buffered.Reader}
	h.register <- s
	go s.readMessages()
}

// readMessages echoes until the connection ends.
func (s *session) readMessages() {
	defer s.close()
	for {
		opcode, payload, err := s.readFrame()
		if err != nil {
			return
		}
		switch opcode {
		case opText:
			err = s.writeFrame(opText, payload)
		case opPing:
			err = s.writeFrame(opPong, payload)
		case opClose:
			if len(payload) > 2 {
				payload = payload[:2]
			}
			s.writeFrame(opClose, payload)
			return
		}
		if err != nil {
			return
		}
	}
}

// close ends the connection and tells the hub, once. sync.Once lets a second caller wait until the first is done.
func (s *session) close() {
	if s.hub.lock {
		s.once.Do(s.leave)
	} else if s.closed.CompareAndSwap(false, true) {
		s.leave()
	}
}

func (s *session) leave() {
	s.conn.Close()
	s.hub.unregister <- s
}

// readFrame reads one masked frame (RFC 6455, section 5.2).
func (s *session) readFrame() (opcode byte, payload []byte, err error) {
	var head [2]byte
	if _, err = io.ReadFull(s.reader, head[:]); err != nil {
		return 0, nil, err
	}
	length := uint64(head[1] & 0x7f)
	if length >= 126 {
		extended := make([]byte, 8)
		size := 2
		if length == 127 {
			size = 8
		}
		if _, err = io.ReadFull(s.reader, extended[8-size:]); err != nil {
			return 0, nil, err
		}
		length = binary.BigEndian.Uint64(extended)
	}
	if length > maxPayload || head[1]&0x80 == 0 {
		return 0, nil, io.ErrUnexpectedEOF
	}
	var mask [4]byte
	if _, err = io.ReadFull(s.reader, mask[:]); err != nil {
		return 0, nil, err
	}
	payload = make([]byte, length)
	if _, err = io.ReadFull(s.reader, payload); err != nil {
		return 0, nil, err
	}
	for i := range payload {
		payload[i] ^= mask[i%4]
	}
	return head[0] & 0x0f, payload, nil
}

func (s *session) writeFrame(opcode byte, payload []byte) error {
	frame := []byte{0x80 | opcode}
	switch {
	case len(payload) < 126:
		frame = append(frame, byte(len(payload)))
	case len(payload) < 1<<16:
		frame = append(frame, 126)
		frame = binary.BigEndian.AppendUint16(frame, uint16(len(payload)))
	default:
		frame = append(frame, 127)
		frame = binary.BigEndian.AppendUint64(frame, uint64(len(payload)))
	}
	s.writes.Lock()
	defer s.writes.Unlock()
	s.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	_, err := s.conn.Write(append(frame, payload...))
	return err
}

func (s *session) writeClose(code uint16) {
	s.writeFrame(opClose, binary.BigEndian.AppendUint16(nil, code))
}
