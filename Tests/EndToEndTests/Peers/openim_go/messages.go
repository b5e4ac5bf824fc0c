package main

import (
	"crypto/rand"
	"encoding/hex"
	"hash/fnv"
	"sort"
	"sync"
	"time"
)

const (
	// keptMessages of each conversation can be pulled.
	keptMessages = 200
	pushWorkers  = 8
)

// messages is the service behind the gateway: it numbers and keeps what is sent, and has it pushed.
type messages struct {
	gateway *gateway
	lock    sync.Mutex
	byUser  map[string]map[string]*conversation
	queues  [pushWorkers]chan push
}

// conversation holds the last messages; newest is the number of the last one.
type conversation struct {
	newest int64
	kept   [][]byte
}

// push is one message on its way to the receiver and to the sender's own connections.
type push struct {
	sender, receiver string
	response         *Resp
}

func newMessages(g *gateway) *messages {
	m := &messages{gateway: g, byUser: map[string]map[string]*conversation{}}
	for i := range m.queues {
		m.queues[i] = make(chan push, 16384)
		go m.deliver(m.queues[i])
	}
	return m
}

// deliver keeps the order of a receiver's messages.
func (m *messages) deliver(queue chan push) {
	for p := range queue {
		m.gateway.push(p.receiver, "pushes", p.response)
		if p.sender != "" {
			m.gateway.push(p.sender, "own_pushes", p.response)
		}
	}
}

// serve answers one request and names the reason, if any, to end the connection.
func (m *messages) serve(c *client, r *Req) (reason string) {
	var data []byte
	var f *failure
	switch r.ReqIdentifier {
	case opNewestSeq:
		data, f = m.newestSeqs(c, r)
	case opPullRange:
		data, f = m.pull(c, r)
	case opSend:
		data, f = m.send(c, r)
	case opSignal:
		f = errArgs
	case opLogout:
		_, f = parsed(r)
	case opBackground:
		var fields []field
		if fields, f = parsed(r); f == nil {
			c.background.Store(number(fields, 2) != 0)
		}
	case opSubscribe:
		if c.gateway.isOld() {
			return "unknown_identifier"
		}
		data, f = m.subscribed(r)
	default:
		return "unknown_identifier"
	}
	answer := &Resp{ReqIdentifier: r.ReqIdentifier, MsgIncr: r.MsgIncr, OperationID: r.OperationID, Data: data}
	if f != nil {
		m.gateway.record.add("errors")
		answer.ErrCode, answer.ErrMsg, answer.Data = f.code, f.name, nil
	}
	if c.write(answer) == nil && f == nil {
		switch r.ReqIdentifier {
		case opSend:
			m.gateway.record.add("acks")
		case opLogout:
			m.gateway.record.add("logouts")
		}
	}
	if r.ReqIdentifier == opLogout && f == nil {
		return "logout"
	}
	return ""
}

// parsed checks what every operation needs.
func parsed(r *Req) ([]field, *failure) {
	if r.OperationID == "" {
		if r.ReqIdentifier == opNewestSeq || r.ReqIdentifier == opSend {
			return nil, fail(3, "operationID error")
		}
		return nil, fail(500, "operationID is empty")
	}
	fields, err := parse(r.Data)
	if err != nil {
		return nil, fail(500, "proto: cannot parse invalid wire-format data")
	}
	return fields, nil
}

// newestSeqs answers GetMaxSeqReq {1: userID} with GetMaxSeqResp {1: map of conversation to number}.
func (m *messages) newestSeqs(c *client, r *Req) ([]byte, *failure) {
	fields, f := parsed(r)
	if f != nil {
		return nil, f
	}
	if user, err := text(fields, 1); err != nil || user != c.user {
		return nil, errNoPermission
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	var answer body
	for name, found := range m.byUser[c.user] {
		answer = answer.message(1, body{}.text(1, name).varint(2, found.newest))
	}
	return answer, nil
}

// pull answers PullMessageBySeqsReq {1: userID, 2: ranges {1: conversation, 2: begin, 3: end, 4: most}}.
func (m *messages) pull(c *client, r *Req) ([]byte, *failure) {
	fields, f := parsed(r)
	if f != nil {
		return nil, f
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	var answer body
	for _, each := range fields {
		if each.id != 2 || each.wire != wireBytes {
			continue
		}
		wanted, err := parse(each.bytes)
		if err != nil {
			return nil, fail(500, "proto: cannot parse invalid wire-format data")
		}
		name, err := text(wanted, 1)
		found := m.byUser[c.user][name]
		if err != nil || found == nil {
			continue
		}
		begin, end, most := number(wanted, 2), number(wanted, 3), number(wanted, 4)
		var list body
		first := found.newest - int64(len(found.kept)) + 1
		for i, message := range found.kept {
			seq := first + int64(i)
			if seq >= begin && seq <= end && (most == 0 || seq < begin+most) {
				list = list.message(1, message)
			}
		}
		answer = answer.message(1, body{}.text(1, name).bytes(2, list.varint(2, 1)))
	}
	return answer, nil
}

// subscribed answers SubUserOnlineStatus {1: users} with their platforms of this moment.
func (m *messages) subscribed(r *Req) ([]byte, *failure) {
	fields, f := parsed(r)
	if f != nil {
		return nil, f
	}
	var answer body
	for _, each := range fields {
		if each.id != 1 || each.wire != wireBytes {
			continue
		}
		var platforms body
		all, _ := m.gateway.users.of(string(each.bytes))
		for _, c := range all {
			platforms = append(platforms, byte(c.platform))
		}
		answer = answer.message(1, body{}.text(1, string(each.bytes)).bytes(2, platforms))
	}
	return answer, nil
}

// send takes a MsgData, gives it a number, and answers SendMsgResp {1: serverMsgID, 2: clientMsgID, 3: sendTime}.
func (m *messages) send(c *client, r *Req) ([]byte, *failure) {
	fields, f := parsed(r)
	if f != nil {
		return nil, f
	}
	m.gateway.record.add("messages")
	sender, err1 := text(fields, 1)
	receiver, err2 := text(fields, 2)
	clientMsgID, err3 := text(fields, 4)
	content, err4 := text(fields, 12)
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil {
		return nil, fail(500, "proto: cannot parse invalid wire-format data")
	}
	if sender == "" || content == "" || number(fields, 9) != 1 {
		return nil, errArgs
	}
	if !m.gateway.accounts.exists(receiver) {
		return nil, errNoRecord
	}
	var random [16]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, fail(500, err.Error())
	}
	serverMsgID, now := hex.EncodeToString(random[:]), time.Now().UnixMilli()

	name := conversationOf(sender, receiver)
	sendTime := number(fields, 15)
	if sendTime == 0 {
		sendTime = now
	}
	m.lock.Lock()
	found := m.conversation(name, sender, receiver)
	found.newest++
	message := stamped(fields, serverMsgID, found.newest, sendTime)
	if found.kept = append(found.kept, message); len(found.kept) > keptMessages {
		found.kept = found.kept[1:]
	}
	p := push{receiver: receiver, response: &Resp{
		ReqIdentifier: opPush, OperationID: r.OperationID,
		// PushMessages {1: map of conversation to PullMsgs {1: messages}}
		Data: body{}.message(1, body{}.text(1, name).message(2, body{}.message(1, message))),
	}}
	if sender != receiver && wantsSync(fields) {
		p.sender = sender
	}
	// 3.5 pushes nothing that is old when its turn comes.
	if !m.gateway.isOld() || now-sendTime <= 10_000 {
		hash := fnv.New32a()
		hash.Write([]byte(receiver))
		m.queues[hash.Sum32()%pushWorkers] <- p
	}
	m.lock.Unlock()
	return body{}.text(1, serverMsgID).text(2, clientMsgID).varint(3, sendTime), nil
}

// stamped is the MsgData of these fields with what the server adds: 5 its ID, 14 its number, 15 its time (ms).
func stamped(fields []field, serverMsgID string, seq, sendTime int64) body {
	own := []field{
		{id: 5, wire: wireBytes, bytes: []byte(serverMsgID)},
		{id: 14, wire: wireVarint, number: seq},
		{id: 15, wire: wireVarint, number: sendTime},
	}
	for _, each := range fields {
		if each.id != 5 && each.id != 14 && each.id != 15 {
			own = append(own, each)
		}
	}
	// Protobuf asks for no order; OpenIM's library writes by number.
	sort.SliceStable(own, func(i, j int) bool { return own[i].id < own[j].id })
	var message body
	for _, each := range own {
		switch each.wire {
		case wireVarint:
			message = message.varint(each.id, each.number)
		case wireBytes:
			message = message.message(each.id, each.bytes)
		}
	}
	return message
}

func conversationOf(a, b string) string {
	if a > b {
		a, b = b, a
	}
	return "si_" + a + "_" + b
}

func (m *messages) conversation(name string, users ...string) *conversation {
	found := m.byUser[users[0]][name]
	if found == nil {
		found = &conversation{}
	}
	for _, user := range users {
		if m.byUser[user] == nil {
			m.byUser[user] = map[string]*conversation{}
		}
		m.byUser[user][name] = found
	}
	return found
}

// wantsSync is the option senderSync of a MsgData {19: map of option to bool}; true unless said.
func wantsSync(fields []field) bool {
	for _, each := range fields {
		if each.id != 19 {
			continue
		}
		option, err := parse(each.bytes)
		if err != nil {
			continue
		}
		if name, _ := text(option, 1); name == "senderSync" && number(option, 2) == 0 {
			return false
		}
	}
	return true
}
