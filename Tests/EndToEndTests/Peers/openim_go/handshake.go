package main

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/gorilla/websocket"
)

var (
	errTooMany   = fail(1601, "ConnOverMaxNumLimit")
	errConnArgs  = fail(1602, "args err, need token, sendID, platformID")
	errorHandler = func(w http.ResponseWriter, _ *http.Request, status int, _ error) {
		w.Header().Set("Sec-Websocket-Version", "13")
		http.Error(w, http.StatusText(status), status)
	}
	upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }, Error: errorHandler}
)

// envelope wraps every JSON answer, of the API and of refused handshakes.
type envelope struct {
	ErrCode int    `json:"errCode"`
	ErrMsg  string `json:"errMsg"`
	ErrDlt  string `json:"errDlt"`
	Data    any    `json:"data,omitempty"`
}

func writeJSON(w http.ResponseWriter, status int, e envelope) {
	text, err := json.Marshal(e)
	if err != nil {
		status, text = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	w.Write(text)
}

// refusal is what a client reads, which only 3.5 repeats in errDlt.
func (g *gateway) refusal(f *failure) envelope {
	e := envelope{ErrCode: f.code, ErrMsg: f.name}
	switch {
	case !g.isOld():
	case f == errTokenKicked:
		e.ErrDlt = ": " + f.Error()
	default:
		e.ErrDlt = f.Error()
	}
	return e
}

func (g *gateway) refuse(w http.ResponseWriter, f *failure) {
	g.record.addTo("refused", f.code)
	writeJSON(w, http.StatusOK, g.refusal(f))
}

// serveClient checks, upgrades, and hands the connection to the event loop: the 101 is long sent when there is no place.
func (g *gateway) serveClient(w http.ResponseWriter, r *http.Request) {
	if g.conns.Load() >= g.mostConns {
		g.refuse(w, errTooMany)
		return
	}
	query := r.URL.Query()
	token := query.Get("token")
	l := login{user: query.Get("sendID")}
	var err error
	l.platform, err = strconv.Atoi(query.Get("platformID"))
	sdk := query.Get("sdkType")
	if token == "" || l.user == "" || err != nil || !g.isOld() && sdk != "" && sdk != "go" && sdk != "js" {
		g.refuse(w, errConnArgs)
		return
	}
	wantsFirst := false
	if !g.isOld() {
		// What is no bool is false.
		wantsFirst, _ = strconv.ParseBool(query.Get("isMsgResp"))
	}
	if f := g.checkToken(token, l); f != nil {
		if wantsFirst && f != errTokenInvalid {
			g.refuseBehindUpgrade(w, r, f)
		} else {
			g.refuse(w, f)
		}
		return
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		if g.isOld() {
			// 3.5 answers twice; net/http ignores the second status, and the body grows.
			text, _ := json.Marshal(envelope{ErrCode: 500, ErrMsg: err.Error()})
			w.Write(text)
		}
		return
	}
	g.record.add("handshakes")
	if wantsFirst && writeFirst(conn, envelope{}) != nil {
		conn.Close()
		return
	}
	packed := query.Get("compression") == "gzip" || r.Header.Get("compression") == "gzip"
	c := g.newClient()
	c.reset(g, conn, l, token, codec{json: !g.isOld() && sdk == "js", gzip: packed})
	g.register <- c
	go c.readMessages()
}

func (g *gateway) newClient() *client {
	if g.reuse {
		return g.pool.Get().(*client)
	}
	return new(client)
}

func (g *gateway) checkToken(token string, l login) *failure {
	c, f := g.accounts.check(token)
	// 3.5 knows whose token it is before it looks the token up.
	belongs := c.UserID == l.user && c.PlatformID == l.platform
	looked := f == nil || f == errTokenKicked || f == errTokenNotExist
	if !belongs && (f == nil || g.isOld() && looked) {
		return errTokenInvalid
	}
	return f
}

// refuseBehindUpgrade tells a browser, which cannot read the body of a refused upgrade.
func (g *gateway) refuseBehindUpgrade(w http.ResponseWriter, r *http.Request, f *failure) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	g.record.addTo("refused", f.code)
	// It is told and then gone, whether it could be told or not.
	_ = writeFirst(conn, g.refusal(f))
	conn.Close()
}

func writeFirst(conn *websocket.Conn, e envelope) error {
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return conn.WriteMessage(websocket.TextMessage, text)
}
