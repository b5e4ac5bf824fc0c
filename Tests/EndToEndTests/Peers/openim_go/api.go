package main

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// platformNames are OpenIM's, by platform ID less one.
var platformNames = []string{
	"IOS", "Android", "Windows", "OSX", "Web", "MiniWeb", "Linux", "APad", "IPad", "Admin",
}

// allowed3_8 is what 3.8 takes for a user ID.
var allowed3_8 = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

// api is OpenIM's REST API as far as accounts, tokens and who is online.
type api struct {
	gateway  *gateway
	accounts *accounts
	record   *record
}

// apiRequest has the keys of all bodies.
type apiRequest struct {
	Secret     string   `json:"secret"`
	UserID     string   `json:"userID"`
	PlatformID int      `json:"platformID"`
	Token      string   `json:"token"`
	UserIDs    []string `json:"userIDs"`
	CheckIDs   []string `json:"checkUserIDs"`
	Users      []struct {
		UserID   string `json:"userID"`
		Nickname string `json:"nickname"`
	} `json:"users"`
}

// route is a call and whose token it needs.
type route struct {
	needsAdmin bool
	answer     func(*api, *apiRequest) (any, *failure)
}

func (a *api) routes() map[string]route {
	routes := map[string]route{
		"/auth/parse_token":             {false, (*api).parseToken},
		"/auth/force_logout":            {true, (*api).forceLogout},
		"/user/account_check":           {true, (*api).accountCheck},
		"/user/get_users_online_status": {true, (*api).onlineStatus},
		"/user/get_users_status":        {false, (*api).usersStatus},
	}
	if a.gateway.isOld() {
		routes["/user/user_register"] = route{false, (*api).registerUsers}
		routes["/auth/user_token"] = route{false, (*api).userToken}
	} else {
		routes["/user/user_register"] = route{true, (*api).registerUsers}
		routes["/auth/get_admin_token"] = route{false, (*api).adminToken}
		routes["/auth/get_user_token"] = route{true, (*api).userToken}
	}
	return routes
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	route, known := a.routes()[r.URL.Path]
	if !known || r.Method != http.MethodPost {
		http.Error(w, "404 page not found", http.StatusNotFound)
		return
	}
	a.record.addTo("api_calls", r.URL.Path)
	data, f, status := a.answer(route, r)
	if f != nil {
		a.record.addTo("api_errors", f.code)
		writeJSON(w, status, envelope{ErrCode: f.code, ErrMsg: f.name, ErrDlt: f.Error()})
		return
	}
	writeJSON(w, status, envelope{Data: data})
}

func (a *api) answer(route route, r *http.Request) (any, *failure, int) {
	if r.Header.Get("operationID") == "" {
		return nil, errArgs, http.StatusOK
	}
	if route.needsAdmin {
		token := r.Header.Get("token")
		if token == "" {
			return nil, errArgs, http.StatusOK
		}
		c, f := a.accounts.check(token)
		if f != nil {
			if a.gateway.isOld() {
				f = errTokenUnknown
			}
			return nil, f, http.StatusOK
		}
		if c.UserID != a.accounts.admin {
			return nil, errNoPermission, http.StatusOK
		}
	}
	var request apiRequest
	text, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(text, &request) != nil {
		status := http.StatusOK
		if a.gateway.isOld() {
			status = http.StatusBadRequest
		}
		return nil, errArgs, status
	}
	data, f := route.answer(a, &request)
	return data, f, http.StatusOK
}

func (a *api) adminToken(r *apiRequest) (any, *failure) {
	if r.Secret != a.accounts.secret {
		return nil, errNoPermission
	}
	if r.UserID != a.accounts.admin {
		return nil, errArgs
	}
	return a.newToken(login{r.UserID, 10})
}

// userToken is the call of both versions: 3.5 wants the secret, 3.8 the administrator's token.
func (a *api) userToken(r *apiRequest) (any, *failure) {
	switch {
	case a.gateway.isOld() && r.Secret != a.accounts.secret:
		return nil, errNoPermission
	case !a.gateway.isOld() && (r.PlatformID == 10 || r.UserID == a.accounts.admin):
		return nil, errNoPermission
	case r.PlatformID < 1 || r.PlatformID > 10:
		return nil, errArgs
	case !a.accounts.exists(r.UserID):
		return nil, errNoRecord
	}
	return a.newToken(login{r.UserID, r.PlatformID})
}

func (a *api) newToken(l login) (any, *failure) {
	token, err := a.accounts.makeToken(l)
	if err != nil {
		return nil, fail(500, err.Error())
	}
	a.record.add("tokens_made")
	return map[string]any{"token": token, "expireTimeSeconds": int64(tokenLife.Seconds())}, nil
}

func (a *api) parseToken(r *apiRequest) (any, *failure) {
	c, f := a.accounts.check(r.Token)
	if f != nil {
		return nil, f
	}
	answer := map[string]any{"userID": c.UserID, "expireTimeSeconds": c.Expires - c.IssuedAt}
	a.addPlatform(answer, c.PlatformID)
	return answer, nil
}

// addPlatform writes a platform as the version does.
func (a *api) addPlatform(answer map[string]any, platform int) {
	if !a.gateway.isOld() {
		answer["platformID"] = platform
	} else if platform >= 1 && platform <= len(platformNames) {
		answer["platform"] = platformNames[platform-1]
	}
}

func (a *api) registerUsers(r *apiRequest) (any, *failure) {
	if a.gateway.isOld() && r.Secret != a.accounts.secret {
		return nil, errNoPermission
	}
	var names []string
	for _, user := range r.Users {
		bad := user.UserID == "" || strings.Contains(user.UserID, ":") || user.Nickname == ""
		if bad || contains(names, user.UserID) || !a.gateway.isOld() && !allowed3_8.MatchString(user.UserID) {
			return nil, errArgs
		}
		names = append(names, user.UserID)
	}
	if len(names) == 0 {
		return nil, errArgs
	}
	if f := a.accounts.register(names); f != nil {
		return nil, f
	}
	for range names {
		a.record.add("users_registered")
	}
	return nil, nil
}

func (a *api) forceLogout(r *apiRequest) (any, *failure) {
	if r.PlatformID < 1 || r.PlatformID > 10 {
		return nil, errArgs
	}
	a.gateway.forceLogout(login{r.UserID, r.PlatformID})
	return nil, nil
}

func (a *api) accountCheck(r *apiRequest) (any, *failure) {
	var results []map[string]any
	for i, user := range r.CheckIDs {
		if contains(r.CheckIDs[:i], user) {
			return nil, errArgs
		}
		status := a.word(a.accounts.exists(user), "unregistered", "registered")
		results = append(results, map[string]any{"userID": user, "accountStatus": status})
	}
	return map[string]any{"results": results}, nil
}

// onlineStatus asks the gateway's map: who is in it has been registered by the event loop.
func (a *api) onlineStatus(r *apiRequest) (any, *failure) {
	var answer []map[string]any
	for _, user := range r.UserIDs {
		all, _ := a.gateway.users.of(user)
		one := map[string]any{"userID": user, "status": a.word(len(all) > 0, "offline", "online")}
		var details []map[string]any
		for _, c := range all {
			detail := map[string]any{"connID": c.address, "isBackground": false, "token": c.token}
			a.addPlatform(detail, c.platform)
			details = append(details, detail)
		}
		if details != nil {
			one["detailPlatformStatus"] = details
		}
		answer = append(answer, one)
	}
	return answer, nil
}

// usersStatus says where users are online, for whoever has a token.
func (a *api) usersStatus(r *apiRequest) (any, *failure) {
	list := []map[string]any{}
	for _, user := range r.UserIDs {
		all, _ := a.gateway.users.of(user)
		status, platforms := 0, []int{}
		for _, c := range all {
			status = 1
			platforms = append(platforms, int(c.platform))
		}
		list = append(list, map[string]any{"userID": user, "status": status, "platformIDs": platforms})
	}
	return map[string]any{"statusList": list}, nil
}

// word is how a version says no and yes.
func (a *api) word(is bool, no, yes string) any {
	switch {
	case a.gateway.isOld() && is:
		return yes
	case a.gateway.isOld():
		return no
	case is:
		return 1
	}
	return 0
}
