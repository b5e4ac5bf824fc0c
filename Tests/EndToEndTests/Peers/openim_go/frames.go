package main

import (
	"bytes"
	"compress/gzip"
	"encoding/gob"
	"encoding/json"
	"io"
)

// Operations of a frame. Requests, and frames that the server begins.
const (
	opNewestSeq  = 1001
	opPullRange  = 1002
	opSend       = 1003
	opSignal     = 1004
	opPush       = 2001
	opKick       = 2002
	opLogout     = 2003
	opBackground = 2004
	opSubscribe  = 2005
)

// Req is what a client sends; gob matches the fields by these names.
type Req struct {
	ReqIdentifier int32  `json:"reqIdentifier"`
	Token         string `json:"token"`
	SendID        string `json:"sendID"`
	OperationID   string `json:"operationID"`
	MsgIncr       string `json:"msgIncr"`
	Data          []byte `json:"data"`
}

// Resp is what the server sends, asked or not.
type Resp struct {
	ReqIdentifier int32  `json:"reqIdentifier"`
	MsgIncr       string `json:"msgIncr"`
	OperationID   string `json:"operationID"`
	ErrCode       int    `json:"errCode"`
	ErrMsg        string `json:"errMsg"`
	Data          []byte `json:"data"`
}

// codec is how a connection's frames are written. Each frame stands alone: a fresh encoder, and gob's type definition with it.
type codec struct {
	json bool
	gzip bool
}

func (c codec) encode(r *Resp) ([]byte, error) {
	var plain bytes.Buffer
	if c.json {
		text, err := json.Marshal(r)
		if err != nil {
			return nil, err
		}
		plain.Write(text)
	} else if err := gob.NewEncoder(&plain).Encode(r); err != nil {
		return nil, err
	}
	if !c.gzip {
		return plain.Bytes(), nil
	}
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write(plain.Bytes()); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

func (c codec) decode(frame []byte) (*Req, error) {
	if c.gzip {
		reader, err := gzip.NewReader(bytes.NewReader(frame))
		if err != nil {
			return nil, err
		}
		if frame, err = io.ReadAll(reader); err != nil {
			return nil, err
		}
	}
	var r Req
	if c.json {
		return &r, json.Unmarshal(frame, &r)
	}
	return &r, gob.NewDecoder(bytes.NewReader(frame)).Decode(&r)
}
