package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"
)

// tokenLife is 90 days, tokenPolicy.expire of OpenIM.
const tokenLife = 90 * 24 * time.Hour

// failure is an errCode with its name, and what the answer says besides.
type failure struct {
	code   int
	name   string
	detail string
}

func (f *failure) Error() string { return fmt.Sprintf("%d %s", f.code, f.name) }

func fail(code int, name string) *failure { return &failure{code: code, name: name} }

var (
	errTokenExpired     = fail(1501, "TokenExpiredError")
	errTokenInvalid     = fail(1502, "TokenInvalidError")
	errTokenMalformed   = fail(1503, "TokenMalformedError")
	errTokenNotValidYet = fail(1504, "TokenNotValidYetError")
	errTokenUnknown     = fail(1505, "TokenUnknownError")
	errTokenKicked      = fail(1506, "TokenKickedError")
	errTokenNotExist    = fail(1507, "TokenNotExistError")
	errArgs             = fail(1001, "ArgsError")
	errNoPermission     = fail(1002, "NoPermissionError")
	errNoRecord         = fail(1004, "RecordNotFoundError")
)

// claims are those of OpenIM's tokens; only 3.5 has nbf.
type claims struct {
	UserID     string
	PlatformID int
	Expires    int64 `json:"exp"`
	NotBefore  int64 `json:"nbf,omitempty"`
	IssuedAt   int64 `json:"iat"`
}

// login is what a token is made for.
type login struct {
	user     string
	platform int
}

// accounts are the registered users and the state of their tokens: what OpenIM keeps in its database and in Redis.
type accounts struct {
	version string
	secret  string
	admin   string
	policy  int

	lock   sync.Mutex
	users  map[string]bool
	kicked map[login]map[string]bool
}

func newAccounts(version, secret string, policy int) *accounts {
	a := &accounts{version: version, secret: secret, admin: "imAdmin", policy: policy}
	if version == version351 {
		a.admin = "openIMAdmin"
	}
	a.users = map[string]bool{a.admin: true}
	a.kicked = map[login]map[string]bool{}
	return a
}

func (a *accounts) exists(user string) bool {
	a.lock.Lock()
	defer a.lock.Unlock()
	return a.users[user]
}

// register adds all of them or none.
func (a *accounts) register(users []string) *failure {
	a.lock.Lock()
	defer a.lock.Unlock()
	for _, user := range users {
		if a.users[user] {
			return fail(1102, "RegisteredAlreadyError")
		}
	}
	for _, user := range users {
		a.users[user] = true
	}
	return nil
}

func encodePart(part []byte) string { return base64.RawURLEncoding.EncodeToString(part) }

func (a *accounts) signature(signed string) []byte {
	mac := hmac.New(sha256.New, []byte(a.secret))
	mac.Write([]byte(signed))
	return mac.Sum(nil)
}

// makeToken signs a JWT (RFC 7519) with HS256 and, but for administrators of 3.8, remembers it.
func (a *accounts) makeToken(l login) (string, error) {
	now := time.Now()
	c := claims{UserID: l.user, PlatformID: l.platform, IssuedAt: now.Unix(), Expires: now.Add(tokenLife).Unix()}
	if a.version == version351 {
		c.NotBefore = now.Add(-5 * time.Minute).Unix()
	}
	payload, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	signed := encodePart([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encodePart(payload)
	token := signed + "." + encodePart(a.signature(signed))
	if a.version != version351 && l.user == a.admin {
		return token, nil
	}
	a.lock.Lock()
	defer a.lock.Unlock()
	if a.version != version351 && a.policy == 1 {
		for other := range a.kicked[l] {
			a.kicked[l][other] = true
		}
	}
	if a.kicked[l] == nil {
		a.kicked[l] = map[string]bool{}
	}
	a.kicked[l][token] = false
	return token, nil
}

// check says whose token it is, if it may be used now.
func (a *accounts) check(token string) (claims, *failure) {
	var c claims
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, errTokenMalformed
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(payload, &c) != nil {
		return c, errTokenMalformed
	}
	given, err := base64.RawURLEncoding.DecodeString(parts[2])
	now := time.Now().Unix()
	switch {
	case err != nil || !hmac.Equal(given, a.signature(parts[0]+"."+parts[1])):
		return c, errTokenUnknown
	case c.Expires <= now:
		return c, errTokenExpired
	case c.IssuedAt > now || c.NotBefore > now:
		return c, errTokenNotValidYet
	case a.version != version351 && c.UserID == a.admin:
		return c, nil
	}
	a.lock.Lock()
	defer a.lock.Unlock()
	kicked, known := a.kicked[login{c.UserID, c.PlatformID}][token]
	if !known {
		return c, errTokenNotExist
	}
	if kicked {
		return c, errTokenKicked
	}
	return c, nil
}

// keepOnly spoils all tokens of a login but this one; none is kept for "".
func (a *accounts) keepOnly(l login, token string) {
	a.lock.Lock()
	defer a.lock.Unlock()
	for other := range a.kicked[l] {
		if other != token {
			a.kicked[l][other] = true
		}
	}
}
